from dataclasses import replace
from pathlib import Path

from pipelines.gold import LabelledDocument, choose_half
from pipelines.scoring import score_counts, sum_counts
from pipelines.settings import load_settings
from pipelines.training import cross_validate, train_topics, validate_halves
from transforms.topics import Cue, TopicCues, TopicModel, classify_topics, compile_topics

MODEL = TopicModel(
    topics=(
        TopicCues(name="enlargement", cues=(Cue(words=("accession",)),)),
        TopicCues(name="conflict", cues=(Cue(words=("shelling",)),)),
        TopicCues(name="energy", cues=(Cue(words=("pipeline",)),)),
    )
)


def make_document(number: int) -> LabelledDocument:
    title, topic = [("Accession nears", "enlargement"), ("Shelling goes on", "conflict"), ("Rain", "other")][
        number % 3
    ]
    return LabelledDocument(
        id=str(number),
        title=title,
        text="Word. " * (number % 30),
        published=None,
        topics=(topic,),
        stance="neutral",
    )


DOCUMENTS = [make_document(n) for n in range(120)]


def test_training_is_repeatable_and_leaves_unlabelled_topics_to_their_words() -> None:
    weights = train_topics(DOCUMENTS, compile_topics(MODEL))
    assert weights == train_topics(DOCUMENTS, compile_topics(MODEL))
    assert set(weights) == {"enlargement", "conflict"}
    trained = compile_topics(TopicModel(topics=MODEL.topics, weights=weights))
    assert "enlargement" in {t.name for t in classify_topics("Accession", "", trained)}


def test_cross_validation_judges_every_document_once() -> None:
    counts = cross_validate(DOCUMENTS, MODEL)
    assert sum(c.true + c.missed for c in counts.values()) == len(DOCUMENTS)
    assert score_counts(sum_counts(counts.values())).f1 > 0.8


def test_halves_judge_every_own_document_once() -> None:
    counts = validate_halves(DOCUMENTS[:60], DOCUMENTS[60:], MODEL)
    assert sum(c.true + c.missed for c in counts.values()) == len(DOCUMENTS) - 60
    assert score_counts(sum_counts(counts.values())).f1 > 0.8


def test_halves_are_judged_by_what_the_others_teach() -> None:
    # Without gold, a topic that only one half names can be learned for the other half alone.
    named = [replace(d, topics=("other",)) if choose_half([d], "b") else d for d in DOCUMENTS]
    counts = validate_halves([], named, MODEL)
    assert counts["enlargement"].true == 0


def test_the_shipped_weights_fit_the_shipped_words() -> None:
    model = load_settings(None).settings.topics
    known = {f"{topic.name}:{zone}" for topic in model.topics for zone in ("title", "lead", "rest", "all")}
    assert set(model.weights) <= {topic.name for topic in model.topics}
    for weights in model.weights.values():
        assert set(weights.features) <= known


def test_adding_a_topic_is_a_change_of_yaml_alone(tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        "topics: [{name: energy, cues: [{words: [pipeline, lng*], weight: 2}]}]\n", encoding="utf-8"
    )
    topics = compile_topics(load_settings(own).settings.topics)
    found = {t.name for t in classify_topics("A pipeline for LNG", "The LNG terminal opens.", topics)}
    assert "energy" in found
