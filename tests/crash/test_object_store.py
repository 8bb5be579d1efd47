"""A run into an object store that is killed at any moment, and started again, ends as one that wasn't.

By hand: python -m pytest -n 0 -s tests/crash/test_object_store.py --kills 40 --documents 600
"""

import importlib.util
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import closing
from pathlib import Path

import pytest
from deltalake import DeltaTable
from mixed_inputs import dump
from object_store import BUCKET, keep_to_months, list_keys, make_client
from stand_in import write_articles

from pipelines.command import main
from pipelines.query import Snapshot
from pipelines.resolving import resolve_events
from transforms import lease, object_store
from transforms.commit import commit_staged, open_tables, read_snapshot, recover
from transforms.compaction import maintain
from transforms.data_folder import write_lock
from transforms.object_address import Address
from transforms.staging import stage_batch
from transforms.storage import list_files, open_parquet
from transforms.tables import TABLES

_spec = importlib.util.spec_from_file_location("write_batches", Path(__file__).with_name("write_batches.py"))
assert _spec and _spec.loader
write_batches = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(write_batches)

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
    documents, kills = documents // 2, max(1, kills - 1)
    write_articles(source, documents)
    keep_to_months(source)
    settings.write_text(f"run: {{batch_documents: {max(15, documents // 8)}}}")
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
            time.sleep(0.1)
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
    counts = {name: 0 for name, table in TABLES.items() if not table.on_demand}
    for key in keys:
        _, table, *rest = key.split("/")
        if table in counts and rest[-1].endswith(".parquet") and rest[0] != "_delta_log":
            counts[table] += open_parquet(Address(BUCKET, key)).metadata.num_rows
    return counts


class Dead(BaseException):
    """The process is gone: nothing it wanted to do afterwards happens."""


class Death:
    """Lets so many changes of the store happen, and none after them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left: int | None = None
        for where, name in (
            (object_store, "put_object"),
            (lease, "put_if"),
            (object_store, "remove_objects"),
            (DeltaTable, "create_write_transaction"),
            (DeltaTable, "create_checkpoint"),
        ):
            monkeypatch.setattr(where, name, self._count(getattr(where, name)))

    def _count(self, change: Callable[..., object]) -> Callable[..., object]:
        def counted(*arguments: object, **named: object) -> object:
            if self.left == 0:
                raise Dead
            if self.left is not None:
                self.left -= 1
            return change(*arguments, **named)

        return counted

    def after(self, changes: int, act: Callable[[], object]) -> bool:
        """Whether the act was cut short."""
        self.left = changes
        try:
            act()
        except Dead:
            return True
        finally:
            self.left = None
        return False


def fill(data: Address, batches: Iterable[int]) -> None:
    with write_lock(data):
        open_tables(data)
        for batch in batches:
            stage_batch(data, batch, write_batches.rows_of(batch))
            commit_staged(data, batch)
            if batch == 4:
                resolve_events(data, write_batches.NOW)


def commit(data: Address) -> None:
    with write_lock(data):
        stage_batch(data, 7, write_batches.rows_of(7))
        commit_staged(data, 7)


def join_files(data: Address) -> None:
    with write_lock(data):
        maintain(data, write_batches.NOW)


def resolve(data: Address) -> None:
    with write_lock(data):
        resolve_events(data, write_batches.NOW)


def state(data: Address) -> "dict[str, str]":
    with closing(Snapshot(data)) as snapshot:
        return {table: repr(snapshot.ask(f"SELECT * FROM {table} ORDER BY ALL").rows) for table in TABLES}


@pytest.mark.parametrize("act", [commit, join_files, resolve], ids=lambda act: act.__name__)
def test_any_step_can_be_the_last(
    act: Callable[[Address], None],
    store: str,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    """Not by chance: stop before each request (the short run: one) that changes something."""
    death, all_of_them = Death(monkeypatch), request.config.getoption("--kills") > 20
    if act is not commit and not all_of_them:
        pytest.skip("takes long: --kills 30")
    base = Address.read(f"{store}/steps-{act.__name__}")
    fill(base / "0", batches := (3, 4, 5, 6) if act is not commit else (3,))
    before = state(base / "0")
    act(base / "0")
    after, step, seen = state(base / "0"), 0 if all_of_them else 12, []
    fill(data := base / str(step + 1), batches)
    while death.after(step, lambda data=data: act(data)):  # type: ignore[misc]
        # A reader sees all of it or nothing, before anybody has put it right.
        seen.append(found := state(data))
        assert found in (before, after), step
        with write_lock(data):
            recover(data)
        assert state(data) in ((after,) if found == after else (before, after))
        listed = {path.relative_to(data) for paths in read_snapshot(data).values() for path in paths}
        assert listed == set(list_files(data, "*/*=*/*.parquet")), "the plain glob is exact"
        assert not list_files(data, "_staging/*/*")
        act(data)
        assert state(data) == after
        step += 1 if all_of_them else 18
        fill(data := base / str(step + 1), batches)
        assert step < 500
    assert state(data) == after and seen
    print(act.__name__, len(seen), "of", step)
