"""`run` and `watch` on a disk that gets full at any write say what to do, and carry on when there is space.

In the suite the writes are refused as a full disk refuses them. By hand, on a disk that is really full (as
root: mount -t tmpfs -o size=40m tmpfs DIR):

    python -m pytest tests/crash/test_full_disk.py -s --small-disk DIR --kills 50
"""

import errno
import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from newsroom import Newsroom, check_complete, find_rows, finish, start, write_list
from stand_in import write_articles
from web_site import Answer, Site, open_site

from pipelines.command import main
from pipelines.query import run_query
from transforms import staging, storage

ADVICE = "Free some, then start the same again"


@dataclass
class Disk:
    """Counts writes, and refuses them all from one on."""

    writes: int = 0
    full_from: int | None = None

    def write(self, refusal: Exception) -> None:
        self.writes += 1
        if self.full_from is not None and self.writes >= self.full_from:
            raise refusal


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    disk = Disk()

    def before(write: Callable[..., Any], refusal: Exception) -> Callable[..., Any]:
        def instead(*given: Any, **named: Any) -> Any:
            disk.write(refusal)
            return write(*given, **named)

        return instead

    class Connection(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            if sql == "COMMIT" or sql.startswith("BEGIN"):
                disk.write(sqlite3.OperationalError("database or disk is full"))
            return super().execute(sql, *given)

    refusal = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    # As delta-rs says it: words without a number.
    words = OSError("Generic LocalFileSystem error: No space left on device (os error 28)")
    monkeypatch.setattr(staging, "write_durably", before(storage.write_durably, refusal))
    commit = DeltaTable.create_write_transaction
    monkeypatch.setattr(DeltaTable, "create_write_transaction", before(commit, words))
    monkeypatch.setattr(DeltaTable, "create", before(DeltaTable.create, words))
    monkeypatch.setattr(sqlite3, "connect", partial(sqlite3.connect, factory=Connection))
    return disk


def choose_points(writes: int, count: int) -> list[int]:
    """Number of writes → the ones at which the disk gets full, all over the run."""
    return sorted({1 + round(step * (writes - 1) / max(1, count - 1)) for step in range(count)})


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.mark.usefixtures("stand_in")
@pytest.mark.parametrize("command", ["run", "watch"])
def test_a_disk_that_gets_full(
    command: str,
    site: Site,
    disk: Disk,
    tmp_path: Path,
    request: pytest.FixtureRequest,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__ALLOW_HOSTS", "127.0.0.1")
    monkeypatch.setenv("ALLIANCE_WATCH_RUN__BATCH_DOCUMENTS", "16")
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__PAGE_BELOW", "0")
    monkeypatch.setattr("pipelines.watch.MAX_TRIES", 1)
    monkeypatch.setattr("pipelines.ledger.MAX_TRIES_ALONE", 1)
    site.answers["/robots.txt"] = Answer(b"", 404)
    room = Newsroom(site, seed=9)
    room.calm = True
    room.publish(12)
    write_list(tmp_path, site)
    write_articles(tmp_path / "news.jsonl", 24)
    inputs = [str(tmp_path / "news.jsonl"), "--now", "2025-01-01"]
    what = inputs if command == "run" else ["--once", "--feeds", str(tmp_path / "feeds.txt")]

    def work(folder: str) -> int:
        return main([command, *what, "--data", str(tmp_path / folder / "data")])

    assert work("whole") == 0
    expected = read_rows(tmp_path / "whole")
    points = choose_points(disk.writes, max(2, request.config.getoption("--kills")))
    for point in points:
        capsys.readouterr()
        disk.writes, disk.full_from = 0, point
        code = work(f"full {point}")
        # How many transactions there are is left to chance: a late point may lie beyond the last.
        reached = disk.writes >= point
        assert code == (1 if reached else 0)
        assert not reached or ADVICE in capsys.readouterr().err
        # More starts than would give an item up for killing the process.
        for _ in range(3 if command == "watch" and point == points[1] else 0):
            assert work(f"full {point}") == 1
        disk.full_from = None
        assert work(f"full {point}") == 0
        assert read_rows(tmp_path / f"full {point}") == expected
    if command == "watch":
        check_complete(tmp_path / f"full {points[0]}", room)


def read_rows(folder: Path) -> list[tuple[object, ...]]:
    sql = (
        "SELECT 'a', key, title, n_events FROM articles_all UNION ALL SELECT 'r', key, reason, 0 FROM rejects"
        " UNION ALL SELECT 'e', event_id, kind, revision FROM events_all"
    )
    return sorted(run_query(folder / "data", sql).rows)


def test_a_disk_that_is_really_full(site: Site, request: pytest.FixtureRequest) -> None:
    if (place := request.config.getoption("--small-disk")) is None:
        pytest.skip("needs --small-disk")
    folder = Path(place)
    write_list(folder, site)
    room = Newsroom(site, seed=9)
    room.calm = True
    ends = 0
    for _ in range(request.config.getoption("--kills")):
        room.publish(40)
        fill(folder / "filler", room.chance.randrange(0, 600_000))
        process = start(folder)
        told = time.monotonic()
        while process.poll() is None and time.monotonic() < told + 25:
            time.sleep(0.1)
        said = ""
        if process.poll() is None:
            process.terminate()
        else:
            said = process.stderr.read() if process.stderr else ""
            assert process.returncode == 1 and ADVICE in said and "Traceback" not in said, said
            ends += 1
        process.wait(timeout=60)
        (folder / "filler").unlink()
    before = len(find_rows(folder))
    finish(folder, room)
    print(f"\n{ends} times full, {len(room.items)} items, {before} rows before the last pass")
    assert ends


def fill(path: Path, free: int) -> None:
    """Fill the disk but for some bytes."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        while True:
            left = os.statvfs(path.parent)
            os.write(handle, b"x" * max(4_096, min(1_000_000, left.f_bavail * left.f_frsize - free)))
            if left.f_bavail * left.f_frsize <= free + 4_096:
                break
    except OSError as error:
        assert error.errno == errno.ENOSPC
    finally:
        os.close(handle)
