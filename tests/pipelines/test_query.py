"""Queries over the tables: exact, read-only, and helpful when the question is wrong."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines.query import BadQuery, UnknownQuery, list_queries, named_queries, run_query
from pipelines.resolving import resolve_events
from transforms.commit import commit_staged, open_tables
from transforms.data_folder import MissingData
from transforms.records import Article, ClassifiedArticle, Evidence, Rejection, SupportEvent, Topic
from transforms.rows import article_row, event_rows, reject_row
from transforms.staging import stage_batch
from transforms.tables import TABLES

NOW = datetime(2025, 1, 2, tzinfo=UTC)
DAY = datetime(2024, 7, 10, 12, tzinfo=UTC)


def event(
    name: str, actors: Sequence[str], kind: str, stance: str, day: date | None, **other: object
) -> SupportEvent:
    fields = {
        "event_id": name, "article_id": name[0], "actors": tuple(actors), "actor_role": "GOV",
        "beneficiaries": ("UKR",), "alliance": "NATO", "object": "membership", "kind": kind, "stance": stance,
        "factuality": "asserted", "attributed_to": None, "condition": None, "ordinal": None,
        "event_date": day, "event_date_precision": None, "event_date_basis": None, "place": None,
        "place_country": None, "confidence": 0.9, "rule": "r",
        "evidence": (
            Evidence(field="text", start=0, end=4, text="Some"),
            Evidence(field="text", start=5, end=9, text="more"),
        ),
    }  # fmt: skip
    return SupportEvent(**{**fields, **other})  # type: ignore[arg-type]


def article(name: str, *events: SupportEvent, duplicate_of: str | None = None) -> ClassifiedArticle:
    return ClassifiedArticle(
        article=Article(
            article_id=name, key=name, order=0, origin="in.jsonl", url=f"https://example.org/{name}",
            source="Example", title=f"Title {name}", text="Some more text", language="en", authors=("N. N.",),
            published_at=DAY, published_basis="given", content_sha256=name, duplicate_of=duplicate_of,
        ),
        topics=(Topic(name="enlargement", score=0.75), Topic(name="diplomacy", score=0.5)),
        events=events,
        stance="support",
        stance_target="UKR:NATO",
    )  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    # Characters that mean something in SQL, in globs and in partition paths.
    data = tmp_path_factory.mktemp("o'data") / "a=b" / "data"
    old = event("a1", ["HUN"], "endorse", "support", date(2024, 1, 1))
    new = event("b1", ["HUN", "SVK"], "block", "oppose", date(2024, 6, 1))
    vague = event("b2", ["POL"], "sign", "conditional", None, condition="once it can", ordinal=22)
    denied = event("b3", ["DEU"], "ratify", "neutral", date(2024, 6, 2), factuality="denied")
    articles = [article("a", old), article("b", new, vague, denied), article("c", duplicate_of="b")]
    rejection = Rejection(
        key="k", stage="gate", reason="off_topic", detail="no alliance", origin="x", order=0
    )
    rows = {
        "articles": [article_row(one, NOW) for one in articles],
        "events": [row for one in articles for row in event_rows(one, NOW, "d 1")],
        "rejects": [reject_row(rejection, NOW)],
    }
    stage_batch(data, 1, rows)
    commit_staged(data, 1)
    resolve_events(data, NOW)
    return data


def rows(data: Path, question: str) -> list[dict[str, object]]:
    result = run_query(data, question)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def test_every_named_query_has_a_description_and_runs(data: Path, tmp_path: Path) -> None:
    open_tables(tmp_path)
    for name, (description, _) in named_queries().items():
        assert len(description) > 10 and not description.endswith(".")
        full, empty = run_query(data, name), run_query(tmp_path, name)
        assert full.rows and not empty.rows
        assert full.columns == empty.columns
    assert {row[0] for row in list_queries().rows} == set(named_queries())
    assert {"events", "supporters", "opponents", "timeline", "evidence", "conditions"} <= set(named_queries())


def test_supporters_gives_the_latest_stance(data: Path) -> None:
    found = {str(row["actor"]): row for row in rows(data, "supporters")}
    assert set(found) == {"HUN", "SVK", "POL"}
    assert (found["HUN"]["stance"], found["HUN"]["articles"]) == ("oppose", 2)
    assert (found["HUN"]["first"], found["HUN"]["last"]) == (date(2024, 1, 1), date(2024, 6, 1))
    assert (found["POL"]["stance"], found["POL"]["last"]) == ("conditional", DAY.date())


def test_opponents_and_conditions(data: Path) -> None:
    assert [row["actor"] for row in rows(data, "opponents")] == ["HUN", "SVK"]
    assert [row["condition"] for row in rows(data, "conditions")] == ["once it can"]


def test_evidence_joins_the_sentences(data: Path) -> None:
    assert rows(data, "evidence")[0]["sentence"] == "Some […] more"


def test_events_newest_first(data: Path) -> None:
    assert [row["kind"] for row in rows(data, "events")] == ["sign", "ratify", "block", "endorse"]


def test_topics_leave_copies_out(data: Path) -> None:
    assert [(row["topic"], row["articles"]) for row in rows(data, "topics")] == [
        ("diplomacy", 2),
        ("enlargement", 2),
    ]
    assert rows(data, "sources")[0]["duplicates"] == 1


def test_views_have_the_columns_of_the_tables(data: Path, tmp_path: Path) -> None:
    open_tables(tmp_path)
    for name, table in TABLES.items():
        assert list(run_query(data, f"SELECT * FROM {name}").columns) == table.schema.names
        types = [run_query(folder, f"DESCRIBE {name}").rows for folder in (data, tmp_path)]
        assert types[0] == types[1]


def test_values_are_plain_python(data: Path) -> None:
    row = rows(
        data, "SELECT published_at, evidence, confidence, event_month FROM events WHERE event_id = 'a1'"
    )[0]
    assert row["published_at"] == DAY
    assert row["evidence"][0] == {"field": "text", "start": 0, "end": 4, "text": "Some"}  # type: ignore[index]
    assert row["confidence"] == 0.9
    assert row["event_month"] == "2024-01"


def test_columns_of_the_same_name_are_kept_apart(data: Path) -> None:
    assert run_query(data, "SELECT 1 AS a, 2 AS a").columns == ("a", "a_2")


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "COPY (SELECT 1) TO '/tmp/never.csv'",
        "ATTACH '/tmp/never.db'",
        "INSTALL httpfs",
        "SET enable_external_access = true",
        "CREATE TABLE t AS SELECT 1",
        "DROP VIEW events",
        "SELECT 1; SELECT 2",
        "SELECT * FROM glob('/*')",
        "",
    ],
)
def test_nothing_else_can_be_read_or_written(data: Path, sql: str) -> None:
    with pytest.raises(BadQuery):
        run_query(data, sql or " ; ")


def test_data_files_can_not_be_overwritten(data: Path) -> None:
    files = sorted(data.rglob("*.parquet"))
    before = [path.read_bytes() for path in files]
    for path in files:
        with pytest.raises(BadQuery):
            run_query(data, f"COPY (SELECT 1) TO '{str(path).replace(chr(39), chr(39) * 2)}'")
    assert [path.read_bytes() for path in files] == before


def test_errors_are_in_duckdbs_words(data: Path) -> None:
    with pytest.raises(BadQuery, match="actor_rol"):
        run_query(data, "SELECT actor_rol FROM events")
    with pytest.raises(BadQuery, match="syntax error"):
        run_query(data, "SELEC 1")


def test_unknown_names_get_the_nearest(data: Path) -> None:
    with pytest.raises(UnknownQuery, match="Did you mean supporters"):
        run_query(data, "suporters")
    with pytest.raises(UnknownQuery, match="There are: articles, changes, conditions"):
        run_query(data, "zzz")


def test_missing_and_empty_folders(tmp_path: Path) -> None:
    with pytest.raises(MissingData, match="nowhere"):
        run_query(tmp_path / "nowhere", "events")
    assert run_query(tmp_path, "events").rows == ()
