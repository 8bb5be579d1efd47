"""What streaming would stand on holds: an item is there once, however often task managers are killed.

make flink-test ARGS="-s -k ground --kills 5"
"""

import time
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.runner import PipelineResult
from flink_cluster import FlinkCluster, start_cluster
from streaming_ground import build

from pipelines.query import run_query
from transforms.data_folder import MissingData

_PATIENCE = 180


def read_keys(data: Path) -> list[str]:
    try:
        return [str(key) for (key,) in run_query(data, "SELECT key FROM rejects").rows]
    except MissingData:
        return []


def submit(cluster: FlinkCluster, feeds: list[Path], data: Path, *flags: str) -> PipelineResult:
    options = PipelineOptions([*cluster.flags, "--streaming", "--checkpointing_interval=2000", *flags])
    pipeline = beam.Pipeline("FlinkRunner", options=options)
    build(pipeline, [str(feed) for feed in feeds], data)
    return pipeline.run()


class Writer:
    """Adds lines to files, and knows what must be in the tables in the end."""

    def __init__(self, feeds: list[Path], data: Path) -> None:
        self._feeds, self._data = feeds, data
        self.written: set[str] = set()
        for feed in feeds:
            feed.write_text("")

    def write_for(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            for feed in self._feeds:
                line = f"item {len(self.written)}"
                with feed.open("a") as file:
                    file.write(f"{line}\n")
                self.written.add(f"{feed.name} {line}")
            time.sleep(0.5)

    def await_rows(self) -> list[str]:
        until = time.monotonic() + _PATIENCE
        while set(keys := read_keys(self._data)) != self.written and time.monotonic() < until:
            time.sleep(1)
        return keys


def test_the_ground_holds(flink: Path, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    kills = request.config.getoption("--kills")
    feeds, data = [tmp_path / f"feed{number}" for number in range(4)], tmp_path / "data"
    writer = Writer(feeds, data)
    settings = {
        "restart-strategy.type": "fixed-delay",
        "restart-strategy.fixed-delay.attempts": 1000,
        "restart-strategy.fixed-delay.delay": "1 s",
        "state.checkpoints.dir": f"file://{tmp_path / 'checkpoints'}",
    }
    with start_cluster(flink, tmp_path / "cluster", managers=2, **settings) as cluster:
        result = submit(cluster, feeds, data)
        job = cluster.await_job()
        for _ in range(kills):
            before = cluster.count_checkpoints(job)
            writer.write_for(5)
            cluster.await_checkpoints(job, "completed", before["completed"] + 1)
            writer.write_for(3)
            cluster.kill_manager()
            cluster.add_manager()
            cluster.await_checkpoints(job, "restored", before["restored"] + 1)
        writer.write_for(5)
        keys = writer.await_rows()
        counts = cluster.count_checkpoints(job)
        result.cancel()
    print(f"{kills} kills, {len(keys)} items; checkpoints {counts}")
    assert sorted(keys) == sorted(writer.written)
    assert counts["restored"] >= kills
