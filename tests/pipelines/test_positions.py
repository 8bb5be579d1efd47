"""Who stood where from when to when: `positions`, the ledger, and the same views in plain DuckDB."""

from datetime import date
from importlib import resources
from pathlib import Path
from typing import Any

import duckdb
import pytest
from made_rows import NOW, at, make_article_row, make_event_row

from pipelines.query import run_query
from pipelines.resolving import resolve_events
from pipelines.settings import load_settings
from transforms.commit import commit_staged
from transforms.staging import stage_batch

SPELLS = "SELECT * FROM positions ORDER BY actor, object, since"


def fill(data: Path, *reports: dict[str, Any]) -> Path:
    """Reports, each an article with one event of a day of its own."""
    articles, events = [], []
    for number, fields in enumerate(reports):
        day = fields.get("event_date", date(2024, 1, 1))
        shared = {"source": f"s{number}.example", "published_at": at(day)}
        articles.append(make_article_row(f"a{number}", **shared))
        events.append(make_event_row(f"e{number}", f"a{number}", **shared | fields))
    stage_batch(data, 1, {"articles": articles, "events": events, "rejects": []})
    commit_staged(data, 1)
    resolve_events(data, NOW)
    return data


def ask(data: Path, question: str) -> list[dict[str, Any]]:
    result = run_query(data, question)
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def on(day: str, kind: str, stance: str = "support", **fields: Any) -> dict[str, Any]:
    return {"event_date": date.fromisoformat(day), "kind": kind, "stance": stance, **fields}


def rungs(data: Path) -> list[tuple[str, str, str | None, str | None]]:
    return [
        (row["stance"], str(row["since"]), row["until"] and str(row["until"]), row["previous_stance"])
        for row in ask(data, SPELLS)
    ]


def test_a_position_goes_from_opposing_to_ratified(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2023-01-24", "block", "oppose", condition=None),
        on("2023-07-10", "endorse", "conditional", condition="once the jets come"),
        on("2023-08-20", "endorse", "conditional"),
        on("2023-10-23", "sign"),
        on("2024-01-23", "ratify"),
        on("2024-03-07", "endorse"),
    )
    assert rungs(tmp_path) == [
        ("oppose", "2023-01-24", "2023-07-10", None),
        ("conditional", "2023-07-10", "2023-10-23", "oppose"),
        ("support", "2023-10-23", "2024-01-23", "conditional"),
        ("ratified", "2024-01-23", None, "support"),
    ]
    spells = ask(tmp_path, SPELLS)
    assert [row["n_events"] for row in spells] == [1, 2, 1, 2]
    assert [row["kind"] for row in spells] == ["block", "endorse", "sign", "ratify"]
    assert spells[1]["condition"] == "once the jets come"
    assert spells[3]["last_reported"] == at(date(2024, 3, 7))
    began = {row["resolved_id"]: row for row in ask(tmp_path, "SELECT * FROM resolved_events")}
    assert all(began[row["resolved_id"]]["event_date"] == row["since"] for row in spells)
    changes = ask(tmp_path, "changes")
    assert [(row["before"], row["after"]) for row in changes] == [
        ("support", "ratified"), ("conditional", "support"), ("oppose", "conditional"),
    ]  # fmt: skip
    assert changes[0]["sentence"] == "It did (e4)."


def test_what_is_denied_possible_or_of_oneself_begins_no_spell(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2023-01-01", "ratify", "neutral", factuality="denied"),
        on("2023-03-01", "pledge_aid", factuality="possible"),
        on("2023-05-01", "apply", actors=["UKR"]),
    )
    assert ask(tmp_path, SPELLS) == []
    assert len(ask(tmp_path, "resolved")) == 3


def test_ratified_ends_with_opposition(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2023-01-01", "ratify"),
        on("2023-03-01", "withdraw", "oppose"),
        on("2023-05-01", "endorse"),
    )
    assert [stance for stance, *_ in rungs(tmp_path)] == ["ratified", "oppose", "support"]


def test_of_one_day_the_better_reported_counts(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2023-01-01", "endorse"),
        on("2023-01-01", "endorse", confidence=0.6),
        on("2023-01-01", "oppose", "oppose", confidence=0.99),
    )
    assert [(row["stance"], row["n_sources"]) for row in ask(tmp_path, SPELLS)] == [("support", 2)]


def test_a_month_or_a_year_holds_from_its_end_or_its_report(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2023-02-01", "ratify", event_date_precision="month", published_at=at(date(2023, 6, 1))),
        on("2024-01-01", "block", "oppose", event_date_precision="year", published_at=at(date(2024, 7, 1))),
    )
    assert [since for _, since, _, _ in rungs(tmp_path)] == ["2023-02-28", "2024-07-01"]


def test_the_ledger_counts_countries_and_ordinals_are_held_against_it(tmp_path: Path) -> None:
    fill(
        tmp_path,
        on("2024-01-01", "endorse", actors=["POL"]),
        on("2024-01-05", "endorse", actors=["NATO"]),
        on("2024-01-06", "endorse", actors=["SCO"]),
        on("2024-01-10", "sign", "conditional", ordinal=22, condition="once it can"),
        on("2024-01-15", "block", "oppose", actors=["HUN"]),
        on("2024-01-20", "endorse", actors=["DEU"]),
    )
    ledger = {row["actor"]: row for row in ask(tmp_path, "ledger")}
    assert set(ledger) == {"POL", "NATO", "SCO", "BGR", "HUN", "DEU"}
    assert {(row["backing"], row["opposing"]) for row in ledger.values()} == {(3, 1)}
    assert ledger["BGR"]["condition"] == "once it can" and ledger["BGR"]["since"] == date(2024, 1, 10)
    (claim,) = ask(tmp_path, "ordinals")
    assert (claim["actor"], claim["claimed"], claim["counted"]) == ("BGR", 22, 2)


def test_who_said_has_the_sentence(tmp_path: Path) -> None:
    fill(tmp_path, on("2024-01-01", "endorse", attributed_to="UKR"))
    (row,) = ask(tmp_path, "who_said")
    assert (row["sentence"], row["according_to"], row["sources"]) == ("It did (e0).", "UKR", ["s0.example"])


def test_alliances_of_three_letters_are_no_countries(tmp_path: Path) -> None:
    for alliance in load_settings(None, {}).settings.alliances:
        assert run_query(tmp_path, f"SELECT is_country('{alliance.id}')").rows == ((False,),), alliance.id
    assert run_query(tmp_path, "SELECT is_country('BGR')").rows == ((True,),)


def test_plain_duckdb_has_the_same_views(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = fill(
        tmp_path / "data", on("2023-01-01", "endorse", "conditional"), on("2024-01-01", "ratify"),
    )  # fmt: skip
    monkeypatch.chdir(tmp_path)
    with duckdb.connect() as plain:
        plain.execute((resources.files("configs") / "views.sql").read_text(encoding="utf-8"))
        for view, order in (
            ("positions", "since"), ("resolved_events", "resolved_id"), ("events", "event_id"),
            ("articles", "article_id"),
        ):  # fmt: skip
            question = f"SELECT * FROM {view} ORDER BY {order}"
            found = plain.execute(question)
            names = tuple(column[0] for column in found.description)
            ours = run_query(data, question)
            assert names == ours.columns
            assert len(found.fetchall()) == len(ours.rows) == 2
        assert plain.execute("SELECT stance, until FROM positions ORDER BY since").fetchall() == [
            ("conditional", date(2024, 1, 1)), ("ratified", None),
        ]  # fmt: skip
