import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import make_event

from transforms.records import SupportEvent, Topic
from transforms.topics import (
    Cue,
    TopicCues,
    TopicModel,
    TopicWeights,
    classify_topics,
    compile_topics,
    extract_features,
    refine_topics,
    split_words,
)

TOPICS = (
    TopicCues(
        name="enlargement",
        cues=(
            Cue(words=("accession", "candidate status"), weight=2),
            Cue(words=("join*",), near=("nato", "eu")),
        ),
    ),
    TopicCues(name="military_aid", cues=(Cue(words=("tanks", "air defence"), weight=2),)),
    TopicCues(name="other", cues=(Cue(words=("football",), weight=5),)),
)
UNTRAINED = TopicModel(topics=TOPICS, objects={"military_aid": "military_aid"})
COMPILED = compile_topics(UNTRAINED)


def names(title: str, text: str, model: TopicModel = UNTRAINED) -> tuple[str, ...]:
    return tuple(topic.name for topic in classify_topics(title, text, compile_topics(model)))


@pytest.mark.parametrize(
    ("title", "text", "topics"),
    [
        ("Accession talks", "They begin.", ("enlargement",)),
        ("Candidate status for Kyiv", "", ("enlargement",)),
        ("Candidate loses status", "", ("other",)),
        ("Joining hands", "Nothing else.", ("other",)),
        ("", "Norway joined NATO long ago and joins the EU never, joining EU rules", ("enlargement",)),
        ("Tanks for accession", "Air defence too", ("military_aid", "enlargement")),
        ("Football", "football " * 9, ("other",)),
        ("", "", ("other",)),
    ],
)
def test_words_speak_for_topics(title: str, text: str, topics: tuple[str, ...]) -> None:
    assert names(title, text) == topics


def test_a_neighbour_must_be_near() -> None:
    assert extract_features("join the NATO", "", COMPILED) == {
        "enlargement:title": math.log1p(1),
        "enlargement:all": math.log1p(1),
    }
    assert extract_features("join a choir and sing all day long, NATO", "", COMPILED) == {}


def test_a_word_against_a_topic_takes_from_it() -> None:
    cues = (Cue(words=("war",)), Cue(words=("price war",), weight=-1))
    model = compile_topics(TopicModel(topics=(TopicCues(name="conflict", cues=cues),)))
    assert extract_features("A price war", "", model) == {}
    both = {
        "conflict:title": math.log1p(1),
        "conflict:lead": math.log1p(1),
        "conflict:all": 2 * math.log1p(1),
    }
    assert extract_features("A war", "War.", model) == both


def test_a_new_topic_is_its_words_and_nothing_else() -> None:
    trained = {
        "enlargement": TopicWeights(
            bias=-1.0, features={"enlargement:title": 2.0, "military_aid:title": -1.0}
        )
    }
    energy = TopicCues(name="energy", cues=(Cue(words=("pipeline*",), weight=2),))
    model = TopicModel(topics=(*TOPICS, energy), weights=trained)
    assert names("Pipelines and accession", "", model) == ("enlargement", "energy")


def test_trained_weights_are_a_logistic_model() -> None:
    weights = {"military_aid": TopicWeights(bias=-0.5, features={"military_aid:title": 1.5})}
    (topic,) = classify_topics("tanks", "", compile_topics(TopicModel(topics=TOPICS, weights=weights)))
    assert topic.score == pytest.approx(1 / (1 + math.exp(0.5 - 1.5 * math.log(3))))


def aid_event(object_: str, confidence: float, factuality: str = "asserted") -> SupportEvent:
    return make_event(object=object_, kind="pledge_aid", confidence=confidence, factuality=factuality)


def test_likely_events_give_their_topic_and_take_the_fallback() -> None:
    other = (Topic(name="other", score=1.0),)
    assert refine_topics(other, [aid_event("military_aid", 0.8)], UNTRAINED) == (
        Topic(name="military_aid", score=0.8),
    )
    for doubtful in (aid_event("military_aid", 0.4), aid_event("military_aid", 0.9, "denied")):
        assert refine_topics(other, [doubtful], UNTRAINED) == other
    assert refine_topics(other, [aid_event("partnership", 0.9)], UNTRAINED) == other


def test_words_lose_their_possessive_and_keep_their_hyphen() -> None:
    assert split_words("NATO's F-16s cost €50bn, U.S. says: 2%") == [
        "nato", "f-16s", "cost", "€50bn", "u.s", "says", "2%",
    ]  # fmt: skip


@given(st.text(), st.text())
def test_any_text_has_a_topic_and_the_fallback_stands_alone(title: str, text: str) -> None:
    topics = classify_topics(title, text, COMPILED)
    assert topics
    assert all(0.5 <= topic.score <= 1 for topic in topics)
    assert len(topics) == 1 or "other" not in {topic.name for topic in topics}
