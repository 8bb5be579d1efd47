"""`watch` that is killed at any moment, and started again, ends with every item there once.

By hand: python -m pytest tests/crash/test_watch.py -s -k any_moment --kills 100
"""

import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from newsroom import (
    Newsroom,
    find_rows,
    finish,
    has_unfinished,
    start,
    wait_for_work,
    write_list,
)
from web_site import Site, open_site


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@dataclass
class Stop:
    """How one `watch` ended: its exit code, after how long, and whether it was amid a batch."""

    code: int
    seconds: float
    amid: bool


def disturb(folder: Path, room: Newsroom, number: signal.Signals, count: int) -> list[Stop]:
    """Newsroom → as many starts of `watch` over it, each ended by the signal at some moment."""
    stops = []
    usual = measure_pass(folder, room)
    for _ in range(count):
        visible = set(find_rows(folder))
        room.publish(1 + room.chance.randrange(4))
        for one in room.chance.sample(sorted(room.items), len(room.items) // 5):
            # A version that nobody could have read yet must not be overwritten.
            if (f"Item {one}", len(room.items[one])) in visible and len(room.items[one]) < 15:
                room.change(one)
        process = start(folder)
        wait_for_work(folder, process)
        time.sleep(room.chance.uniform(0.0, 1.5) * usual)
        process.send_signal(number)
        told = time.monotonic()
        code = process.wait(timeout=120)
        amid = (folder / "data" / "_staging").exists() or has_unfinished(folder)
        stops.append(Stop(code, time.monotonic() - told, amid))
        if number != signal.SIGKILL:
            assert process.stderr and "Traceback" not in process.stderr.read()
    return stops


def measure_pass(folder: Path, room: Newsroom) -> float:
    """Newsroom → seconds of work of one pass in calm weather, by which the moments are chosen."""
    room.calm = True
    room.publish(4)
    process = start(folder, "--once")
    wait_for_work(folder, process)
    began = time.monotonic()
    assert process.wait(timeout=300) == 0
    room.calm = False
    return time.monotonic() - began


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM], ids=lambda number: number.name)
def test_stopped_at_any_moment(
    site: Site, tmp_path: Path, request: pytest.FixtureRequest, number: signal.Signals
) -> None:
    write_list(tmp_path, site)
    room = Newsroom(site, seed=5)
    stops = disturb(tmp_path, room, number, request.config.getoption("--kills"))
    codes = Counter(stop.code for stop in stops)
    assert set(codes) == ({-9} if number == signal.SIGKILL else {130})
    before = len(find_rows(tmp_path))
    finish(tmp_path, room)
    print(
        f"\n{number.name}: {len(stops)} times, {sum(stop.amid for stop in stops)} amid a batch, ended within"
        f" {max(stop.seconds for stop in stops):.1f} s; {len(room.expected())} revisions of"
        f" {len(room.items)} items, {before} of them before the last pass"
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption(site: Site, tmp_path: Path, number: signal.Signals) -> None:
    write_list(tmp_path, site)
    room = Newsroom(site, seed=6)
    room.calm = True
    room.publish(30)
    process = start(tmp_path)
    deadline = time.monotonic() + 30
    while not find_rows(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.1)
    process.send_signal(number)
    started = time.monotonic()
    assert process.wait(timeout=20) == 130
    assert time.monotonic() - started < 5
    assert process.stderr and "Traceback" not in process.stderr.read()
    finish(tmp_path, room)
