"""A writer is killed with SIGKILL at random moments; afterwards each row is there once, however it is read.

`KILLS=60 pytest tests/crash` for a long run.
"""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

from pipelines.query import run_query
from pipelines.resolving import resolve_events
from transforms.commit import commit_staged, next_batch, open_tables, read_snapshot, recover
from transforms.compaction import maintain
from transforms.data_folder import write_lock
from transforms.known import KnownArticles, update_index
from transforms.retries import Retry, finish_retry
from transforms.staging import stage_batch, stage_rows
from transforms.tables import TABLES

#: all but those that are made on demand
WRITTEN = tuple(name for name, table in TABLES.items() if not table.on_demand)

KILLS = int(os.environ.get("KILLS", "4"))
WRITER = Path(__file__).with_name("write_batches.py")
ROOT = Path(__file__).parents[2]
IDENTITY = {"articles": "article_id", "events": "event_id", "rejects": "key"}

_spec = importlib.util.spec_from_file_location("write_batches", WRITER)
assert _spec and _spec.loader
write_batches = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(write_batches)


def start(data: Path, last: int, seed: int) -> "subprocess.Popen[str]":
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(WRITER), str(data), str(last), str(seed)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def rows_by_log(data: Path, table: str) -> list[str]:
    read = DeltaTable(str(data / table)).to_pyarrow_table(columns=[IDENTITY[table]])
    return sorted(read.column(0).to_pylist())


def rows_by_glob(data: Path, table: str) -> list[str]:
    pattern = data / table / f"{TABLES[table].partition}=*" / "*.parquet"
    if not list(data.glob(f"{table}/*=*/*.parquet")):
        return []
    return sorted(
        row[0] for row in duckdb.sql(f"SELECT {IDENTITY[table]} FROM read_parquet('{pattern}')").fetchall()
    )


def rows_by_query(data: Path, table: str) -> list[str]:
    return sorted(row[0] for row in run_query(data, f"SELECT {IDENTITY[table]} FROM {table}").rows)


def expected(last: int, table: str) -> list[str]:
    return sorted(
        str(row[IDENTITY[table]]) for n in range(1, last + 1) for row in write_batches.rows_of(n)[table]
    )


def check_whole_batches(data: Path) -> None:
    """What a reader sees between the crash and the recovery: whole batches only."""
    counts = {
        table: {n: found.count(n) for n in found}
        for table in WRITTEN
        for found in [[int(row[1:].partition("-")[0]) for row in rows_by_query(data, table)]]
    }
    for batch in set().union(*counts.values()):
        wanted = {table: len(rows) for table, rows in write_batches.rows_of(batch).items()}
        assert {table: counts[table].get(batch, 0) for table in WRITTEN} == wanted, f"half of batch {batch}"


def test_killed_writer_loses_nothing_and_writes_nothing_twice(tmp_path: Path) -> None:
    data = tmp_path / "data"
    chance = random.Random(int(os.environ.get("SEED", "1")))
    outcomes = {"rolled forward": 0, "dropped": 0, "removed files": 0}
    for _ in range(KILLS):
        writer = start(data, 100_000, chance.randrange(1000))
        assert writer.stdout and writer.stdout.readline() == "ready\n"
        time.sleep(chance.uniform(0, 0.5))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        check_whole_batches(data)
        if chance.random() < 0.7:
            with write_lock(data):
                report = recover(data)
            outcomes["rolled forward"] += bool(report.rolled_forward)
            outcomes["dropped"] += bool(report.dropped)
            outcomes["removed files"] += bool(report.removed_files)
            check_all(data)
    with write_lock(data):
        recover(data)
    check_all(data)
    print(f"{KILLS} kills, {next_batch(data) - 1} batches, {outcomes}")


def check_all(data: Path) -> None:
    last = next_batch(data) - 1
    for table in WRITTEN:
        wanted = expected(last, table)
        assert rows_by_log(data, table) == wanted
        assert rows_by_glob(data, table) == wanted
        assert rows_by_query(data, table) == wanted
    assert recover(data).removed_files == ()
    assert not (data / "_staging").exists()
    check_resolved(data)
    leftovers = [p.name for p in data.rglob("*") if p.is_file() and (".tmp" in p.name or "#" in p.name)]
    assert leftovers == []


def check_resolved(data: Path) -> None:
    """Brought up to date, it has each event once, in clusters as if made anew."""
    sql = "SELECT * FROM resolved_events ORDER BY resolved_id"
    resolve_events(data, write_batches.NOW)
    kept = run_query(data, sql)
    mentions = [one for row in kept.rows for one in row[kept.columns.index("mentions")]]
    assert sorted(mentions) == rows_by_query(data, "events")
    resolve_events(data, write_batches.NOW, rebuild=True)
    assert run_query(data, sql) == kept
    files = sorted(map(str, data.glob("resolved_events/*=*/*.parquet")))
    assert files == sorted(map(str, read_snapshot(data)["resolved_events"]))


class Dead(BaseException):
    """The process is gone: nothing it wanted to do afterwards happens."""


class Death:
    """Lets so many changes of the file system under a folder happen, and none after them."""

    def __init__(self) -> None:
        self.folder = ""
        self.left: int | None = None

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.left is None or event not in ("open", "os.rename", "os.remove", "os.rmdir", "os.mkdir"):
            return
        if self.folder not in str(arguments[0]) and event != "os.remove" and event != "os.rmdir":
            return
        if self.left == 0:
            raise Dead
        self.left -= 1


DEATH = Death()
sys.addaudithook(DEATH)


def die_after(changes: int, data: Path, act: Callable[[], object]) -> bool:
    """Whether the act was cut short."""
    DEATH.folder, DEATH.left = str(data), changes
    try:
        act()
    except Dead:
        return True
    finally:
        DEATH.left = None
    return False


def test_any_step_of_a_commit_can_be_the_last(tmp_path: Path) -> None:
    """Not by chance: stop before each call (the short run: some) that changes a file or a name."""
    batch = next(n for n in range(1, 50) if 0 < len(write_batches.rows_of(n)["articles"]) < 9)
    rows = write_batches.rows_of(batch)
    identities = {t: sorted(str(row[IDENTITY[t]]) for row in some) for t, some in rows.items()}

    def write(data: Path) -> None:
        stage_batch(data, batch, rows)
        commit_staged(data, batch)

    seen = set()
    step = 0
    data = tmp_path / "0"
    open_tables(data)
    while die_after(step, data, lambda data=data: write(data)):  # type: ignore[misc]
        check_whole_batches(data)
        recover(data)
        found = {table: rows_by_log(data, table) for table in WRITTEN}
        assert found in (identities, {table: [] for table in WRITTEN})
        assert found == {table: rows_by_glob(data, table) for table in WRITTEN}
        seen.add(bool(found["articles"]))
        write(data)
        assert {table: rows_by_log(data, table) for table in WRITTEN} == identities
        step += 1 if KILLS > 20 else 13
        data = tmp_path / str(step)
        open_tables(data)
        assert step < 500
    assert seen == {True, False}


def test_any_step_of_the_upkeep_can_be_the_last(tmp_path: Path) -> None:
    def fill(data: Path) -> None:
        for batch in (3, 4, 5, 6):
            stage_batch(data, batch, write_batches.rows_of(batch))
            commit_staged(data, batch)

    fill(tmp_path / "0")
    wanted = {table: rows_by_log(tmp_path / "0", table) for table in WRITTEN}
    step = 0
    data = tmp_path / "0"
    while die_after(step, data, lambda data=data: maintain(data, write_batches.NOW)):  # type: ignore[misc]
        assert {table: rows_by_query(data, table) for table in WRITTEN} == wanted
        recover(data)
        assert {table: rows_by_glob(data, table) for table in WRITTEN} == wanted
        step += 1 if KILLS > 20 else 30
        data = tmp_path / str(step)
        fill(data)
        assert step < 1000
    assert {table: rows_by_glob(data, table) for table in WRITTEN} == wanted


def test_any_step_of_a_retry_can_be_the_last(tmp_path: Path) -> None:
    """Rejected documents become rows of articles and events, or of rejects anew: never both, nor none."""
    reject = {"stage": "read", "detail": "", "origin": "o", "first_seen": write_batches.NOW}
    made = next(rows for n in range(1, 50) if len((rows := write_batches.rows_of(n))["articles"]) == 5)
    keys = [str(row["key"]) for row in made["articles"]]
    retried = Retry(
        slices=(), again=frozenset((*keys, "b")), rows={key: frozenset((key,)) for key in (*keys, "b")}
    )

    def fill(data: Path) -> None:
        for batch, (month, some) in enumerate((("2025-05", [*keys, "a"]), ("2025-06", ["b"])), start=1):
            rows = [{**reject, "key": key, "reason": "empty", "seen_month": month} for key in some]
            stage_batch(data, batch, {"rejects": rows})
            commit_staged(data, batch)
        update_index(data)

    def act(data: Path) -> None:
        again = [{**reject, "key": "b", "reason": "language", "seen_month": "2025-07"}]
        files = [
            file
            for table, rows in {**made, "rejects": again}.items()
            for file in stage_rows(data, 3, table, rows)
        ]
        finish_retry(data, 3, retried, files, index=data / "_index.sqlite", now=write_batches.NOW)
        commit_staged(data, 3)

    def see(data: Path) -> tuple[str, ...]:
        sql = "SELECT key || ' ' || reason FROM rejects UNION ALL SELECT key || ' here' FROM articles"
        return tuple(sorted(str(row[0]) for row in run_query(data, sql).rows))

    fill(tmp_path / "0")
    step, data = 0, tmp_path / "0"
    before = see(data)
    after = tuple(sorted([*(f"{key} here" for key in keys), "a empty", "b language"]))
    seen = set()
    while die_after(step, data, lambda data=data: act(data)):  # type: ignore[misc]
        found = see(data)
        assert found in (before, after)
        recover(data)
        seen.add(see(data))
        assert see(data) in ((after,) if found == after else (before, after))
        for table in WRITTEN:
            assert rows_by_glob(data, table) == rows_by_log(data, table) == rows_by_query(data, table)
        if see(data) == before:
            act(data)
        assert see(data) == after
        with KnownArticles.open_read_only(update_index(data)) as known:
            assert known.is_rejected("a") and known.is_rejected("b") and not known.is_rejected(keys[0])
            assert all(known.contains_key(key) for key in (*keys, "a", "b"))
        step += 1 if KILLS > 20 else 13
        data = tmp_path / str(step)
        fill(data)
        assert step < 500
    assert see(data) == after and seen == {before, after}


@pytest.mark.parametrize("rebuild", [False, True], ids=["catching up", "anew"])
def test_any_step_of_resolving_can_be_the_last(tmp_path: Path, rebuild: bool) -> None:
    def fill(data: Path) -> None:
        for batch in (3, 4, 5, 6):
            stage_batch(data, batch, write_batches.rows_of(batch))
            commit_staged(data, batch)
            if batch == 4:
                resolve_events(data, write_batches.NOW)

    def state(data: Path) -> object:
        return run_query(data, "SELECT * FROM resolved_events ORDER BY resolved_id")

    fill(tmp_path / "0")
    before = state(tmp_path / "0")
    resolve_events(tmp_path / "0", write_batches.NOW)
    after = state(tmp_path / "0")
    assert before != after
    step = 1
    data = tmp_path / "1"
    fill(data)
    seen = []
    while die_after(step, data, lambda data=data: resolve_events(data, write_batches.NOW, rebuild=rebuild)):  # type: ignore[misc]
        seen.append(state(data))
        recover(data)
        assert state(data) == seen[-1]
        check_resolved(data)
        step += 1 if KILLS > 20 else 7
        data = tmp_path / str(step)
        fill(data)
        assert step < 500
    assert before in seen and after in seen
    assert all(one in (before, after) for one in seen)
    assert state(data) == after
