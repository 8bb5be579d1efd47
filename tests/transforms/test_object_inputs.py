"""Addresses and globs of objects mean what paths and globs mean: the same names, so the same documents."""

import os
from pathlib import Path

import pytest
from object_store import BUCKET, make_client, upload

from transforms.inputs import MissingInput, find_inputs
from transforms.object_inputs import find_objects

FILES = (
    "news/a.txt",
    "news/b.jsonl.gz",
    "news/c.pdf",
    "news/.hidden.txt",
    "news/deep/d.html",
    "news/deep/er/e.txt",
    "news/.cache/f.txt",
    "news/deep.txt",
    "newspaper/g.txt",
    "h.txt",
)


@pytest.fixture(scope="module")
def folder(store: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inputs") / "in"
    for name in FILES:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    client = make_client(os.environ)
    upload(client, folder, "inputs/in")
    # As some programs make folders.
    client.put_object(Bucket=BUCKET, Key="inputs/in/news/", Body=b"")
    return folder


@pytest.mark.parametrize(
    "given",
    [
        "news", "news/", "news/a.txt", "news/c.pdf", "news/*", "news/*.txt", "news/**", "**/*.txt", "*/deep",
        "new*", "news/d*", "news/deep/**/*.txt", "n?ws/[ab]*", "news/**/d.html", "*.txt", "news/.hidden.txt",
        "news/.c*", "**",
    ],
)  # fmt: skip
def test_a_glob_means_what_it_means_on_a_disk(folder: Path, store: str, given: str) -> None:
    local = {file.name: file.path for file in find_inputs([f"{folder}/{given}"])}
    remote = {file.name: file.path for file in find_inputs([f"{store}/inputs/in/{given}"])}
    assert list(remote) == list(local)
    assert [path.replace(f"{store}/inputs/in/", "") for path in remote.values()] == [
        path.replace(f"{folder}/", "") for path in local.values()
    ]


@pytest.mark.parametrize("given", ["none", "news/none.txt", "none/*", "new"])
def test_what_matches_nothing_is_said(folder: Path, store: str, given: str) -> None:
    with pytest.raises(MissingInput, match="no such file, folder or match: s3://"):
        find_inputs([f"{store}/inputs/in/{given}"])


def test_a_bucket_has_to_be_named() -> None:
    with pytest.raises(ValueError, match="names no bucket"):
        list(find_objects("s3:///news"))
