"""Freshness, scale and memory of `watch`, with few feeds in the suite and with many by hand.

The suite holds no figure: what a machine needs under other load says nothing. By hand, on two cores (figures
are shown with -s, and --limits holds them against what is promised):

    python -m pytest tests/load -s --limits -k freshness --feeds 500 --cycles 20
    python -m pytest tests/load -s --limits -k scale --feeds 5000
    python -m pytest tests/load -s --limits -k memory --feeds 50 --cycles 500

`--detector real` does the same with the detector that is shipped.
"""

import os
import signal
import statistics
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from feed_farm import Farm, open_farm
from started import measure_memory, start_watch

from pipelines.query import run_query
from transforms.data_folder import MissingData

_PATIENCE = 300


@dataclass(frozen=True)
class Load:
    """How much is tried."""

    feeds: int
    cycles: int
    detector: str
    #: whether the figures are held against what is promised
    limits: bool


@pytest.fixture
def load(request: pytest.FixtureRequest) -> Load:
    return Load(**{name: request.config.getoption(f"--{name}") for name in Load.__dataclass_fields__})


def write_settings(interval: float) -> str:
    fetch = f"interval_first: {interval}, interval_min: {interval}, interval_max: {interval}"
    return f"fetch: {{allow_hosts: [127.0.0.1], page_below: 0, {fetch}, linger: 0.5}}"


def find_titles(folder: Path) -> set[str]:
    try:
        return {str(title) for (title,) in run_query(folder / "data", "SELECT title FROM articles").rows}
    except MissingData:
        return set()


def stop(process: "subprocess.Popen[str]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(timeout=60) == 130
    finally:
        process.kill()


def wait_until_asked(farm: Farm, process: "subprocess.Popen[str]", count: int) -> None:
    """Return when the farm was asked so often; fail where that has stopped."""
    asked, deadline = -1, 0.0
    while farm.asked < count:
        if farm.asked != asked:
            asked, deadline = farm.asked, time.monotonic() + _PATIENCE
        assert process.poll() is None and time.monotonic() < deadline
        time.sleep(0.05)


def test_freshness(load: Load, tmp_path: Path) -> None:
    """From publication to the answer of a query: the poll interval and five seconds."""
    interval = 10.0 if load.limits else 1.0
    with open_farm(load.feeds) as farm:
        process = start_watch(tmp_path, farm.list_urls(), write_settings(interval), detector=load.detector)
        try:
            wait_until_asked(farm, process, load.feeds)
            seen: dict[str, float] = {}
            for _ in range(load.cycles):
                end = time.monotonic() + interval
                # New items come all through the cycle, not at its start.
                for _ in range(max(1, load.feeds // 100)):
                    time.sleep(interval / max(1, load.feeds // 100) * 0.9)
                    farm.publish_some(1)
                    note_seen(tmp_path, seen)
                while time.monotonic() < end:
                    note_seen(tmp_path, seen)
            deadline = time.monotonic() + _PATIENCE
            while len(seen) < len(farm.published) and time.monotonic() < deadline:
                note_seen(tmp_path, seen)
            stop(process)
        finally:
            process.kill()
    assert set(seen) == set(farm.published)
    lags = sorted(seen[title] - at for title, at in farm.published.items())
    late = lags[min(len(lags) - 1, int(len(lags) * 0.95))]
    print(
        f"\nfreshness: {load.feeds} feeds each {interval:g} s, {len(lags)} items: visible after"
        f" {statistics.median(lags):.1f} s (median), {late:.1f} s (95 %), {lags[-1]:.1f} s (last);"
        f" load average {os.getloadavg()[0]:.1f}"
    )
    assert not load.limits or late < interval + 5


def note_seen(folder: Path, seen: dict[str, float]) -> None:
    now = time.time()
    for title in find_titles(folder):
        seen.setdefault(title, now)
    time.sleep(0.5)


def test_scale(load: Load, tmp_path: Path) -> None:
    """A pass over feeds that have nothing new."""
    with open_farm(load.feeds) as farm:
        for feed in range(load.feeds):
            farm.publish(feed)
        # A first pass reads all of them, without much to do after it.
        first = start_watch(
            tmp_path, farm.list_urls(), write_settings(86_400), "--once", detector=load.detector
        )
        began = time.monotonic()
        assert first.wait() == 0, (tmp_path / "said.txt").read_text()[-3_000:]
        reading = time.monotonic() - began
        assert find_titles(tmp_path) == set(farm.published)
        farm.answers.clear()
        process = start_watch(
            tmp_path, farm.list_urls(), write_settings(86_400), "--once", detector=load.detector
        )
        began, asked, peak = time.monotonic(), 0.0, 0.0
        while process.poll() is None:
            if not asked and farm.answers:
                asked = time.monotonic()
            peak = max(peak, measure_memory(process.pid)[1])
            time.sleep(0.05)
        ended = time.monotonic()
        assert process.returncode == 0, (tmp_path / "said.txt").read_text()[-3_000:]
    assert farm.answers == {304: load.feeds}
    print(
        f"\nscale: {load.feeds} feeds, unchanged: {ended - asked:.1f} s from the first question to the end,"
        f" {ended - began:.1f} s with the start, peak {peak:.0f} MB; reading all anew took {reading:.0f} s"
    )
    assert not load.limits or (ended - began < 60 and peak < 600)


def test_memory(load: Load, tmp_path: Path) -> None:
    """Cycle after cycle, each with something new: the memory stays as it was after the first tenth."""
    with open_farm(load.feeds) as farm:
        process = start_watch(tmp_path, farm.list_urls(), write_settings(1), detector=load.detector)
        try:
            step = max(1, load.cycles // 10)
            figures = []
            began = time.monotonic()
            for cycle in range(1, load.cycles + 1):
                farm.publish_some(max(1, load.feeds // 10))
                wait_until_asked(farm, process, cycle * load.feeds)
                if cycle % step == 0:
                    figures.append((cycle, *measure_memory(process.pid)))
            deadline = time.monotonic() + _PATIENCE
            while find_titles(tmp_path) != set(farm.published) and time.monotonic() < deadline:
                time.sleep(0.5)
            spent = time.monotonic() - began
            stop(process)
        finally:
            process.kill()
    assert find_titles(tmp_path) == set(farm.published)
    batches = (tmp_path / "said.txt").read_text().count('"batch"')
    words = "; ".join(f"{cycle}: {now:.0f}, at most {peak:.0f}" for cycle, now, peak in figures)
    print(f"\nmemory: MB after cycle {words}; {len(farm.published)} items, {batches} batches, {spent:.0f} s")
    assert not load.limits or figures[-1][2] <= figures[0][2] * 1.1
