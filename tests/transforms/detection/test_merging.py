import random

from claims import DAY, article, claim

from transforms.detection.merging import merge_candidates


def merge(detector, candidates, text, title="", published=DAY):
    return merge_candidates(candidates, article(text, title, published), detector.lexicon.lexicon)


def test_one_event_for_each_combination_with_all_its_evidence(parse, detector):
    text = "Norway backs Ukraine's entry into NATO. Oslo has long backed it. Norway backs it."
    first, second, third = parse(text)
    found = merge(
        detector,
        [claim(p, w, "NOR") for p, w in ((third, "backs"), (first, "backs"), (second, "backed"))],
        text,
    )
    assert len(found) == 1
    assert [text[e.start : e.end] for e in found[0].evidence] == [
        p.sentence.text for p in (first, second, third)
    ]
    assert [e.text for e in found[0].evidence] == [p.sentence.text for p in (first, second, third)]


def test_the_more_concrete_act_takes_the_general_one(parse, detector):
    title, text = "Norway backs Ukraine's bid", "Norway signed a declaration that backs it."
    headline, lead = parse(text, title)
    found = merge(
        detector, [claim(headline, "backs", "NOR"), claim(lead, "signed", "NOR", kind="sign")], text, title
    )
    assert [(e.kind, [span.field for span in e.evidence]) for e in found] == [("sign", ["title", "text"])]


def test_a_refusal_and_a_gift_stay_two_events(parse, detector):
    text = "Norway sends shells and refuses jets."
    (parsed,) = parse(text)
    given = claim(parsed, "sends", "NOR", kind="provide_aid", object="military_aid")
    refused = claim(parsed, "refuses", "NOR", kind="oppose", object="military_aid")
    assert {e.kind for e in merge(detector, [given, refused], text)} == {"provide_aid", "oppose"}


def test_who_act_together_are_one_event(parse, detector):
    text = "Norway and Denmark back Ukraine and Georgia."
    (parsed,) = parse(text)
    found = merge(
        detector, [claim(parsed, "back", a, g) for a in ("NOR", "DNK") for g in ("UKR", "GEO")], text
    )
    assert [(e.actors, e.beneficiaries) for e in found] == [(("DNK", "NOR"), ("GEO", "UKR"))]


def test_joint_applicants_each_apply_for_themselves(parse, detector):
    text = "Finland and Sweden applied to join NATO."
    (parsed,) = parse(text)
    found = merge(detector, [claim(parsed, "applied", c, c, kind="apply") for c in ("FIN", "SWE")], text)
    assert {(e.actors, e.beneficiaries) for e in found} == {(("FIN",), ("FIN",)), (("SWE",), ("SWE",))}


def test_a_part_is_absorbed_by_the_whole(parse, detector):
    text = "Norway backs Finland and Sweden. Norway backs Finland."
    both, one = parse(text)
    found = merge(detector, [claim(one, "backs", "NOR", "FIN"), claim(both, "backs", "NOR", "FIN SWE")], text)
    assert [(e.beneficiaries, len(e.evidence)) for e in found] == [(("FIN", "SWE"), 2)]


def test_different_sentences_are_not_joined(parse, detector):
    text = "Norway backs Ukraine's entry. Denmark backs Ukraine's entry."
    first, second = parse(text)
    assert len(merge(detector, [claim(first, "backs", "NOR"), claim(second, "backs", "DNK")], text)) == 2


def test_the_condition_of_the_next_sentence_is_evidence(parse, detector):
    text = "The bloc backs talks with Ukraine. However, Ukraine must first mend its courts."
    found = merge(detector, [claim(parse(text)[0], "backs", "EU", alliance="EU")], text)
    assert found[0].condition == "Ukraine must first mend its courts"
    assert found[0].stance == "conditional"
    assert len(found[0].evidence) == 2


def test_a_condition_told_with_its_act_is_no_event(parse, detector):
    text = "Norway backs Ukraine's entry as soon as conditions are met."
    (parsed,) = parse(text)
    found = merge(
        detector, [claim(parsed, "backs", "NOR"), claim(parsed, "conditions", "NOR", kind="condition")], text
    )
    assert [(e.kind, e.stance) for e in found] == [("endorse", "conditional")]


def test_the_firmest_reading_decides(parse, detector):
    title, text = "Norway could back Ukraine", "Norway backs Ukraine's entry into NATO."
    headline, lead = parse(text, title)
    found = merge(
        detector,
        [claim(headline, "back", "NOR", factuality="possible"), claim(lead, "backs", "NOR")],
        text,
        title,
    )
    assert [e.factuality for e in found] == ["asserted"]


def test_history_is_left_out(parse, detector):
    text = "Norway backed Greece's entry into NATO in 1952."
    assert merge(detector, [claim(parse(text)[0], "backed", "NOR", "GRC")], text) == ()


def test_any_order_gives_the_same_events(parse, detector):
    text = "Norway and Denmark back Ukraine. Norway signed a pact. Denmark backs Georgia and Ukraine."
    first, second, third = parse(text)
    claims = [claim(first, "back", a) for a in ("NOR", "DNK")] + [claim(second, "signed", "NOR", kind="sign")]
    claims += [claim(third, "backs", "DNK", g) for g in ("GEO", "UKR")]
    expected = merge(detector, claims, text)
    for seed in range(5):
        random.Random(seed).shuffle(claims)
        assert merge(detector, claims, text) == expected


def test_nothing_gives_nothing(detector):
    assert merge(detector, [], "Nothing.") == ()
