"""Feeds followed by a job of Flink: each item is there once, however often its task managers are killed.

make flink-test ARGS="-s -k live --kills 5"
"""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flink_cluster import QUICK, ROOT, FlinkCluster, stop
from newsroom import PROGRAM, SETTINGS, Newsroom, write_list
from web_site import open_site

from pipelines.live_items import LATENESS
from pipelines.query import run_query
from transforms.data_folder import MissingData

_PATIENCE = 120
_FIND = "SELECT title, key FROM articles_all UNION ALL SELECT title, key FROM rejects"


def count_rows(data: Path) -> Counter[str]:
    """Data folder → how many rows each item has; a row for each of its revisions."""
    try:
        return Counter(str(title) for title, _ in run_query(data, _FIND).rows)
    except MissingData:
        return Counter()


def count_published(room: Newsroom) -> Counter[str]:
    return Counter({f"Item {number}": len(texts) for number, texts in room.items.items()})


class Session:
    """`watch` on the cluster, and what it says."""

    def __init__(self, cluster: FlinkCluster, folder: Path, *flags: str) -> None:
        self.cluster = cluster
        (folder / "mine.yaml").write_text(SETTINGS)
        command = ["watch", "--feeds", str(folder / "feeds.txt"), "--data", str(folder / "data")]
        command += ["--config", str(folder / "mine.yaml"), *flags, "--", *cluster.flags]
        command += ["--checkpointing_interval=2000", "--execution_retry_delay=500"]
        self.said = folder / f"said {time.monotonic_ns()}"
        with self.said.open("w") as said:
            self.process = subprocess.Popen(
                [sys.executable, str(PROGRAM), *command],
                stderr=said,
                env={**os.environ, "PYTHONPATH": str(ROOT), "JDK_JAVA_OPTIONS": QUICK},
                start_new_session=True,
            )

    def await_words(self, words: str) -> None:
        wait_until(lambda: words in self.said.read_text() or self.process.poll() is not None, words)
        assert words in self.said.read_text(), self.said.read_text()

    def await_job(self) -> str:
        """Nothing → number of the job, once it runs and takes checkpoints."""
        self.await_words(" runs")
        [job] = [name for name, state in self.cluster.list_jobs().items() if state == "RUNNING"]
        self.cluster.await_checkpoints(job, "completed", 1)
        return job

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(_PATIENCE) == 130, self.said.read_text()

    def end(self) -> None:
        stop(self.process)


def wait_until(holds: Callable[[], bool], what: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not holds():
        assert time.monotonic() < until, what
        time.sleep(0.5)


@pytest.fixture
def room(tmp_path: Path) -> Iterator[Newsroom]:
    with open_site() as site:
        room = Newsroom(site, seed=1)
        write_list(tmp_path, site)
        yield room


Start = Callable[..., Session]


@pytest.fixture
def start_session(cluster: FlinkCluster) -> Iterator[Start]:
    sessions: list[Session] = []

    def start(folder: Path, *flags: str) -> Session:
        sessions.append(Session(cluster, folder, *flags))
        return sessions[-1]

    yield start
    for session in sessions:
        session.end()


def publish_for(room: Newsroom, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        room.publish(2)
        time.sleep(0.5)


def check_all_there(room: Newsroom, data: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while count_rows(data) != count_published(room) and time.monotonic() < until:
        time.sleep(1)
    assert count_rows(data) == count_published(room)


def test_live_items_are_there_once(
    cluster: FlinkCluster,
    start_session: Start,
    room: Newsroom,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    kills, data = request.config.getoption("--kills"), tmp_path / "data"
    session = start_session(tmp_path)
    job = session.await_job()
    for _ in range(kills):
        before = cluster.count_checkpoints(job)
        publish_for(room, 5)
        cluster.await_checkpoints(job, "completed", before["completed"] + 1)
        publish_for(room, 3)
        cluster.kill_manager()
        cluster.add_manager()
        cluster.await_checkpoints(job, "restored", before["restored"] + 1)
    check_all_there(room, data)
    for number in range(0, len(room.items), 3):
        room.change(number)
    check_all_there(room, data)
    counts = cluster.count_checkpoints(job)
    session.interrupt()
    print(f"{kills} kills, {count_rows(data).total()} items; checkpoints {counts}")


def test_a_live_job_outlives_its_session_and_goes_on_from_a_savepoint(
    cluster: FlinkCluster, start_session: Start, room: Newsroom, tmp_path: Path
) -> None:
    data = tmp_path / "data"
    room.publish(20)
    first = start_session(tmp_path)
    job = first.await_job()
    first.end()
    publish_for(room, 2)
    check_all_there(room, data)
    second = start_session(tmp_path)
    second.await_words(f"joined the job {job}")
    publish_for(room, 2)
    second.interrupt()
    assert cluster.list_jobs()[job] == "FINISHED"
    there = count_rows(data)
    room.publish(20)
    for number in range(10):
        room.change(number)
    third = start_session(tmp_path)
    job = third.await_job()
    assert cluster.count_checkpoints(job)["restored"] == 1
    check_all_there(room, data)
    # What the savepoint knew of them made these their second revisions.
    [(revised,)] = run_query(data, "SELECT count(*) FROM articles_all WHERE revision = 2").rows
    assert revised == sum(number % 5 > 0 for number in range(10))
    assert there.total() < count_rows(data).total()
    # The watermark is as far behind the clock as LATENESS says, and moves.
    wait_until(lambda: find_committed(cluster, job) > 0, "a watermark")
    reached = find_committed(cluster, job)
    assert 0 <= (time.time() - LATENESS) * 1000 - reached < 60_000
    wait_until(lambda: find_committed(cluster, job) > reached, "watermark")
    third.interrupt()
    room.publish(10)
    room.calm = True
    assert start_session(tmp_path, "--once").process.wait(_PATIENCE) == 0
    check_all_there(room, data)


def find_committed(cluster: FlinkCluster, job: str) -> int:
    """Job → watermark of the task that commits: milliseconds since 1970; not above 0 while there is none."""
    [mark] = [mark for name, mark in cluster.find_watermarks(job).items() if "Commit" in name]
    return mark
