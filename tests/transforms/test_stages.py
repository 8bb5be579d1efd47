import sqlite3
from datetime import UTC, datetime

import pytest

from transforms import recipes, stages
from transforms.duplicates import Verdict
from transforms.recipes import write_recipe
from transforms.records import Article, ClassifiedArticle, InputSlice, Rejection
from transforms.rejections import MAX_DETAIL, reject_error
from transforms.stages import ApplyStep, add_events, apply_verdict

ARTICLE = Article(
    article_id="a", key="k", order=1, origin="o", url=None, source=None, title="T", text="x", language="en",
    authors=(), published_at=datetime(2024, 5, 1, tzinfo=UTC), published_basis=None, content_sha256="c",
)  # fmt: skip


def make_upper(suffix: str):
    return lambda text: text.upper() + suffix


def test_a_step_is_made_once_for_each_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recipes, "_ready", {})
    recipe = write_recipe("upper !", make_upper, "!")
    assert recipe.prepare()("a") == "A!"
    assert recipe.prepare() is recipe.prepare()


def fail():
    def step(element: object) -> object:
        raise ValueError("no such thing")

    return step


def fail_at_the_index():
    def step(element: object) -> object:
        raise sqlite3.OperationalError("database is locked")

    return step


def test_an_error_of_the_index_is_none_of_a_document() -> None:
    step = ApplyStep("gate", write_recipe("fail at the index", fail_at_the_index))
    with pytest.raises(sqlite3.OperationalError):
        list(step.process(ARTICLE))


def test_an_unexpected_error_becomes_a_rejection() -> None:
    step = ApplyStep("gate", write_recipe("fail", fail))
    step.setup()
    (output,) = step.process(ARTICLE)
    rejection = output.value
    assert isinstance(rejection, Rejection) and output.tag == stages.REJECTED
    assert (rejection.stage, rejection.reason, rejection.key, rejection.order) == ("gate", "error", "k", 1)
    assert rejection.detail.startswith("Traceback") and rejection.detail.rstrip().endswith("no such thing")


@pytest.mark.parametrize(
    "station", [ARTICLE, ClassifiedArticle(article=ARTICLE), InputSlice(order=1, path="o", name="o")]
)
def test_errors_name_the_document_and_are_bounded(station: object) -> None:
    rejection = reject_error(station, "read", ValueError("x" * 2 * MAX_DETAIL))  # type: ignore[arg-type]
    assert rejection.origin == "o" and rejection.order == 1
    assert len(rejection.detail) == MAX_DETAIL


def test_verdicts_are_applied() -> None:
    assert apply_verdict(ARTICLE, {"k": Verdict("original", "a")}) is ARTICLE
    copy = apply_verdict(ARTICLE, {"k": Verdict("copy", "b")})
    assert isinstance(copy, Article) and copy.duplicate_of == "b"
    repeat = apply_verdict(ARTICLE, {"k": Verdict("repeat", "a")})
    assert isinstance(repeat, Rejection) and (repeat.reason, repeat.detail) == ("duplicate", "a")
    assert apply_verdict(ARTICLE, {}) is None
    assert isinstance(copy, Article)
    assert add_events(ClassifiedArticle(article=copy), fail()).events == ()
