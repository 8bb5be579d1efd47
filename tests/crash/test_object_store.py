"""A run into an object store that is killed at any moment, and started again, ends as one that wasn't.

By hand: python -m pytest -n 0 -s tests/crash/test_object_store.py --kills 30 --documents 400
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from mixed_inputs import dump
from object_store import BUCKET, keep_to_months, list_keys, make_client
from stand_in import write_articles

from pipelines.command import main
from transforms.object_address import Address
from transforms.tables import TABLES

PROGRAM = Path(__file__).parents[1] / "stand_ins" / "stand_in.py"


def start(source: str, data: str, settings: Path, pause: float = 0.0) -> "subprocess.Popen[str]":
    command = ["run", source, "--data", data, "--now", "2024-05-01", "--config", str(settings)]
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *command],
        env={**os.environ, "STAND_IN_PAUSE": str(pause)},
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.usefixtures("stand_in")
def test_kill(store: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    source, settings = tmp_path / "news.jsonl", tmp_path / "mine.yaml"
    documents, kills = (request.config.getoption(name) for name in ("--documents", "--kills"))
    kills = max(1, kills - 1)
    write_articles(source, documents)
    keep_to_months(source)
    settings.write_text(f"run: {{batch_documents: {max(10, documents // 4)}}}")
    undisturbed = ["--data", str(tmp_path / "undisturbed"), "--now", "2024-05-01", "--config", str(settings)]
    assert main(["run", str(source), *undisturbed]) == 0
    data, client, chance = f"{store}/killed", make_client(os.environ), random.Random(5)
    died = 0
    for _ in range(kills):
        process = start(str(source), data, settings, pause=0.05)
        held = hold = len(list_keys(client, "killed/"))
        until = time.monotonic() + 60
        # Once it has begun to write; where it does depends on chance.
        while process.poll() is None and hold == held and time.monotonic() < until:
            time.sleep(0.02)
            hold = len(list_keys(client, "killed/"))
        time.sleep(chance.uniform(0, 0.3 + 0.06 * documents / kills))
        process.kill()
        died += process.wait() == -signal.SIGKILL
    process = start(str(source), data, settings)
    assert process.wait() == 0, process.stderr.read()
    assert died, "no kill hit a run at work"
    expected = dump(tmp_path / "undisturbed")
    assert dump(Address.read(data)) == expected and all(expected[name] for name in ("events", "rejects"))
    # The plain glob is exact again, and nothing is left of what was not committed.
    keys = list_keys(client, "killed/")
    assert not [key for key in keys if "/_staging/" in key]
    assert count_rows(keys) == {name: len(expected[name]) for name in count_rows(keys)}
    print({"killed": died, "objects": len(keys)})


def count_rows(keys: "list[str]") -> "dict[str, int]":
    """Keys of a data folder → rows in all the Parquet files of each table, whatever its log says."""
    from transforms.storage import open_parquet

    counts = {name: 0 for name, table in TABLES.items() if not table.on_demand}
    for key in keys:
        _, table, *rest = key.split("/")
        if table in counts and rest[-1].endswith(".parquet") and rest[0] != "_delta_log":
            counts[table] += open_parquet(Address(BUCKET, key)).metadata.num_rows
    return counts
