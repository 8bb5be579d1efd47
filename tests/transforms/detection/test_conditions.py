import pytest
from claims import word

from transforms.detection.afterthoughts import find_condition_after
from transforms.detection.conditions import find_condition

POSITIVE = [
    ("Malta will back Georgia's entry once the war is over.", "back", "once the war is over"),
    (
        "Malta supports Georgia's entry as soon as it meets the rules.",
        "supports",
        "as soon as it meets the rules",
    ),
    ("Malta said it would send jets only if its partners agree.", "send", "only if its partners agree"),
    (
        "Malta backs Georgia's entry provided that it mends its courts.",
        "backs",
        "provided that it mends its courts",
    ),
    (
        "Malta backed Georgia's entry, provided the union reforms first.",
        "backed",
        "provided the union reforms first",
    ),
    (
        "The bloc will invite Georgia when all members agree and conditions are met.",
        "invite",
        "when all members agree and conditions are met",
    ),
    ("Malta supports Georgia's bid as long as Armenia agrees.", "supports", "as long as Armenia agrees"),
    ("Malta will send jets in return for copper.", "send", "in return for copper"),
    (
        "The loan to Georgia is conditional on a new court, the bank said.",
        "conditional",
        "conditional on a new court",
    ),
    ("Malta backs Georgia's entry, subject to a referendum.", "backs", "subject to a referendum"),
    (
        "If Georgia meets the criteria, then the bloc will open talks.",
        "open",
        "If Georgia meets the criteria",
    ),
    (
        "Malta supports Georgia's bid on condition that it frees the journalists, its president said.",
        "supports",
        "on condition that it frees the journalists",
    ),
]


@pytest.mark.parametrize(("text", "act", "condition"), POSITIVE)
def test_condition_of_an_act(parse, text, act, condition):
    (parsed,) = parse(text)
    assert find_condition(parsed, word(parsed, act)) == condition


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Malta will support Georgia for as long as it takes.", "support"),
        ("Malta will send jets as soon as possible.", "send"),
        ("Malta joined the bloc once its neighbour had ratified its entry.", "joined"),
        ("Malta supported Georgia until 2022.", "supported"),
        ("Malta once again backed Georgia's entry.", "backed"),
        ("Malta backs Georgia's entry even if others do not.", "backs"),
        ("Malta asked if the bloc backs Georgia.", "asked"),
        ("Malta backs the jets provided by Italy.", "backs"),
        ("Malta pledged to continue providing Georgia with jets.", "pledged"),
        ("Malta backed Georgia after it had met the conditions.", "backed"),
    ],
)
def test_no_condition(parse, text, act):
    (parsed,) = parse(text)
    assert find_condition(parsed, word(parsed, act)) is None


def test_a_hypothesis_is_no_condition_of_itself(parse):
    (parsed,) = parse("Malta will protest if Italy blocks Georgia's entry.")
    assert find_condition(parsed, word(parsed, "blocks"), True) is None
    assert find_condition(parsed, word(parsed, "protest"), True)


@pytest.mark.parametrize(
    ("text", "act", "condition"),
    [
        (
            "Malta will not ratify the treaty unless Georgia apologises.",
            "ratify",
            "unless Georgia apologises",
        ),
        (
            "Malta blocks the treaty until Georgia changes its laws.",
            "blocks",
            "until Georgia changes its laws",
        ),
        ("Malta blocks the treaty until Friday.", "blocks", None),
        (
            "Malta would halt the sale of drones to Georgia should its ships break the deal.",
            "halt",
            "should its ships break the deal",
        ),
    ],
)
def test_condition_of_a_refusal(parse, text, act, condition):
    (parsed,) = parse(text)
    assert find_condition(parsed, word(parsed, act), True) == condition


def test_until_is_no_condition_of_support(parse):
    (parsed,) = parse("Malta will back Georgia until its army wins.")
    assert find_condition(parsed, word(parsed, "back")) is None


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("But it must first mend its courts.", "it must first mend its courts"),
        (
            "However, the country has to change its laws first, officials said.",
            "the country has to change its laws first",
        ),
        ("The money will be paid only if the court agrees, he added.", "only if the court agrees"),
        ("Yet the aid depends on a vote in the house.", "depends on a vote in the house"),
    ],
)
def test_condition_in_the_sentence_after(detector, text, condition):
    assert find_condition_after(text, set(), detector.lexicon.lexicon.conditions) == condition


@pytest.mark.parametrize(
    "text",
    [
        "Malta must first choose a leader.",
        "It was founded in 1990.",
        "The country once belonged to Italy.",
        "The money was paid as soon as possible.",
    ],
)
def test_no_condition_in_the_sentence_after(detector, text):
    assert find_condition_after(text, set(), detector.lexicon.lexicon.conditions) is None


def test_the_sentence_after_must_speak_of_who_gains(detector):
    words = detector.lexicon.lexicon.conditions
    text = "However, Georgia must first mend its courts."
    assert find_condition_after(text, {"GEO"}, words) == "Georgia must first mend its courts"
    assert (
        find_condition_after("But it must first mend its courts.", set(), words, may_point_back=False) is None
    )
