import os
from pathlib import Path

import pytest

from transforms.inputs import InputFile, MissingInput, find_inputs


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("x.txt", "sub/y.HTML", "sub/z.jsonl.gz", "a.pdf", ".hidden.txt", ".git/w.txt"):
        (tmp_path / "seeds" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "seeds" / name).write_text("x")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("given", ["seeds", "./seeds/", "{root}/seeds", "../{root.name}/seeds"])
def test_a_folder_has_the_same_names_however_it_is_written(folder: Path, given: str) -> None:
    found = find_inputs([given.format(root=folder)])
    assert [file.name for file in found] == ["seeds/sub/y.HTML", "seeds/sub/z.jsonl.gz", "seeds/x.txt"]


@pytest.mark.parametrize(
    "given", ["seeds/x.txt", "./seeds/x.txt", "seeds/*.txt", "seeds/[x].txt", "{root}/seeds/?.txt"]
)
def test_a_file_or_glob_gives_the_name_its_folder_would(folder: Path, given: str) -> None:
    assert [file.name for file in find_inputs([given.format(root=folder)])] == ["seeds/x.txt"]


def test_a_glob_over_folders_reads_them_once_and_passes_over_what_it_cannot_read(folder: Path) -> None:
    assert [file.name for file in find_inputs(["seeds/**", "seeds"])] == [
        "seeds/a.pdf",
        "seeds/sub/y.HTML",
        "seeds/sub/z.jsonl.gz",
        "seeds/x.txt",
    ]
    assert [file.name for file in find_inputs(["see*"])] == [
        f"{folder.name}/{file.name}" for file in find_inputs(["seeds"])
    ]


def test_the_path_stays_as_the_user_wrote_it(folder: Path) -> None:
    assert find_inputs(["seeds/x.txt"]) == (InputFile(path="seeds/x.txt", name="seeds/x.txt"),)


def test_a_file_named_itself_is_kept_whatever_it_is(folder: Path) -> None:
    assert [file.name for file in find_inputs(["seeds/a.pdf", "seeds/.hidden.txt"])] == [
        "seeds/.hidden.txt",
        "seeds/a.pdf",
    ]


def test_a_name_with_wildcards_in_it_is_a_file_first(folder: Path) -> None:
    (folder / "what [1].txt").write_text("x")
    assert [file.path for file in find_inputs(["what [1].txt"])] == ["what [1].txt"]


@pytest.mark.parametrize("given", ["nowhere", "nowhere/*.txt", "seeds/*.csv"])
def test_what_is_not_there_is_an_error(folder: Path, given: str) -> None:
    with pytest.raises(MissingInput) as caught:
        find_inputs(["seeds", given])
    assert caught.value.path == given


def test_a_folder_without_documents_gives_nothing(tmp_path: Path) -> None:
    assert find_inputs([str(tmp_path)]) == ()


def test_a_pipe_in_a_folder_does_not_block(folder: Path) -> None:
    os.mkfifo(folder / "seeds" / "pipe.txt")
    assert "seeds/pipe.txt" not in [file.name for file in find_inputs(["seeds"])]
