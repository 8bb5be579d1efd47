"""A retry that is killed at any moment, and started again, ends as one that nobody disturbed.

By hand: python -m pytest -s tests/crash/test_retry.py --kills 50 --documents 1000
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest
from stand_in import write_articles

from pipelines.query import run_query

PROGRAM = Path(__file__).parents[1] / "stand_ins" / "stand_in.py"


def start(*given: str, pause: float = 0.0) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *given, "--now", "2024-05-01"],
        env={**os.environ, "STAND_IN_PAUSE": str(pause)},
        stderr=subprocess.PIPE,
        text=True,
    )


def finish(*given: str) -> None:
    process = start(*given)
    assert process.wait(timeout=300) == 0, process.stderr.read() if process.stderr else ""


def rows_of(data: Path, table: str) -> list[str]:
    columns = {"events": "* EXCLUDE (detector)", "articles": "*", "rejects": "*"}[table]
    return sorted(map(repr, run_query(data, f"SELECT {columns} FROM {table}").rows))


def find_keys(data: Path) -> list[str]:
    """Keys of all rows as a reader sees them, whatever was killed."""
    sql = "SELECT key FROM articles UNION ALL SELECT key FROM rejects"
    return sorted(str(row[0]) for row in run_query(data, sql).rows)


def test_killed_at_any_moment(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills, documents = request.config.getoption("--kills"), request.config.getoption("--documents")
    source, data, whole = tmp_path / "news.jsonl", tmp_path / "data", tmp_path / "whole"
    write_articles(source, documents)
    batch = max(5, documents // 12)
    settings = {
        # All of it is rejected first: no article is in Finnish.
        "before": f"languages: [fi]\nrun: {{batch_documents: {documents}}}",
        "after": f"run: {{batch_documents: {batch}}}",
    }
    for name, words in settings.items():
        (tmp_path / name).write_text(words)
    before, after = (("--config", str(tmp_path / name)) for name in settings)
    finish("run", str(source), "--data", str(data), *before)
    finish("run", str(source), "--data", str(whole), *after)
    everything = find_keys(data)
    assert len(everything) == documents == len(run_query(data, "SELECT key FROM rejects").rows)
    command = ("rejects", "retry", "--data", str(data), "--reason", "language", *after)
    chance, died, amid = random.Random(3), 0, 0
    for _ in range(kills):
        staging, accepted = data / "_staging", run_query(data, "SELECT count(*) FROM articles").rows
        process = start(*command, pause=0.01)
        deadline = time.monotonic() + 60
        # Most of a start is imports, which no kill can harm.
        while process.poll() is None and not staging.exists() and time.monotonic() < deadline:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.5))
        process.kill()
        died += process.wait() == -signal.SIGKILL
        amid += staging.exists()
        assert find_keys(data) == everything, "each is one row, before anyone has put things right"
        assert run_query(data, "SELECT count(*) FROM articles").rows >= accepted
    assert died
    process = start(*command)
    # Nothing left to do is fine, too: the last kill may have come late.
    assert process.wait(timeout=300) in (0, 3), process.stderr.read() if process.stderr else ""
    print(f"\n{died} kills, {amid} amid a batch")
    assert find_keys(data) == everything
    for table in ("articles", "events", "rejects"):
        assert rows_of(data, table) == rows_of(whole, table), table
        glob = f"SELECT count(*) FROM read_parquet('{data}/{table}/*=*/*.parquet')"
        assert duckdb.sql(glob).fetchall() == [(len(rows_of(whole, table)),)]
    assert not list(data.glob("_staging/*"))
