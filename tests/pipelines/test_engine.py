"""Which engine flags ask for, and runs on one that needs no Java: Beam's own job server."""

from pathlib import Path

import pytest
from mixed_inputs import dump, write_inputs

from pipelines.command import main
from pipelines.engine import HERE, BadRunner, Engine, choose_engine


@pytest.mark.parametrize(
    ("flags", "engine"),
    [
        ((), HERE),
        (("--runner=FnApiRunner",), Engine(flags=("--runner=FnApiRunner",))),
        (("--direct_num_workers=1",), Engine(flags=("--direct_num_workers=1",))),
        (
            ("--runner", "FlinkRunner", "--parallelism", "3"),
            Engine(runner="FlinkRunner", flags=("--runner", "FlinkRunner", "--parallelism", "3"), workers=3),
        ),
        (
            ("--runner=DataflowRunner", "--max_num_workers=20"),
            Engine(
                runner="DataflowRunner", flags=("--runner=DataflowRunner", "--max_num_workers=20"), workers=20
            ),
        ),
        (("--runner=SparkRunner",), Engine(runner="SparkRunner", flags=("--runner=SparkRunner",), workers=4)),
    ],
)
def test_flags_tell_the_engine(flags: tuple[str, ...], engine: Engine) -> None:
    assert choose_engine(flags) == engine


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--runner=FlinkRuner"], "did you mean FlinkRunner"),
        (["--runner=DirectRunner"], "without --runner the run stays on this machine"),
        (["--parallelism=many"], "can't be read"),
    ],
)
def test_flags_that_name_no_engine(flags: list[str], words: str) -> None:
    with pytest.raises(BadRunner, match=words):
        choose_engine(flags)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--runner=FlinkRunner"], "--flink_job_server_jar=FILE"),
        (["--runner=FlinkRunner", "--flink_job_server_jar=nowhere.jar"], "no job server at 'nowhere.jar'"),
        (["--runner=SparkRunner"], "--spark_job_server_jar=FILE"),
        (["--runner=PortableRunner"], "--job_endpoint=HOST:PORT"),
    ],
)
def test_a_cluster_that_is_not_told_is_asked_for(
    flags: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["run", "seeds", "--data", str(tmp_path / "data"), "--", *flags]) == 2
    assert words in capsys.readouterr().err


def test_workers_here_and_on_a_cluster_are_too_many(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--workers", "2", "--", "--runner=FlinkRunner"]
    assert main(["run", "seeds", "--data", str(tmp_path / "data"), *flags]) == 2
    assert "--parallelism=N" in capsys.readouterr().err


@pytest.mark.usefixtures("stand_in")
def test_rows_do_not_depend_on_the_engine(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = write_inputs(tmp_path / "in")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("run: {max_error_share: 1}")
    said = {}
    embedded = ["--runner=PortableRunner", "--job_endpoint=embed", "--environment_type=LOOPBACK"]
    for name, flags in {"here": [], "there": ["--", *embedded, "--parallelism=2"]}.items():
        command = ["run", str(source), "--data", name, "--now", "2024-05-01", "--config", "mine.yaml"]
        assert main([*command, *flags]) == 0
        # Reasons that are equally frequent stand in the order in which they came.
        said[name] = sorted(capsys.readouterr().err.partition("seconds")[0].splitlines()[1:])
    assert said["here"] == said["there"]
    assert dump(tmp_path / "here") == dump(tmp_path / "there")
