"""Paths, folders and globs → the files to read, named alike from anywhere; rejects what isn't there."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from glob import glob, has_magic
from pathlib import Path
from typing import Literal

from transforms.object_address import is_address
from transforms.object_inputs import find_objects

Format = Literal["text", "html", "jsonl", "feed", "json_feed", "warc"]

#: what each file suffix holds; every one of them may also end in `.gz`
FORMATS: dict[str, Format] = {
    ".txt": "text",
    ".html": "html",
    ".htm": "html",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".xml": "feed",
    ".rss": "feed",
    ".atom": "feed",
    ".json": "json_feed",
    ".warc": "warc",
}


class MissingInput(Exception):
    """A path or glob that matches nothing on disk, or in its object store."""

    def __init__(self, path: str) -> None:
        super().__init__(f"no such file, folder or match: {path}")
        self.path = path


@dataclass(frozen=True, slots=True, kw_only=True)
class InputFile:
    """A file to read: `path` as the user named it, `name` relative to the parent of its base folder."""

    path: str
    name: str


def format_of(path: str) -> Format | None:
    """Path → what the file holds, by its suffix: None for what can't be read."""
    return FORMATS.get(Path(path.lower().removesuffix(".gz")).suffix)


def find_inputs(inputs: Sequence[str]) -> tuple[InputFile, ...]:
    """Files, folders and globs → the files behind them: each once, in the order of their names.

    Folders are searched to the bottom; hidden files and unknown suffixes in them are passed over. A file
    that is named itself is kept whatever its suffix, so that the reader can say why it can't be used.
    The name of `seeds/x.txt` is `seeds/x.txt`, whether it came from `seeds`, `/abs/seeds` or `seeds/*.txt`.

    Raises:
        MissingInput: a path or glob matches nothing on disk.
    """
    found: dict[str, InputFile] = {}
    for given in inputs:
        for file in _files_of(given):
            found.setdefault(absolute(file.path), file)
    return tuple(sorted(found.values(), key=lambda file: (file.name, file.path)))


def _files_of(given: str) -> Iterator[InputFile]:
    if is_address(given):
        yield from _objects_of(given)
    elif Path(given).is_dir():
        yield from _files_below(given, base=given)
    elif Path(given).exists() or Path(given).is_symlink():
        yield _named(given, base=str(Path(given).parent))
    elif has_magic(given):
        # Path.glob would also find hidden files, and what '**' means to it changed between Pythons.
        matches = sorted(glob(given, recursive=True))  # noqa: PTH207
        if not matches:
            raise MissingInput(given)
        base = _fixed_part(given)
        for match in matches:
            if Path(match).is_dir():
                # '**' also matches every folder on the way; their files come as matches of their own
                if not _matches_deeper(given):
                    yield from _files_below(match, base=base)
            else:
                yield _named(match, base=base)
    else:
        raise MissingInput(given)


def _objects_of(given: str) -> Iterator[InputFile]:
    found = False
    for path, name, named in find_objects(given):
        found = True
        if named or format_of(path):
            yield InputFile(path=path, name=name)
    if not found:
        raise MissingInput(given)


def _files_below(folder: str, *, base: str) -> Iterator[InputFile]:
    unlisted: list[str] = []

    def keep_unlisted(error: OSError) -> None:
        unlisted.append(str(error.filename))

    for parent, folders, names in os.walk(folder, onerror=keep_unlisted):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            path = str(Path(parent) / name)
            if not name.startswith(".") and format_of(name) and not _is_special(path):
                yield _named(path, base=base)
    # A folder that can't be listed goes to the reader, which says why.
    for path in unlisted:
        yield _named(path, base=base)


def _is_special(path: str) -> bool:
    """Path → whether it is a pipe, socket or device, which would block or never end."""
    return Path(path).exists() and not Path(path).is_file()


def _named(path: str, *, base: str) -> InputFile:
    parent = Path(absolute(base)).parent
    return InputFile(path=path, name=Path(os.path.relpath(absolute(path), parent)).as_posix())


def absolute(path: str) -> str:
    """Path → from the root and without '..'; symbolic links keep the name the user knows."""
    if is_address(path):
        return path
    return os.path.normpath(Path(path).absolute())


def _fixed_part(pattern: str) -> str:
    """Glob → the folder before its first wildcard."""
    fixed = pattern
    while has_magic(fixed):
        fixed = str(Path(fixed).parent)
    return fixed


def _matches_deeper(pattern: str) -> bool:
    return Path(pattern).name == "**"
