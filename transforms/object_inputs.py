"""Addresses of objects, folders of them, globs → the objects to read, named as files of a folder are."""

import fnmatch
import re
from collections.abc import Iterator, Sequence
from typing import Final

from transforms.object_address import Address
from transforms.object_store import list_objects

_WILD: Final = re.compile(r"[*?\[]")


def find_objects(given: str) -> Iterator[tuple[str, str, bool]]:
    """Address, or glob of addresses → address, name and whether it was named itself, of each object it means.

    The name is relative to the parent of the address, or of the folder before the first wildcard: as for
    files, so that an object and a file of the same name and content are the same document. Below a folder,
    what begins with a dot is passed over; wildcards don't match such either.

    Raises:
        ValueError: the address names no bucket.
        OSError: the store refuses to list.
    """
    address = Address.read(given)
    pattern = address.key.split("/")
    fixed = _count_fixed(pattern)
    base = Address(address.bucket, "/".join(pattern[:fixed]))
    if fixed == len(pattern):
        yield from _find_fixed(address)
        return
    for name, _ in list_objects(base):
        depth = _match_depth(name.split("/"), pattern[fixed:])
        if depth is not None:
            below = name.split("/")[depth:]
            if not any(part.startswith(".") for part in below):
                yield str(base / name), f"{base.name}/{name}", not below


def _find_fixed(address: Address) -> Iterator[tuple[str, str, bool]]:
    if address.key:
        # An object and a folder may have the same address: both are meant.
        for name, _ in list_objects(address.parent, address.name):
            if name == address.name:
                yield str(address), f"{address.parent.name}/{name}", True
                break
            if name > address.name + "/":
                break
    for name, _ in list_objects(address):
        if not any(part.startswith(".") for part in name.split("/")):
            yield str(address / name), f"{address.name}/{name}", False


def _count_fixed(pattern: Sequence[str]) -> int:
    """Parts of a glob → how many stand before its first wildcard."""
    return next((i for i, part in enumerate(pattern) if _WILD.search(part)), len(pattern))


def _match_depth(parts: Sequence[str], pattern: Sequence[str]) -> int | None:
    """Parts of a name and of a glob → how many of the first the glob takes; None where it doesn't match.

    A glob that matches a folder means all that is below; `**` stands for any number of folders.
    """
    last_is_deep = pattern[-1] == "**"
    compiled = [part if part == "**" else _compile_part(part) for part in pattern]
    reached = {0}
    for part in compiled:
        if isinstance(part, str):
            reached = {end for start in reached for end in _reach_below(parts, start)}
        else:
            reached = {at + 1 for at in reached if at < len(parts) and part.fullmatch(parts[at])}
    if last_is_deep:
        return len(parts) if len(parts) in reached else None
    return max(reached) if reached else None


def _reach_below(parts: Sequence[str], start: int) -> Iterator[int]:
    yield start
    for at in range(start, len(parts)):
        if parts[at].startswith("."):
            return
        yield at + 1


def _compile_part(part: str) -> "re.Pattern[str]":
    """Part of a glob → what it matches; a leading dot only where it says so itself."""
    translated = fnmatch.translate(part)
    return re.compile(translated if part.startswith(".") else rf"(?!\.){translated}")
