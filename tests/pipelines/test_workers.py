"""Runs with several workers, with the stand-in detector: the same rows, and errors that are told."""

import os
from pathlib import Path

import pytest
from mixed_inputs import dump, write_inputs

from pipelines.command import main
from pipelines.crew import CrewOptions, WorkerFailed, gather_crew
from pipelines.plan import build_plan
from pipelines.query import run_query
from pipelines.settings import load_settings
from pipelines.slices import cut_batches, size_batches
from transforms.commit import next_batch
from transforms.inputs import InputFile

pytestmark = pytest.mark.usefixtures("stand_in")


def run(source: Path, data: Path, workers: int, batch_documents: int = 40) -> int:
    config = source.parent / "mine.yaml"
    config.write_text(
        f"run: {{batch_documents: {batch_documents}, archive_part_bytes: 8000, max_error_share: 1}}"
    )
    flags = ("--now", "2024-05-01T12:00:00Z", "--config", str(config), "--workers", str(workers))
    return main(["run", str(source), "--data", str(data), *flags])


def test_rows_do_not_depend_on_workers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_inputs(tmp_path / "in")
    said = {}
    for workers in (1, 2):
        monkeypatch.setenv("STAND_IN_LOADS", str(tmp_path / f"loads{workers}"))
        assert run(source, tmp_path / str(workers), workers) == 0
        said[workers] = capsys.readouterr().err.partition("seconds")[0].split()[3:]
    expected = dump(tmp_path / "1")
    assert all(expected.values())
    assert any("off_topic" in row for row in expected["archives"])
    assert any("nobody expected this" in row for row in expected["rejects"])
    assert run_query(tmp_path / "1", "SELECT 1 FROM articles WHERE duplicate_of IS NOT NULL").rows
    assert dump(tmp_path / "2") == expected
    assert said[1] == said[2]
    # The model is loaded once in each worker, and never in the process that shares the work out.
    loads = (tmp_path / "loads2").read_text().split()
    assert next_batch(tmp_path / "2") > 2
    assert len(loads) == len(set(loads)) == 2 and str(os.getpid()) not in loads


def test_parts_that_one_worker_did_are_done_for_two(tmp_path: Path) -> None:
    source = write_inputs(tmp_path / "in")
    assert run(source / "pages.warc.gz", tmp_path / "data", 1) == 0
    batches, rows = next_batch(tmp_path / "data"), dump(tmp_path / "data")
    assert run(source / "pages.warc.gz", tmp_path / "data", 2) == 0
    assert (next_batch(tmp_path / "data"), dump(tmp_path / "data")) == (batches, rows)


def test_what_goes_wrong_in_a_worker_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_inputs(tmp_path / "in")
    monkeypatch.setenv("STAND_IN_BROKEN", "1")
    with pytest.raises(WorkerFailed, match=r"(?s)in a worker:\nTraceback.*there is no model"):
        run(source, tmp_path / "data", 2)
    monkeypatch.delenv("STAND_IN_BROKEN")
    assert run(source, tmp_path / "data", 1) == 0
    assert not list(tmp_path.glob("data/_staging/*"))


def test_workers_end_with_their_crew(tmp_path: Path) -> None:
    plan = build_plan(load_settings())
    with gather_crew(plan, CrewOptions(workers=2), tmp_path):
        assert _count_workers() == 2
    assert _count_workers() == 0


def _count_workers() -> int:
    found = 0
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            mine = f"PPid:\t{os.getpid()}\n" in (path.parent / "status").read_text()
            found += mine and b"pipelines.worker" in path.read_bytes()
        except OSError:
            continue
    return found


def test_batches_hold_as_much_for_each_worker(tmp_path: Path) -> None:
    (tmp_path / "x.jsonl").write_text("{}\n" * 100)
    file = InputFile(path=str(tmp_path / "x.jsonl"), name="x.jsonl")
    for workers, sizes in ((1, [16] * 6 + [0]), (3, [48, 48, 2])):
        batches = list(cut_batches([file], size_batches(16, 8_000, workers)))
        # The last slice of a file is open.
        assert [sum(part.count or 0 for part in batch) for batch in batches] == sizes
        assert len(batches[0]) == (1 if workers == 1 else 24)
    assert size_batches(16, 8_000, 1).part_bytes == size_batches(16, 8_000, 3).part_bytes
