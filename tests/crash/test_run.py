"""A run that is killed at any moment, and started again, ends as one that nobody disturbed.

By hand: python -m pytest tests/crash/test_run.py --kills 30 --documents 2000
"""

import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from stand_in import write_articles

from pipelines.query import run_query
from transforms.tables import TABLES

PROGRAM = Path(__file__).parents[1] / "stand_ins" / "stand_in.py"


def start(source: Path, data: Path, pause: float = 0.0, workers: int = 1) -> "subprocess.Popen[str]":
    settings = source.with_suffix(".yaml")
    batch = max(20, len(source.read_text().splitlines()) // 8) // workers
    settings.write_text(f"run: {{batch_documents: {batch}, workers: {workers}}}")
    command = ["run", str(source), "--data", str(data), "--now", "2024-05-01", "--config", str(settings)]
    environ = {**os.environ, "STAND_IN_PAUSE": str(pause), "STAND_IN_LOADS": str(data) + ".loads"}
    Path(environ["STAND_IN_LOADS"]).unlink(missing_ok=True)
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *command], env=environ, stderr=subprocess.PIPE, text=True
    )


def wait_for_work(process: "subprocess.Popen[str]", data: Path, workers: int = 1) -> list[int]:
    """Started run → its processes that detect, once all do so; where it ends before, those that did."""
    noted = Path(f"{data}.loads")
    working: list[int] = []
    deadline = time.monotonic() + 120
    while process.poll() is None and len(working) < workers and time.monotonic() < deadline:
        time.sleep(0.02)
        working = [int(line) for line in noted.read_text().split()] if noted.exists() else []
    return working


#: of the tables those that every run writes
WRITTEN = tuple(name for name, table in TABLES.items() if not table.on_demand)


def read_rows(data: Path) -> dict[str, list[str]]:
    # The detector's name tells the settings, which may be edited while the tests run.
    kept = {name: "* EXCLUDE (detector)" if name == "events" else "*" for name in WRITTEN}
    return {
        name: sorted(repr(row) for row in run_query(data, f"SELECT {kept[name]} FROM {name}").rows)
        for name in WRITTEN
    }


def count_globbed(data: Path) -> dict[str, int]:
    return {
        name: duckdb.sql(
            f"SELECT count(*) FROM read_parquet('{data}/{name}/{TABLES[name].partition}=*/*.parquet')"
        ).fetchall()[0][0]
        for name in WRITTEN
    }


@dataclass(frozen=True)
class Undisturbed:
    """What a run gives that nobody disturbs, and how long it takes."""

    source: Path
    rows: dict[str, list[str]]
    seconds: float


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Undisturbed:
    folder = tmp_path_factory.mktemp("undisturbed")
    source = folder / "news.jsonl"
    write_articles(source, request.config.getoption("--documents"))
    started = time.monotonic()
    process = start(source, folder / "data")
    assert process.wait() == 0, process.stderr.read()
    seconds = time.monotonic() - started
    rows = read_rows(folder / "data")
    assert all(rows.values())
    return Undisturbed(source, rows, seconds)


@pytest.mark.parametrize("workers", [1, 2])
def test_kill(undisturbed: Undisturbed, tmp_path: Path, request: pytest.FixtureRequest, workers: int) -> None:
    """With several workers now one of them is killed, now the process that shares the work out."""
    data, chance = tmp_path / "killed", random.Random(11)
    turns, pause = request.config.getoption("--kills") // workers + 1, 0.1 * workers
    # All pauses together last far longer than that, on any machine: the kills hit a run at work.
    longest = 0.6 * request.config.getoption("--documents") * 0.05 / turns
    died = {"worker": 0, "run": 0}
    for turn in range(turns):
        process = start(undisturbed.source, data, pause, workers)
        working = wait_for_work(process, data, workers)
        time.sleep(chance.uniform(0, longest))
        if workers == 1 or turn % 2 or not working:
            process.kill()
            died["run"] += process.wait() == -signal.SIGKILL
        else:
            os.kill(chance.choice(working), signal.SIGKILL)
            code, said = process.wait(timeout=60), process.stderr.read()
            assert code in (0, 1), said
            if code:
                assert "A worker process died (signal 9)" in said and "Traceback" not in said, said
                died["worker"] += 1
        wait_for_end(working)
    process = start(undisturbed.source, data, workers=workers)
    assert process.wait() == 0, process.stderr.read()
    assert died["run" if workers == 1 else "worker"], died
    assert read_rows(data) == undisturbed.rows
    assert count_globbed(data) == {name: len(rows) for name, rows in undisturbed.rows.items()}
    assert not list(data.glob("_staging/*"))
    print(died)


def wait_for_end(processes: list[int]) -> None:
    """No worker outlives the run."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if not any(is_worker(one) for one in processes):
            return
        time.sleep(0.02)
    raise AssertionError(f"still there: {processes}")


def is_worker(process: int) -> bool:
    try:
        return b"pipelines.worker" in Path(f"/proc/{process}/cmdline").read_bytes()
    except OSError:
        return False


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption(undisturbed: Undisturbed, tmp_path: Path, number: signal.Signals, workers: int) -> None:
    data = tmp_path / "stopped"
    process = start(undisturbed.source, data, pause=0.05 * workers, workers=workers)
    working = wait_for_work(process, data, workers)
    deadline = time.monotonic() + 120
    while not list(data.glob("articles/*=*/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(timeout=60) == 130, process.stderr.read()
    wait_for_end(working)
    said = process.stderr.read()
    assert "Interrupted" in said and "Traceback" not in said
    rows = read_rows(data)
    assert 0 < len(rows["articles"]) < len(undisturbed.rows["articles"])
    assert set(rows["articles"]) <= set(undisturbed.rows["articles"])
    assert count_globbed(data) == {name: len(some) for name, some in rows.items()}
    assert not list(data.glob("_staging/*"))
