"""Commands over an object store: the rows of a folder, and what can't be done there is said."""

import os
import sys
from contextlib import closing
from pathlib import Path

import pytest
from mixed_inputs import dump, write_inputs
from object_store import BUCKET, keep_to_months, list_keys, make_client, upload

from pipelines.command import main
from pipelines.query import FilesGone, Snapshot, named_queries, run_query
from transforms.data_folder import write_lock
from transforms.index_copies import have_index, name_index, share_index
from transforms.known import KnownArticles, update_index
from transforms.object_address import Address
from transforms.storage import list_files, remove_files

pytestmark = pytest.mark.usefixtures("stand_in")

ROOT = Path(__file__).parents[2]
NOW = ("--now", "2024-05-01T12:00:00Z")


@pytest.fixture(scope="module")
def inputs(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = write_inputs(tmp_path_factory.mktemp("mixed") / "in", 30)
    keep_to_months(folder / "news.jsonl")
    upload(make_client(os.environ), folder, "mixed/in")
    (folder.parent / "mine.yaml").write_text("run: {archive_part_bytes: 40000, max_error_share: 1}")
    return folder


@pytest.fixture
def made(inputs: Path, store: str, tmp_path: Path) -> tuple[Path, Address]:
    """The same run on a disk, and from one place of an object store to another."""
    config = ("--config", str(inputs.parent / "mine.yaml"))
    if not (inputs.parent / "data").exists():
        assert main(["run", str(inputs), "--data", str(inputs.parent / "data"), *config, *NOW]) == 0
        assert main(["run", f"{store}/mixed/in", "--data", f"{store}/mixed/data", *config, *NOW]) == 0
    return inputs.parent / "data", Address.read(f"{store}/mixed/data")


def test_rows_are_those_of_a_folder(
    inputs: Path, made: tuple[Path, Address], store: str, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = made
    moved = (f"{store}/mixed/in", str(inputs))
    expected = dump(here)
    assert dump(there, moved) == expected and all(expected.values())
    with closing(Snapshot(here)) as local, closing(Snapshot(there)) as remote:
        for name, (_, sql) in named_queries().items():
            assert repr(remote.ask(sql).rows).replace(*moved) == repr(local.ask(sql).rows), name
    # One of the two may lie in a folder; what is known there is known.
    assert main(["run", str(inputs / "news.jsonl"), "--data", str(there), *NOW]) == 0
    assert "accepted                   0" in capsys.readouterr().err
    assert not list_files(there, "_staging/*/*")


def test_the_shipped_detector_finds_the_same(
    store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pytestconfig: pytest.Config
) -> None:
    from transforms import recipes

    if pytestconfig.getoption("--kills") < 2:
        pytest.skip("takes long: --kills 2")
    monkeypatch.undo()
    recipes.forget_steps()
    upload(make_client(os.environ), ROOT / "seeds", "seeds")
    assert main(["run", str(ROOT / "seeds"), "--data", str(tmp_path / "data"), *NOW]) == 0
    assert main(["run", f"{store}/seeds/**", "--data", f"{store}/seed-tables", *NOW]) == 0
    moved = (f"{store}/seeds", str(ROOT / "seeds"))
    for table in ("articles", "events", "rejects", "resolved_events", "positions"):
        sql = f"SELECT * FROM {table} ORDER BY ALL"
        found = repr(run_query(Address.read(f"{store}/seed-tables"), sql).rows).replace(*moved)
        assert found == repr(run_query(tmp_path / "data", sql).rows), table


def test_upkeep_and_what_only_reads(
    inputs: Path, made: tuple[Path, Address], store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here, there = made
    before = len(list_keys(make_client(os.environ), "mixed/data/"))
    said = []
    for data in (here, there):
        for command in ("maintain", "resolve --rebuild", "rejects list --limit 3"):
            assert main([*command.split(), "--data", str(data)]) == 0
        said.append(capsys.readouterr().out)
        out = tmp_path / f"events-{type(data).__name__}"
        assert main(["export", "--as", "gdelt", "--data", str(data), "--out", str(out)]) == 0
        said.append(capsys.readouterr().out)
    assert main(["report", "--data", str(there), "--out", str(tmp_path / "report.html"), *NOW]) == 0
    moved = (f"{store}/mixed/in", str(inputs))
    assert [one.replace(*moved) for one in said[2:]] == said[:2]
    assert dump(there, moved) == dump(here)
    assert len(list_keys(make_client(os.environ), "mixed/data/")) < before + 12
    assert main(["why", f"{store}/mixed/in/alone_too.txt", "--raw", "--data", str(there)]) == 0
    assert "That is all." in capsys.readouterr().out


def test_a_dry_run_writes_nothing(
    made: tuple[Path, Address], store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    client = make_client(os.environ)
    client.put_object(
        Bucket=BUCKET, Key="dry/new.txt", Body=b"Day\n\nFIN backs BGR in NATO. " + b"All day. " * 30
    )
    before = list_keys(client)
    command = ["run", f"{store}/dry", f"{store}/mixed/in", "--data", str(made[1]), "--dry-run"]
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "FIN" in out and "Would be written" in err
    assert list_keys(client) == before


@pytest.mark.parametrize(
    "command",
    ["watch --feeds feeds.txt", "serve", "rejects retry", "feeds status"],
)
def test_what_cannot_be_done_there_is_said(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--data", "s3://bucket/data"]) == 2
    said = capsys.readouterr().err
    assert "can't work with tables in an object store (s3://bucket/data) yet" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    "command", ["run s3://bucket/x --data y", "run x --data s3://b/y", "query events --data s3://b/y"]
)
def test_the_extra_is_named(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    assert main(command.split()) == 2
    assert "pip install 'alliance-watch[s3]'" in capsys.readouterr().err


def test_a_second_writer_is_told_who_writes(
    made: tuple[Path, Address],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    with write_lock(made[1]):
        assert main(["maintain", "--data", str(made[1])]) == 3
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
        assert main(["maintain", "--data", str(made[1])]) == 3
        assert run_query(made[1], "SELECT count(*) FROM articles").rows[0][0]
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 2 and all(f"is being written by process {os.getpid()} on" in line for line in said)


def test_files_that_are_gone_are_found_out(made: tuple[Path, Address]) -> None:
    """As when `maintain` joins them between a reader's listing and its reading."""
    # A folder may be copied as it is.
    upload(make_client(os.environ), made[0], "gone")
    gone = Address.read(f"s3://{BUCKET}/gone")
    snapshot = Snapshot(gone)
    remove_files(gone, list_files(gone, "events/*=*/*.parquet"))
    with pytest.raises(FilesGone):
        snapshot.ask("SELECT count(*), max(title) FROM events")


def test_workers_elsewhere_make_the_index_of_their_own(
    made: tuple[Path, Address], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = update_index(made[1])
    index = name_index(made[1], here)
    assert share_index(made[0], here) == here
    have_index.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    [[key]] = run_query(made[1], "SELECT min(key) FROM articles").rows
    with KnownArticles.open_read_only(index) as known:
        assert known.contains_key(key)
    assert len(list(tmp_path.rglob("_index.sqlite"))) == 1 and tmp_path not in here.parents


def test_a_machine_without_an_index_takes_the_copy(
    made: tuple[Path, Address], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = update_index(made[1])
    index = name_index(made[1], here)
    share_index(made[1], here)
    assert not list_files(made[1], "_index.sqlite/*"), "a small one is made as quickly"
    monkeypatch.setattr("transforms.index_copies._WORTH_BYTES", 0)
    share_index(made[1], here)
    assert list_files(made[1], "_index.sqlite/*") == ["_index.sqlite/copy"]
    have_index.cache_clear()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("transforms.index_copies.update_index", lambda _: pytest.fail("the copy is of today"))
    with KnownArticles.open_read_only(index) as known:
        [[key]] = run_query(made[1], "SELECT min(key) FROM articles").rows
        assert known.contains_key(key)
