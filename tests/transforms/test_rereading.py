"""Rejected rows of a file and the file as it is now: found by their keys, repaired, changed or gone."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from transforms.inputs import find_inputs
from transforms.read_limits import ReadLimits
from transforms.readers import plan_slices, read_whatever_comes
from transforms.records import InputSlice, PageCount
from transforms.rereading import (
    CHANGED,
    GONE,
    Place,
    Reader,
    RejectedRow,
    place_of,
    possible_names,
    reread_file,
)
from transforms.retries import join_retries


def line(number: int) -> str:
    return json.dumps(
        {"url": f"https://n.example/{number}", "title": f"T{number}", "text": f"Text {number}."}
    )


def read_keys(given: str, limits: ReadLimits | None = None) -> list[tuple[str, RejectedRow]]:
    """Input → path of each document, and a row as if it had been rejected: where it was, if it was."""
    found = []
    for index, file in enumerate(find_inputs([given])):
        for part in plan_slices(file, index, 2):
            for one in read_whatever_comes(part, limits or ReadLimits()):
                if not isinstance(one, PageCount):
                    stage, reason, detail = (
                        getattr(one, name, default)
                        for name, default in (("stage", "gate"), ("reason", "off_topic"), ("detail", ""))
                    )
                    row = RejectedRow(
                        key=one.key, stage=stage, reason=reason, detail=detail, origin=file.path
                    )
                    found.append((file.path, row))
    return found


def reader(*known: str, read: Callable[[InputSlice], object] | None = None) -> Reader:
    return Reader(
        read=read or (lambda part: read_whatever_comes(part, ReadLimits())),  # type: ignore[arg-type]
        is_known=frozenset(known).__contains__,
        slice_documents=2,
        part_bytes=10**9,
    )


def test_possible_names() -> None:
    assert possible_names("/a/b/x.txt") == ("x.txt", "b/x.txt", "a/b/x.txt")
    assert possible_names("/a/../b/x.txt") == ("x.txt", "b/x.txt")


@pytest.mark.parametrize("given", ["", "in", "in/deep", "in/deep/x.jsonl", "in/**/*.jsonl"])
def test_documents_are_found_whatever_folder_was_given(tmp_path: Path, given: str) -> None:
    path = tmp_path / "in" / "deep" / "x.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text("\n".join(line(n) for n in range(5)))
    rows = [row for _, row in read_keys(str(tmp_path / given))]
    found = reread_file(str(path), 7, [rows[0], rows[3]], reader(*(row.key for row in rows)))
    assert found.left == {}
    assert [
        part.first for retry in found.retries for part in retry.slices if isinstance(part, InputSlice)
    ] == [0, 2]
    assert join_retries(found.retries).again == {rows[0].key, rows[3].key}
    assert all(places == {key} for retry in found.retries for key, places in retry.rows.items())


def test_what_stands_in_the_place_of_a_broken_line_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join((line(0), "{broken", line(2), "{too", line(4))))
    rows = [row for _, row in read_keys(str(path))]
    known = [row.key for row in rows]
    path.write_text("\n".join((line(0), line(1), line(2), "{too", line(4), line(5))))
    now = [row.key for _, row in read_keys(str(path))]
    retry = join_retries(reread_file(str(path), 0, [rows[1], rows[3]], reader(*known)).retries)
    assert retry.again == {now[1], rows[3].key}, "the line that is new is left to a run"
    assert retry.rows == {rows[1].key: {now[1]}, rows[3].key: {rows[3].key}}
    # Once a run has read it, its row has nothing left to wait for.
    retry = join_retries(reread_file(str(path), 0, [rows[1]], reader(*known, *now)).retries)
    assert retry.again == set() and retry.rows == {rows[1].key: {now[1]}}


def test_what_a_file_hid_is_read_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl.gz"
    whole = gzip.compress("\n".join(line(n) for n in range(6)).encode(), 0, mtime=0)
    path.write_bytes(whole[: len(whole) // 2])
    rows = [row for _, row in read_keys(str(path))]
    assert rows[-1].reason == "truncated" and len(rows) < 6
    path.write_bytes(whole)
    now = [row.key for _, row in read_keys(str(path))]
    retry = join_retries(reread_file(str(path), 0, rows[-1:], reader(*(r.key for r in rows))).retries)
    assert retry.again == retry.rows[rows[-1].key] == set(now[len(rows) - 1 :])
    assert len(now) == 6


@pytest.mark.parametrize("before", [b"", None])
def test_a_file_that_could_not_be_read_at_all(tmp_path: Path, before: bytes | None) -> None:
    """Its row doesn't tell what was in it: the name is found all the same."""
    path = tmp_path / "in" / "x.txt"
    path.parent.mkdir()
    if before is None:
        path.symlink_to(tmp_path / "later.txt")
    else:
        path.write_bytes(before)
    ((_, row),) = read_keys(str(path))
    assert row.stage == "read"
    (tmp_path / "later.txt").write_text("Some words.")
    path.unlink()
    path.write_text("Some words.")
    ((_, now),) = read_keys(str(path))
    retry = join_retries(reread_file(str(path), 0, [row], reader()).retries)
    assert retry.again == {now.key} and retry.rows == {row.key: {now.key}}


def test_what_has_changed_or_gone_is_left(tmp_path: Path) -> None:
    path = tmp_path / "x.txt"
    path.write_text("Some words.")
    ((_, row),) = read_keys(str(path))
    path.write_text("Other words.")
    assert reread_file(str(path), 0, [row], reader()).left == {row.key: CHANGED}
    path.unlink()
    found = reread_file(str(path), 0, [row], reader())
    assert found.left == {row.key: GONE} and found.retries == ()


def test_a_changed_file_is_not_read_to_its_end_under_every_name(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text("\n".join(line(n) for n in range(3000)))
    read: list[str] = []

    def count(part: InputSlice) -> object:
        for one in read_whatever_comes(part, ReadLimits()):
            read.append(part.name)
            yield one

    row = RejectedRow(key="0" * 32, stage="gate", reason="off_topic", detail="", origin=str(path))
    assert reread_file(str(path), 0, [row], reader(read=count)).left == {row.key: CHANGED}
    assert 1000 <= read.count("x.jsonl") < 1010


@pytest.mark.parametrize(
    ("origin", "stage", "reason", "detail", "expected"),
    [
        ("a.jsonl", "read", "invalid_json", "line 3 column 2: Expecting value", Place(first=2, last=2)),
        ("a.jsonl.gz", "read", "truncated", "line 3: the compressed file ends here", Place(first=2)),
        ("a.jsonl", "read", "empty", "no content", Place(first=0)),
        ("a.jsonl", "gate", "off_topic", "line 3", None),
        ("a.txt", "read", "too_large", "more than 9 bytes", Place(first=0)),
        ("a.xml", "read", "not_a_feed", "?", Place(first=0)),
        ("a.xml", "read", "empty", "entry without title and content", None),
        ("a.warc.gz", "read", "damaged", "record at byte 7: x", None),
    ],
)
def test_place(origin: str, stage: str, reason: str, detail: str, expected: Place | None) -> None:
    row = RejectedRow(key="k", stage=stage, reason=reason, detail=detail, origin=origin)
    assert place_of(row) == expected
