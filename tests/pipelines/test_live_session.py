"""What a session does before anything is submitted, and how it talks with Flink; jobs run in tests/flink."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_site import Answer, Site, open_site

from pipelines.command import main
from pipelines.engine import choose_engine
from pipelines.flink_rest import (
    FlinkRefused,
    cancel_jobs,
    find_last_error,
    find_running,
    stop_with_savepoint,
)
from pipelines.live_attendance import LAST, SAVEPOINTS
from pipelines.live_session import find_flags

JOBS = [
    {"jid": "old", "name": "mine", "state": "FINISHED", "start-time": 1},
    {"jid": "new", "name": "mine", "state": "RUNNING", "start-time": 2},
    {"jid": "going", "name": "mine", "state": "CANCELLING", "start-time": 4},
    {"jid": "other", "name": "theirs", "state": "RUNNING", "start-time": 3},
]


@pytest.fixture
def flink() -> Iterator[Site]:
    with open_site() as site:
        say(site, "/jobs/overview", {"jobs": JOBS})
        yield site


def say(site: Site, path: str, *said: object) -> None:
    """Site and path → the site says these, one after the other, and then the last again and again."""
    left = [Answer(json.dumps(one).encode()) for one in said]
    lock = threading.Lock()

    def answer() -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    site.answers[path] = answer


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--runner=SparkRunner"], "watch runs on this machine or on Flink, not on SparkRunner"),
        (["--runner=FlinkRunner", "--flink_master=[local]"], "needs a Flink that outlives it"),
        (
            ["--runner=FlinkRunner", "--flink_master=127.0.0.1:1", "--metrics-port=0"],
            "--metrics-port is for watch on one machine",
        ),
        (["--runner=FlinkRuner"], "did you mean FlinkRunner"),
        (["--runner=FlinkRunner", "--flink_master=127.0.0.1:1"], "Flink doesn't answer at 127.0.0.1:1"),
    ],
)
def test_clusters_that_are_none(
    flags: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    feeds = tmp_path / "feeds.txt"
    feeds.write_text("https://a.example/f\n")
    command = ["watch", "--feeds", str(feeds), "--data", str(tmp_path / "data")]
    code = main(
        [*command, *(f for f in flags if "metrics" in f), "--", *(f for f in flags if "metrics" not in f)]
    )
    assert code == 2 and words in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_a_session_goes_on_from_the_last_savepoint(tmp_path: Path) -> None:
    engine = choose_engine(["--runner=FlinkRunner", "--checkpointing_interval=5"])
    first = find_flags(engine, tmp_path, once=False)
    assert "--streaming" in first and not any("savepoint" in flag for flag in first)
    # What the user says holds.
    assert not any(flag.startswith("--checkpointing_interval") for flag in first)
    (tmp_path / SAVEPOINTS).mkdir()
    (tmp_path / SAVEPOINTS / LAST).write_text("file:/somewhere/savepoint-1")
    assert "--savepoint_path=file:/somewhere/savepoint-1" in find_flags(engine, tmp_path, once=False)
    once = find_flags(engine, tmp_path, once=True)
    assert "--shutdown_sources_after_idle_ms=0" in once and not any("savepoint" in flag for flag in once)


def test_jobs_are_found_by_name(flink: Site) -> None:
    found = find_running(flink.url, "mine")
    assert found is not None and found.number == "new"
    assert find_running(flink.url, "nobody's") is None
    # Nothing of that name is left to cancel: it returns at once.
    cancel_jobs(flink.url, "nobody's", until=float("inf"))


def test_a_job_is_stopped_with_a_savepoint(flink: Site) -> None:
    say(flink, "/jobs/new/stop", {"request-id": "r"})
    done = {"status": {"id": "COMPLETED"}, "operation": {"location": "file:/s"}}
    say(flink, "/jobs/new/savepoints/r", {"status": {"id": "IN_PROGRESS"}}, done)
    assert stop_with_savepoint(flink.url, "new", "file:/folder", 30.0) == "file:/s"
    assert json.loads(flink.posted[0][2]) == {"targetDirectory": "file:/folder", "drain": False}


def test_a_job_that_can_not_be_stopped_says_why(flink: Site) -> None:
    flink.answers["/jobs/new/stop"] = Answer(b'{"errors": ["no such job"]}', 404)
    with pytest.raises(FlinkRefused, match="no such job"):
        stop_with_savepoint(flink.url, "new", "file:/folder", 30.0)
    say(flink, "/jobs/new/stop", {"request-id": "r"})
    trace = "java.lang.Exception: outer\n\tat somewhere\nCaused by: java.io.IOException: No space left\n"
    failed = {"status": {"id": "COMPLETED"}, "operation": {"failure-cause": {"stack-trace": trace}}}
    say(flink, "/jobs/new/savepoints/r", failed)
    with pytest.raises(FlinkRefused, match=r"^java.io.IOException: No space left$"):
        stop_with_savepoint(flink.url, "new", "file:/folder", 30.0)
    say(flink, "/jobs/new/savepoints/r", {"status": {"id": "IN_PROGRESS"}})
    with pytest.raises(FlinkRefused, match="no savepoint within 0 seconds"):
        stop_with_savepoint(flink.url, "new", "file:/folder", 0.0)


def test_the_last_error_of_a_job_is_told(flink: Site) -> None:
    say(flink, "/jobs/new/exceptions", {"exceptionHistory": {"entries": []}})
    assert find_last_error(flink.url, "new") == ""
    python = "RuntimeError: Error received from SDK harness: Traceback (most recent call last):\n  File x\n"
    trace = f"Java: outer\nCaused by: {python}ValueError: in the worker\n\n\tat more\n"
    say(flink, "/jobs/new/exceptions", {"exceptionHistory": {"entries": [{"stacktrace": trace}]}})
    assert find_last_error(flink.url, "new") == "ValueError: in the worker"
