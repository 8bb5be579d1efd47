import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipelines import __version__
from pipelines.command import build_parser, main, parse_arguments


def run(*arguments: str, **environ: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pipelines", *arguments],
        capture_output=True,
        text=True,
        env={**os.environ, **environ},
        timeout=60,
    )


def test_help_costs_little() -> None:
    before = os.times()
    shown = run("--help")
    after = os.times()
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    assert shown.returncode == 0 and "alliance-watch" in shown.stdout
    assert seconds < 0.4


@pytest.mark.parametrize(
    "command", ["run", "query", "rejects list", "rejects retry", "maintain", "evaluate", "config show"]
)
def test_each_command_has_examples(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    out = capsys.readouterr().out
    assert f"examples:\n  alliance-watch {command}" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["rnu", "x"], "there is no command 'rnu'; did you mean run?"),
        (["run", "x", "--data", "d", "--wokers"], "unknown argument '--wokers'; did you mean --workers?"),
        (["run", "x"], "the following arguments are required: --data"),
        (["run", "x", "--data", "d", "--limit", "0"], "invalid number from 1 on value: '0'"),
        (["run", "x", "--data", "d", "--now", "soon"], "invalid ISO 8601 time value: 'soon'"),
        (["run", "x", "--data", "d", "--dat", "e"], "unknown argument '--dat'; did you mean --data?"),
        (["query", "evnts", "--data", "."], "There is no query named 'evnts'. Did you mean events"),
        (["query", "SELECT * FROM evnts", "--data", "."], "evnts"),
        (["query", "events", "--data", "nowhere"], "There is no data folder nowhere"),
        (["query", "events"], "--data DIR is required"),
        (["maintain", "--data", "nowhere"], "There is no data folder nowhere"),
        (["evaluate", "nowhere.jsonl"], "nowhere.jsonl"),
        (["config", "check", "--config", "nowhere.yaml"], "nowhere.yaml: can't be read"),
        (["run", "x", "--data", "d", "--config", "nowhere.yaml"], "nowhere.yaml: can't be read"),
        (["config"], "required: check|show"),
    ],
)
def test_mistakes_are_told_in_a_sentence(
    arguments: list[str], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == "" and words in err and "Traceback" not in err


def test_no_command_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert "COMMAND" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"alliance-watch {__version__}\n"


def test_settings_can_be_checked_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("run: {workers: 2}")
    assert main(["config", "check", "--config", str(config)]) == 0
    assert main(["config", "show", "--config", str(config), "--format", "csv"]) == 0
    out = capsys.readouterr().out
    assert f"run.workers,2,{config}" in out and "detection.model," in out


def test_a_reader_that_stops_early_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m pipelines config show | head -1"
    done = subprocess.run(["bash", "-c", f"set -o pipefail; {command}"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr == ""


def test_a_model_that_is_not_installed_is_a_mistake_of_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "mine.yaml").write_text("detection: {model: no_such_model}")
    (tmp_path / "x.txt").write_text("NATO met.")
    command = ["run", str(tmp_path / "x.txt"), "--data", str(tmp_path / "d")]
    assert main([*command, "--config", str(tmp_path / "mine.yaml")]) == 2
    assert "no spaCy pipeline named 'no_such_model'" in capsys.readouterr().err
    assert not (tmp_path / "d").exists()


def test_beam_flags_stand_after_two_dashes() -> None:
    options = parse_arguments(build_parser(), ["run", "x", "--data", "d", "--", "--profile_cpu", "y"])
    assert options.inputs == ["x"] and options.beam_flags == ("--profile_cpu", "y")
