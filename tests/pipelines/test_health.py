"""What a supervisor and Prometheus are told, and which feeds have fallen silent."""

import urllib.error
import urllib.request
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from pipelines.health import serve_health, write_metrics
from pipelines.loopback import UnusablePort
from pipelines.state import open_state
from pipelines.summary import RunCounts
from pipelines.vital_signs import MEANINGS, find_lag, find_silent, find_trouble, list_samples
from pipelines.watch import Progress

DAY = 86_400.0


def ask(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_served_on_loopback() -> None:
    trouble: list[str | None] = [None]
    with serve_health(0, lambda: trouble[0], lambda: "a 1\n") as port:
        assert port is not None
        assert ask(port, "/healthz") == (200, "ok\n")
        trouble[0] = "it hangs"
        assert ask(port, "/healthz") == (503, "it hangs\n")
        assert ask(port, "/metrics") == (200, "a 1\n")
        assert ask(port, "/other")[0] == 404
        with pytest.raises(UnusablePort, match=str(port)), serve_health(port, lambda: None, str):
            pass
    with serve_health(None, lambda: None, str) as none:
        assert none is None


def test_metrics_are_in_prometheus_format() -> None:
    text = write_metrics(
        [("x_total", {"reason": 'a "b"\n'}, 3), ("y", {}, 0.5)], {"x_total": "Counts.", "y": "Measures."}
    )
    assert text.splitlines() == [
        "# HELP x_total Counts.", "# TYPE x_total counter", 'x_total{reason="a \\"b\\"\\n"} 3',
        "# HELP y Measures.", "# TYPE y gauge", "y 0.5",
    ]  # fmt: skip


def test_samples(tmp_path: Path) -> None:
    with closing(open_state(tmp_path)) as state:
        add_feed(state, "a", next_poll=100.0, last_poll=1.0)
        add_feed(state, "b", next_poll=50.0, retired=1)
        add_feed(state, "c", next_poll=900.0, failures=2)
    progress = Progress(counts=RunCounts(rejected=Counter(off_topic=3)), batches=2)
    progress.vitals.polls["read"] = 7
    samples = {
        (name, *labels.values()): value for name, labels, value in list_samples(tmp_path, progress, 160.0)
    }
    assert samples["alliance_watch_polls_total", "read"] == 7
    assert samples["alliance_watch_rejects_total", "off_topic"] == 3
    assert samples["alliance_watch_feeds", "retired"] == samples["alliance_watch_feeds", "failing"] == 1
    assert samples["alliance_watch_feed_lag_seconds",] == 60.0
    assert {name for name, *_ in samples} <= set(MEANINGS)


def test_trouble() -> None:
    progress = Progress(last_turn=1000.0)
    progress.vitals.last_look = 1000.0
    assert find_trouble(progress, 1100.0) is None
    assert find_trouble(progress, 1400.0) == "the feeds are not looked at"
    progress.vitals.last_look = 9000.0
    assert find_trouble(progress, 9001.0) == "the batch does not end"


def test_a_feed_that_used_to_deliver_and_stopped_is_silent(tmp_path: Path) -> None:
    with closing(open_state(tmp_path)) as state:
        add_feed(state, "busy", last_new=8 * DAY, mean_gap=3600.0)
        add_feed(state, "stopped", last_new=5 * DAY, mean_gap=3600.0)
        add_feed(state, "slow", last_new=5 * DAY, mean_gap=2 * DAY)
        add_feed(state, "never", last_poll=1.0)
        add_feed(state, "gone", last_new=1 * DAY, mean_gap=60.0, retired=1)
        assert find_silent(state, 8.5 * DAY) == [("stopped", 3.5 * DAY)]
        assert find_lag(state, 0.0) == 0.0


def add_feed(state: object, url: str, **fields: float) -> None:
    values = {"outlet": "", "language": "", "country": "", "listed": 1, "interval": 900, "added": 0, **fields}
    names = ", ".join(values)
    marks = ", ".join("?" * len(values))
    state.execute(  # type: ignore[attr-defined]
        f"INSERT INTO feeds (url, address, {names}) VALUES (?, ?, {marks})", (url, url, *values.values())
    )
