import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_records import make_article, make_event

from pipelines.command import main
from pipelines.examination import Examination, Stopped, examine_article
from pipelines.plan import load_detector
from pipelines.settings import load_settings
from pipelines.why import Stored, explain_article, explain_reject, mark_evidence, plain
from transforms import recipes
from transforms.records import Article, Evidence

TEXT = "Bulgaria backs Ukraine's bid to join NATO. Rain fell in Sofia. Ministers spoke of tanks for Ukraine."
ARTICLE = make_article(
    article_id="0123456789abcdef",
    origin="news/one.txt",
    title="Sofia speaks",
    text=TEXT,
    published_at=datetime(2024, 5, 2, tzinfo=UTC),
    published_basis="given",
)
EVENT = make_event(
    article_id=ARTICLE.article_id,
    actor_role="GOV",
    evidence=(Evidence(field="text", start=0, end=42, text=TEXT[:42]),),
    confidence=0.91,
    rule="support: back [actor by subject, actor_ref by country, object by strong]",
)


def explain(article: Article, found: Examination, *stored: dict[str, object], color: bool = False) -> str:
    rows = Stored(article={"article_id": article.article_id, "stance": "support"}, events=stored)
    return "\n".join(explain_article(rows, article, found, "detector 2", color))


def test_evidence_is_marked() -> None:
    assert f"[[{TEXT[:42]}]] (1) Rain" in "\n".join(mark_evidence(ARTICLE, [EVENT], color=False))
    colored = "\n".join(mark_evidence(ARTICLE, [EVENT], color=True))
    assert f"\x1b[30;42m{TEXT[:42]}\x1b[0m (1) Rain" in colored and "[[" not in colored


def test_the_steps_and_what_stopped_the_rest_are_told() -> None:
    stopped = Stopped(
        sentence=Evidence(field="text", start=43, end=62, text=TEXT[43:62]), reasons=("x: no actor",)
    )
    text = explain(ARTICLE, Examination(events=(EVENT,), stopped=(stopped,)))
    assert "1  BGR endorse UKR membership (NATO)" in text and "0.91" in text
    assert "support: back\n" in text and "actor by subject (country), object by strong" in text
    assert f"“{TEXT[43:62]}”\n    - x: no actor" in text


def test_what_differs_from_the_tables_is_told() -> None:
    row = {
        name: getattr(EVENT, name)
        for name in (
            "event_id", "actors", "kind", "beneficiaries", "object", "stance", "factuality",
            "attributed_to", "condition", "ordinal", "event_date", "place_country",
        )
    } | {"detector": "detector 2"}  # fmt: skip
    found = Examination(events=(EVENT,), stopped=())
    assert "the stored events are the same" in explain(ARTICLE, found, row)
    changed = explain(ARTICLE, found, row | {"stance": "conditional", "detector": "detector 1"})
    assert "~ BGR endorse UKR: stance conditional → support" in changed
    assert "detector stored  detector 1" in changed
    other = explain(ARTICLE, found, row | {"event_id": "e2", "kind": "sign"})
    assert "+ BGR endorse UKR" in other and "- BGR sign UKR" in other


def test_a_copy_has_no_events_of_its_own() -> None:
    copy = replace(ARTICLE, duplicate_of="feedfeedfeedfeed")
    text = explain(copy, Examination(events=(EVENT,), stopped=()))
    assert "a copy of feedfeedfeedfeed" in text and "[[" not in text


def test_nothing_foreign_steers_the_terminal() -> None:
    evil = "\x1b]0;gone\x07 \x9b2J \u202egnp.exe\r"
    article = replace(ARTICLE, title=evil, text=TEXT + evil)
    event = replace(EVENT, condition=evil, rule=f"support: {evil} [actor by {evil}]")
    stopped = Stopped(sentence=Evidence(field="title", start=0, end=4, text=evil), reasons=(evil,))
    text = explain(article, Examination(events=(event,), stopped=(stopped,)))
    reject = {"title": evil, "stage": "gate", "reason": "error", "detail": evil, "origin": evil, "key": "k"}
    text += "\n".join(explain_reject(reject))
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)
    assert len(plain(evil)) == len(evil)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with an article, and a document that was rejected."""
    from stand_in import load_stand_in

    folder = tmp_path_factory.mktemp("why")
    rows = [
        {"url": "https://news.example/a?utm_source=x", "title": "BGR backs UKR in NATO", "text": TEXT},
        {
            "url": "https://news.example/b",
            "title": "Gardens",
            "text": "Roses want sun. Tulips want a cold winter.",
        },
    ]
    (folder / "in.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipelines.plan._load_detect", load_stand_in)
        recipes.forget_steps()
        assert main(["run", str(folder / "in.jsonl"), "--data", str(folder / "data")]) == 0
        recipes.forget_steps()
    yield folder / "data"


def test_an_article_is_found_by_its_url(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "http://news.example/a", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert "[[Bulgaria backs Ukraine's bid to join NATO.]] (1)" in out
    assert "BGR endorse UKR membership (NATO)" in out and "\x1b" not in out


def test_a_rejected_document_says_where_it_stopped(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "https://news.example/b", "--data", str(data)]) == 0
    out = capsys.readouterr().out
    assert "rejected at   gate" in out and "off_topic" in out


def test_other_names_are_answered_with_what_there_is(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["why", "https://news.example/aa", "--data", str(data)]) == 3
    assert "the nearest are\n  https://news.example/a\n" in capsys.readouterr().err
    assert main(["why", "it's", "--data", str(data)]) == 3
    assert main(["why", "in.jsonl", "--data", str(data)]) == 0


def test_what_stopped_a_sentence_is_found_out() -> None:
    settings = load_settings().settings
    detector = load_detector(settings.build_world(), settings.lexicon, settings.detection)
    found = examine_article(ARTICLE, detector)
    assert [(e.actors, e.beneficiaries) for e in found.events] == [(("BGR",), ("UKR",))]
    assert all(s.reasons for s in found.stopped)
    assert not [s for s in found.stopped if s.sentence.field == "text" and s.sentence.start < 42]
    detector.min_confidence = 1.0
    stopped = examine_article(ARTICLE, detector).stopped
    assert any("below 1.00" in reason for s in stopped for reason in s.reasons)
