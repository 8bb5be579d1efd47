import json
from dataclasses import replace
from datetime import date

from pipelines.cooccurrence import KeywordWords, compile_keywords, find_cooccurrences
from pipelines.evaluation import Detected, evaluate, measure_background
from pipelines.gold import LabelledDocument, LabelledEvent, Span
from pipelines.reliability import bin_confidences, measure_calibration, trace_coverage
from pipelines.scoreboard import as_json, render
from pipelines.scoring import Claim, Counts
from transforms.knowledge import Alliance, Country, World
from transforms.records import Evidence, SupportEvent

TEXT = "Oslo will send shells to Kyiv. Budapest refuses to let the loan pass."
FIRST, SECOND = TEXT.split(". ", 1)
SENDS = LabelledEvent(
    actors=("NOR",),
    beneficiaries=("UKR",),
    object="military_aid",
    kind="pledge_aid",
    stance="support",
    factuality="asserted",
    evidence=(Span(field="text", start=0, end=len(FIRST)),),
)
BLOCKS = replace(
    SENDS,
    actors=("HUN",),
    object="economic_aid",
    kind="block",
    stance="oppose",
    evidence=(Span(field="text", start=len(FIRST) + 2, end=len(TEXT)),),
)
DOCUMENT = LabelledDocument(
    id="d1",
    title="Shells",
    text=TEXT,
    published=date(2024, 5, 1),
    topics=("military_aid", "economic_aid"),
    stance="mixed",
    events=(SENDS, BLOCKS),
    style="brief",
)


def detect(event: LabelledEvent, confidence: float = 0.9) -> SupportEvent:
    return SupportEvent(
        event_id="e",
        article_id="a",
        actors=event.actors,
        actor_role=event.actor_role,
        beneficiaries=event.beneficiaries,
        alliance=event.alliance,
        object=event.object,
        kind=event.kind,
        stance=event.stance,
        factuality=event.factuality,
        attributed_to=None,
        condition=None,
        ordinal=None,
        event_date=None,
        event_date_precision=None,
        event_date_basis=None,
        place=None,
        place_country=None,
        evidence=tuple(Evidence(field=s.field, start=s.start, end=s.end, text="") for s in event.evidence),
        confidence=confidence,
        rule="",
    )


def test_a_report_counts_claims_topics_and_stances() -> None:
    found = Detected(topics=("military_aid",), stance="support", events=(detect(SENDS),))
    report = evaluate([DOCUMENT], lambda *_: found, resamples=10)
    assert report.relaxed.counts == report.strict.counts == Counts(1, 0, 1)
    assert report.topics.counts == Counts(1, 0, 1)
    assert report.topic_counts["economic_aid"] == Counts(0, 0, 1)
    assert report.styles == {"brief": Counts(1, 0, 1)}
    assert report.stance_accuracy == 0
    assert report.stance_ceiling == 1
    assert report.fields["kind"] == (1, 1)


def test_causes_say_what_to_mend() -> None:
    wrong = (
        detect(replace(SENDS, kind="oppose", stance="oppose")),
        detect(replace(BLOCKS, actors=("SVK",))),
        detect(replace(BLOCKS, actors=("FRA",), beneficiaries=("MDA",), evidence=())),
    )
    report = evaluate([DOCUMENT], lambda *_: Detected(events=wrong), resamples=10)
    causes = {(m.outcome, m.claim.actor): m.cause for m in report.mistakes}
    assert causes == {
        ("missed", "NOR"): "same pair found with the other sign",
        ("missed", "HUN"): "another actor found in that sentence",
        ("false", "NOR"): "same pair labelled with the other sign",
        ("false", "SVK"): "another actor labelled in that sentence",
        ("false", "FRA"): "nothing labelled in that sentence",
    }


def test_a_rejected_document_says_why_its_events_are_missed() -> None:
    report = evaluate([DOCUMENT], lambda *_: Detected(rejection="gate: off_topic"), resamples=10)
    assert report.rejected == report.rejected_with_events == 1
    assert {m.cause for m in report.mistakes} == {"rejected (gate: off_topic)"}


def test_the_report_is_readable_and_plain_json() -> None:
    found = Detected(events=(detect(SENDS, 0.8), detect(replace(SENDS, actors=("DNK",)), 0.3)))
    background = measure_background([("A", "b", None)] * 4, lambda *_: found)
    report = evaluate([DOCUMENT], lambda *_: found, background=background, resamples=10)
    text = render(report)
    assert "“Oslo will send shells to Kyiv" in text
    assert "2000.0 in 1,000" in text
    assert "events in the background  8\n  0.80  NOR pledge_aid UKR military_aid support asserted" in text
    assert max(map(len, text.splitlines())) <= 100
    assert json.loads(json.dumps(as_json(report)))["relaxed"]["true"] == 1


def test_calibration_by_hand() -> None:
    bins = bin_confidences([(0.95, True), (0.95, False), (0.15, False), (1.0, True)])
    assert [(b.claims, round(b.precision, 2)) for b in bins] == [(1, 0.0), (3, 0.67)]
    assert abs(measure_calibration(bins) - (0.15 + 3 * abs(2.9 / 3 - 2 / 3)) / 4) < 1e-9
    assert measure_calibration(()) == 0


def test_coverage_keeps_equal_confidences_together() -> None:
    points = trace_coverage([(0.9, True), (0.5, True), (0.5, False), (0.1, False)], wanted=4, steps=4)
    assert [(p.threshold, p.kept, p.precision, p.recall) for p in points] == [
        (0.9, 1, 1.0, 0.25),
        (0.5, 3, 2 / 3, 0.5),
        (0.1, 4, 0.5, 0.5),
    ]
    assert trace_coverage([], wanted=4) == ()


def test_keywords_claim_what_stands_in_a_sentence_with_alliance_and_cue() -> None:
    world = World(
        alliances=(Alliance(id="NATO", name="NATO"),),
        countries=(
            Country(code="BGR", name="Bulgaria", demonyms=("Bulgarian",)),
            Country(code="UKR", name="Ukraine"),
        ),
        leaders=(),
        offices=(),
        groups=(),
    )
    keywords = compile_keywords(world, KeywordWords(support=("back*",), oppose=("veto*",), aid=("tanks",)))
    text = "Bulgarian leaders backed Ukraine in NATO. Ukraine waits for Bulgaria."
    assert find_cooccurrences("", text, keywords) == {
        Claim("BGR", "UKR", "membership", "+"),
        Claim("NATO", "UKR", "membership", "+"),
        Claim("NATO", "BGR", "membership", "+"),
    }
    assert find_cooccurrences("Bulgaria vetoes NATO tanks", "", keywords) == {
        Claim("NATO", "BGR", "aid", "-")
    }


def test_quotes_of_the_cleaned_text_are_found_in_the_labelled_one() -> None:
    spaced = replace(DOCUMENT, text="READ MORE\n\n" + TEXT.replace(" will ", "  will\n"), events=())
    event = replace(detect(SENDS), evidence=(Evidence(field="text", start=0, end=len(FIRST), text=FIRST),))
    (mistake,) = evaluate([spaced], lambda *_: Detected(events=(event,)), resamples=10).mistakes
    assert mistake.sentence == FIRST
