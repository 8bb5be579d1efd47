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


def start(source: Path, data: Path, pause: float = 0.0) -> "subprocess.Popen[str]":
    settings = source.with_suffix(".yaml")
    settings.write_text(f"run: {{batch_documents: {max(20, len(source.read_text().splitlines()) // 8)}}}")
    command = ["run", str(source), "--data", str(data), "--now", "2024-05-01", "--config", str(settings)]
    environ = {**os.environ, "STAND_IN_PAUSE": str(pause)}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *command], env=environ, stderr=subprocess.PIPE, text=True
    )


def read_rows(data: Path) -> dict[str, list[str]]:
    # The detector's name tells the settings, which may be edited while the tests run.
    kept = {name: "* EXCLUDE (detector)" if name == "events" else "*" for name in TABLES}
    return {
        name: sorted(repr(row) for row in run_query(data, f"SELECT {kept[name]} FROM {name}").rows)
        for name in TABLES
    }


def count_globbed(data: Path) -> dict[str, int]:
    return {
        name: duckdb.sql(
            f"SELECT count(*) FROM read_parquet('{data}/{name}/{table.partition}=*/*.parquet')"
        ).fetchall()[0][0]
        for name, table in TABLES.items()
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


def test_kill(undisturbed: Undisturbed, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source, expected = undisturbed.source, undisturbed.rows
    chance = random.Random(11)
    kills = 0
    for _ in range(request.config.getoption("--kills")):
        process = start(source, tmp_path / "killed")
        # Most of the start is imports: aim at what comes after them.
        time.sleep(chance.uniform(0.3, 1.0) * undisturbed.seconds)
        process.kill()
        kills += process.wait() == -signal.SIGKILL
    process = start(source, tmp_path / "killed")
    assert process.wait() == 0, process.stderr.read()
    assert kills
    assert read_rows(tmp_path / "killed") == expected
    assert count_globbed(tmp_path / "killed") == {name: len(rows) for name, rows in expected.items()}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interruption(undisturbed: Undisturbed, tmp_path: Path, number: signal.Signals) -> None:
    data = tmp_path / "stopped"
    process = start(undisturbed.source, data, pause=0.05)
    deadline = time.monotonic() + 60
    while not list(data.glob("articles/*=*/*.parquet")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(number)
    assert process.wait(timeout=20) == 130, process.stderr.read()
    said = process.stderr.read()
    assert "Interrupted" in said and "Traceback" not in said
    rows = read_rows(data)
    assert 0 < len(rows["articles"]) < len(undisturbed.rows["articles"])
    assert set(rows["articles"]) <= set(undisturbed.rows["articles"])
    assert count_globbed(data) == {name: len(some) for name, some in rows.items()}
    assert not list(data.glob("_staging/*"))
