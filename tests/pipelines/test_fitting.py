from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.fitting import (
    Reading,
    fit_weights,
    judge_reading,
    read_documents,
    render_weights,
    split_folds,
    split_halves,
    split_readings,
)
from pipelines.gold import LabelledDocument, read_gold
from pipelines.settings import load_settings, read_yaml
from transforms.detection.confidence import score
from transforms.records import Rejection

OWN = Path(__file__).parents[1] / "evaluation" / "membership.jsonl"


def make_reading(number: int) -> Reading:
    """Near subjects are right, far ones wrong; every tenth can't be judged."""
    document = LabelledDocument(
        id=str(number), title="", text="Word.", published=None, topics=("other",), stance="neutral"
    )
    rejected = Rejection(key="k", stage="gate", reason="off_topic", detail="", origin="", order=0)
    near = number % 2 == 0
    return Reading(
        document=document,
        ended=rejected,
        features=({"near": 1.0} if near else {"far": 1.0},),
        right=(None if number % 10 == 0 else near,),
    )


READINGS = [make_reading(number) for number in range(60)]
TOPICS = load_settings().settings.topics


def test_weights_are_learned_and_the_same_each_time() -> None:
    weights = fit_weights(READINGS)
    assert weights == fit_weights(READINGS)
    assert score({"near": 1.0}, weights) > 0.5 > score({"far": 1.0}, weights)


def test_a_file_of_weights_reads_back(tmp_path: Path) -> None:
    weights = {**fit_weights(READINGS), 'word="': 0.5}
    path = tmp_path / "confidence.yaml"
    path.write_text(render_weights(weights), encoding="utf-8")
    assert read_yaml(path) == {"weights": weights}


def test_no_document_is_judged_by_weights_that_saw_it() -> None:
    folds = split_folds(READINGS, [], 5, TOPICS, 0.15)
    assert sorted(r.document.id for s in folds for r in s.test) == sorted(r.document.id for r in READINGS)
    halves = split_halves(READINGS, READINGS[:4], TOPICS, 0.15)
    first, second = ({r.document.id for r in halves[name].test} for name in ("a → b", "b → a"))
    assert first and second and not first & second and len(first | second) == len(READINGS)
    assert set(halves) == {"a → b", "b → a", "gold → also"}


@pytest.fixture(scope="module")
def read() -> list[Reading]:
    return read_documents(read_gold(OWN)[:12], load_settings())


def test_candidates_are_labelled_by_their_claims(read: list[Reading]) -> None:
    labels = [right for reading in read for right in reading.right]
    assert labels.count(True) >= 3
    assert all(len(r.candidates) == len(r.features) == len(r.right) for r in read)


def test_other_weights_find_other_events(read: list[Reading]) -> None:
    settings = load_settings().settings
    shipped = [judge_reading(r, settings.detection.weights, settings, 0.3) for r in read]
    nothing = [judge_reading(r, {"bias": -30.0}, settings, 0.3) for r in read]
    assert sum(len(j.relaxed.true) for j in shipped) >= 3
    assert all(not j.detected.events for j in nothing)


def test_topics_are_those_that_the_other_documents_teach(read: list[Reading]) -> None:
    def relabel(reading: Reading, topic: str) -> Reading:
        topics = (topic,) if "enlargement" in reading.document.topics else ("other",)
        return replace(reading, document=replace(reading.document, topics=topics))

    for topic in ("enlargement", "conflict"):
        split = split_readings([relabel(r, topic) for r in read] * 5, read, TOPICS, 0.1)
        named = [t.name for r in split.test if not isinstance(r.ended, Rejection) for t in r.ended.topics]
        assert named.count(topic) > len(read) / 2
