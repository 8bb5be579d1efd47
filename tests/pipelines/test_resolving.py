"""`resolved_events` over tables: brought up to date exactly, and only where something has changed."""

import shutil
from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from made_rows import NOW, at, make_article_row, make_event_row

from pipelines import batch, resolving
from pipelines.batch import resolve_or_stop
from pipelines.interruption import Interruption
from pipelines.query import run_query
from pipelines.resolving import Resolved, resolve_events
from transforms.clusters import RESOLVER
from transforms.commit import commit_staged, data_files, next_batch, read_snapshot, recover
from transforms.compaction import maintain
from transforms.derived import read_progress, replace_files
from transforms.derived_tables import RESOLVED_EVENTS
from transforms.rows import Row
from transforms.staging import stage_batch
from transforms.tables import TABLES

DAY = date(2024, 7, 10)


def write(data: Path, articles: Sequence[Row] = (), events: Sequence[Row] = ()) -> None:
    number = next_batch(data)
    stage_batch(data, number, {"articles": articles, "events": events, "rejects": []})
    commit_staged(data, number)


def report(article: str, *, revision: int = 1, copy_of: str | None = None, **fields: Any) -> tuple[Row, Row]:
    """An article and its one event."""
    shared = {
        "published_at": at(fields.get("event_date") or DAY),
        "source": f"{article}.example",
        "revision": revision,
    }
    row = make_article_row(article, duplicate_of=copy_of, **shared)
    return row, make_event_row(f"e-{article}", article, **shared | {"event_date": DAY} | fields)


def add(data: Path, *reports: tuple[Row, Row]) -> Resolved:
    write(data, [row for row, _ in reports], [event for _, event in reports])
    return resolve_events(data, NOW)


def rows(data: Path, columns: str = "*") -> list[dict[str, Any]]:
    result = run_query(data, f"SELECT {columns} FROM resolved_events ORDER BY resolved_id")
    return [dict(zip(result.columns, row, strict=True)) for row in result.rows]


def made_anew(data: Path) -> list[dict[str, Any]]:
    other = data.with_name(f"{data.name}-anew")
    shutil.copytree(data, other)
    shutil.rmtree(other / "resolved_events")
    resolve_events(other, NOW)
    found = rows(other)
    shutil.rmtree(other)
    return found


def test_reports_of_one_event_become_one_row(tmp_path: Path) -> None:
    done = add(tmp_path, report("a"), report("b", stance="conditional", condition="once it can"))
    assert done == Resolved(rebuilt=True, mentions=2, written=1)
    (row,) = rows(tmp_path)
    assert (row["n_reports"], row["n_sources"], row["sources"]) == (2, 2, ["a.example", "b.example"])
    assert row["conflicts"] == [{"field": "stance", "value": "conditional", "n_sources": 1}]
    assert row["mentions"] == ["e-a", "e-b"] and row["agreement"] == 0.5
    assert row["event_month"] == "2024-07"


def test_nothing_new_is_no_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, report("a"))
    version = DeltaTable(str(tmp_path / "resolved_events")).version()
    write(tmp_path, [make_article_row("without")])
    assert resolve_events(tmp_path, NOW) == Resolved()
    monkeypatch.setattr(resolving, "_catch_up", None)
    write(tmp_path, events=[])
    assert DeltaTable(str(tmp_path / "resolved_events")).version() == version


def test_folders_without_events_get_no_table(tmp_path: Path) -> None:
    write(tmp_path, [make_article_row("a")])
    assert resolve_events(tmp_path, NOW) == Resolved()
    assert not (tmp_path / "resolved_events").exists()


def test_only_what_is_near_is_read_and_written(tmp_path: Path) -> None:
    far = [report(f"f{i}", event_date=DAY - timedelta(days=40 * i)) for i in range(1, 20)]
    other = [report(f"o{i}", actors=["HUN"]) for i in range(20)]
    add(tmp_path, report("a"), *far, *other)
    before = set(read_snapshot(tmp_path)["resolved_events"])
    done = add(tmp_path, report("b"))
    assert done == Resolved(mentions=2, written=1, dropped=1)
    after = set(read_snapshot(tmp_path)["resolved_events"])
    assert {path.parent.name for path in before ^ after} == {"event_month=2024-07"}
    assert rows(tmp_path) == made_anew(tmp_path)


def test_a_copy_counts_as_a_report_not_as_a_source(tmp_path: Path) -> None:
    add(tmp_path, report("a"))
    copies = [make_article_row(f"c{i}", duplicate_of="a", source="wire.example") for i in (1, 2)]
    write(tmp_path, copies)
    assert resolve_events(tmp_path, NOW) == Resolved(mentions=1, written=1, dropped=1)
    (row,) = rows(tmp_path)
    assert (row["n_reports"], row["n_sources"], row["sources"]) == (3, 1, ["a.example", "wire.example"])
    # It is edited, and a copy no more.
    write(tmp_path, [make_article_row("c1", revision=2, source="wire.example")])
    resolve_events(tmp_path, NOW)
    assert rows(tmp_path, "n_reports") == [{"n_reports": 2}]
    assert rows(tmp_path) == made_anew(tmp_path)


def test_a_revision_takes_the_place_of_what_it_revises(tmp_path: Path) -> None:
    add(tmp_path, report("a"), report("b"))
    add(tmp_path, report("a", revision=2, event_date=DAY + timedelta(days=90), first_seen=at(DAY, 9000)))
    assert [row["mentions"] for row in rows(tmp_path, "mentions")] in ([["e-a"], ["e-b"]], [["e-b"], ["e-a"]])
    write(tmp_path, [make_article_row("b", revision=2)])
    resolve_events(tmp_path, NOW)
    assert rows(tmp_path, "mentions") == [{"mentions": ["e-a"]}]
    assert rows(tmp_path) == made_anew(tmp_path)


def test_ids_stay(tmp_path: Path) -> None:
    add(tmp_path, report("m", first_seen=at(DAY, 1)))
    before = rows(tmp_path, "resolved_id")
    add(tmp_path, report("a", first_seen=at(DAY, 2)), report("z", first_seen=at(DAY, 3)))
    assert rows(tmp_path, "resolved_id") == before
    resolve_events(tmp_path, NOW, rebuild=True)
    assert rows(tmp_path, "resolved_id") == before


def test_another_resolver_makes_all_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    add(tmp_path, report("a"))
    monkeypatch.setattr(resolving, "RESOLVER", "other-2")
    assert resolve_events(tmp_path, NOW) == Resolved(rebuilt=True, mentions=1, written=1, dropped=1)
    assert resolve_events(tmp_path, NOW) == Resolved()


def test_events_that_were_joined_or_put_back_unread_are_noticed(tmp_path: Path) -> None:
    add(tmp_path, report("a"))
    write(tmp_path, *[[one] for one in report("b")])
    maintain(tmp_path, NOW)
    assert resolve_events(tmp_path, NOW).rebuilt
    assert rows(tmp_path) == made_anew(tmp_path)


def test_upkeep_keeps_the_rows_and_how_far_it_has_read(tmp_path: Path) -> None:
    for i in range(5):
        add(tmp_path, report(f"a{i}", event_date=DAY + timedelta(days=5 * i)))
    before = rows(tmp_path)
    maintain(tmp_path, NOW)
    assert rows(tmp_path) == before
    assert len(read_snapshot(tmp_path)["resolved_events"]) == 1
    assert resolve_events(tmp_path, NOW) == Resolved()
    assert not add(tmp_path, report("b")).rebuilt
    assert rows(tmp_path) == made_anew(tmp_path)


def test_batches_are_numbered_as_before(tmp_path: Path) -> None:
    add(tmp_path, report("a"))
    assert next_batch(tmp_path) == 2
    assert recover(tmp_path).removed_files == ()


def test_a_damaged_table_is_made_anew(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    add(tmp_path, report("a"), report("b", event_date=DAY - timedelta(days=50)))
    table = DeltaTable(str(tmp_path / "resolved_events"))
    july = [path for path in data_files(table) if "2024-07" in path]
    read = read_progress(table, RESOLVER)
    assert read
    replace_files(tmp_path, RESOLVED_EVENTS, table, [], july, RESOLVER, read, NOW)
    assert add(tmp_path, report("c")).rebuilt
    assert "made anew" in caplog.text
    assert rows(tmp_path) == made_anew(tmp_path)


DAYS = st.integers(0, 45).map(lambda days: DAY + timedelta(days=days))


@st.composite
def batches(draw: st.DrawFn) -> list[tuple[list[Row], list[Row]]]:
    """Batches of articles in revisions, some of them copies, and their events."""
    revisions: dict[str, int] = {}
    made = []
    for _ in range(draw(st.integers(2, 3))):
        articles, events = [], []
        for name in draw(st.lists(st.sampled_from("abcdefgh"), min_size=1, max_size=5, unique=True)):
            revision = revisions[name] = revisions.get(name, 0) + 1
            shared = {
                "published_at": draw(st.none() | DAYS.map(at)),
                "first_seen": at(draw(DAYS)),
                "source": draw(st.sampled_from([None, "x.example", "y.example"])),
                "revision": revision,
            }
            original = draw(st.sampled_from([None, None, *revisions]))
            copy_of = original if original != name else None
            articles.append(make_article_row(name, duplicate_of=copy_of, **shared))
            for number in range(0 if copy_of else draw(st.integers(0, 2))):
                fields = {
                    "actors": draw(st.sampled_from([["BGR"], ["HUN"], ["BGR", "HUN"]])),
                    "beneficiaries": draw(st.sampled_from([["UKR"], ["UKR", "MDA"]])),
                    "kind": draw(st.sampled_from(["endorse", "sign", "block"])),
                    "event_date": draw(st.none() | DAYS),
                    "confidence": draw(st.sampled_from([0.5, 0.75])),
                }
                events.append(make_event_row(f"{name}{number}", name, **shared | fields))
        made.append((articles, events))
    return made


@given(batches(), st.booleans())
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_kept_up_to_date_is_the_same_as_made_anew(
    tmp_path_factory: pytest.TempPathFactory, history: list[tuple[list[Row], list[Row]]], upkeep: bool
) -> None:
    data = tmp_path_factory.mktemp("data") / "data"
    for articles, events in history:
        write(data, articles, events)
        resolve_events(data, NOW)
        if upkeep:
            maintain(data, NOW)
    if not (data / "resolved_events").exists():
        return
    assert rows(data) == made_anew(data)
    pattern = str(data / "resolved_events" / f"{TABLES['resolved_events'].partition}=*" / "*.parquet")
    known = set(map(str, read_snapshot(data)["resolved_events"]))
    assert {str(path) for path in data.glob("resolved_events/*=*/*.parquet")} == known, pattern


def test_a_signal_while_resolving_is_an_interruption(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("INTERRUPT Error: Interrupted!")

    monkeypatch.setattr(batch, "resolve_events", fail)
    interruption = Interruption()
    with pytest.raises(RuntimeError):
        resolve_or_stop(tmp_path, NOW, interruption)
    interruption.requested = True
    with pytest.raises(KeyboardInterrupt):
        resolve_or_stop(tmp_path, NOW, interruption)
