import gzip
import json
import tracemalloc
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.inputs import find_inputs
from transforms.read_limits import ReadLimits
from transforms.readers import POSITION_BITS, plan_slices, read_slice
from transforms.records import InputSlice, RawDocument, Rejection

LIMITS = ReadLimits()
SMALL = ReadLimits(document_bytes=100, feed_bytes=200, gap_bytes=10_000)
FEEDS = Path(__file__).parent.parent / "samples"


def read(path: Path, limits: ReadLimits = LIMITS, size: int = 100) -> list[RawDocument | Rejection]:
    (file,) = find_inputs([str(path)])
    return [document for slice in plan_slices(file, 3, size) for document in read_slice(slice, limits)]


def reasons(found: Sequence[RawDocument | Rejection]) -> list[str]:
    return [one.reason if isinstance(one, Rejection) else "" for one in found]


def write(path: Path, data: bytes | str) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def line(number: int, **fields: object) -> str:
    return json.dumps({"title": f"Title {number}", "text": f"Text {number}.", **fields})


def test_a_text_is_one_document(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path / "x.txt", "A headline\n\nSome text."))
    assert isinstance(found, RawDocument)
    assert (found.content, found.format, found.url, found.published_at) == (
        "A headline\n\nSome text.",
        "text",
        None,
        None,
    )
    assert found.order == 3 << POSITION_BITS
    assert len(found.key) == 32


def test_the_key_depends_on_name_position_and_content_only(tmp_path: Path) -> None:
    for folder in ("one/s", "two/s"):
        (tmp_path / folder).mkdir(parents=True)
        write(tmp_path / folder / "x.jsonl", f"{line(1)}\n{line(2)}\n")
    first, second = read(tmp_path / "one/s/x.jsonl"), read(tmp_path / "two/s/x.jsonl")
    assert [one.key for one in first] == [one.key for one in second]
    assert len({one.key for one in first}) == 2
    write(tmp_path / "one/s/x.jsonl", f"{line(1)}\n{line(3)}\n")
    changed = read(tmp_path / "one/s/x.jsonl")
    assert [a.key == b.key for a, b in zip(first, changed, strict=True)] == [True, False]


@given(
    st.lists(st.sampled_from(["doc", "blank", "broken"]), max_size=25),
    st.integers(1, 7),
    st.booleans(),
    st.booleans(),
)
def test_slices_read_the_same_as_the_whole(
    tmp_path_factory: pytest.TempPathFactory, kinds: list[str], size: int, zipped: bool, ended: bool
) -> None:
    made = {
        "doc": lambda i: line(i, text="Täxt 𝔘 " * (i + 1)),
        "blank": lambda i: "  ",
        "broken": lambda i: "{",
    }
    data = "\n".join(made[kind](i) for i, kind in enumerate(kinds)).encode() + (b"\n" if ended else b"")
    path = tmp_path_factory.mktemp("s") / "x.jsonl"
    write(path, gzip.compress(data) if zipped else data)
    whole = read(path, size=1_000)
    assert read(path, size=size) == whole
    if any(kind != "blank" for kind in kinds):
        assert [one.order - (3 << POSITION_BITS) for one in whole] == [
            i for i, kind in enumerate(kinds) if kind != "blank"
        ]


def test_slices_cover_a_file_without_gaps(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", "".join(line(i) + "\n" for i in range(10)))
    (file,) = find_inputs([str(path)])
    slices = list(plan_slices(file, 0, 4))
    assert [(one.first, one.count) for one in slices] == [(0, 4), (4, 4), (8, None)]
    assert [one.order for one in slices] == [0, 4, 8]


def test_fields_of_a_line(tmp_path: Path) -> None:
    fields = {"url": "https://a.example/1", "published": "2024-05-01", "source": "A", "authors": ["B", "C"]}
    (found,) = read(write(tmp_path / "x.ndjson", "\ufeff" + line(1, **fields)))
    assert isinstance(found, RawDocument)
    assert found.published_at == datetime(2024, 5, 1, tzinfo=UTC)
    assert (found.url, found.source, found.authors, found.title) == (
        fields["url"],
        "A",
        ("B", "C"),
        "Title 1",
    )


def test_dates_are_read_or_noted(tmp_path: Path) -> None:
    dates = [
        "2024-05-01T12:00:00+02:00",
        "Wed, 01 May 2024 12:00:00 +0200",
        "2024-05-01T10:00:00",
        "soon",
        "0001-01-01",
        None,
    ]
    found = read(write(tmp_path / "x.jsonl", "\n".join(line(1, published=date) for date in dates)))
    moments = [one.published_at for one in found if isinstance(one, RawDocument)]
    assert moments == [datetime(2024, 5, 1, 10, tzinfo=UTC)] * 3 + [None] * 3
    assert [bool(one.notes) for one in found if isinstance(one, RawDocument)] == [False] * 3 + [
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("data", "reason", "detail"),
    [
        ('{"text": "a" "b"}', "invalid_json", "line 1 column 14"),
        ("[1, 2]", "invalid_json", "not an object"),
        ("[" * 100_000, "invalid_json", "line 1"),
        ('{"url": "https://a.example"}', "missing_fields", "neither text nor html"),
        ('{"text": 5}', "missing_fields", "line 1"),
        ('{"text": " "}', "empty", "no content"),
        ("", "empty", ""),
        ("\n \n", "empty", ""),
        (b"\x00\x01\x02PNG" * 50, "binary", ""),
    ],
)
def test_lines_that_cannot_be_used(tmp_path: Path, data: bytes | str, reason: str, detail: str) -> None:
    (found,) = read(write(tmp_path / "x.jsonl", data))
    assert isinstance(found, Rejection)
    assert (found.stage, found.reason) == ("read", reason)
    assert detail in found.detail


def test_a_broken_line_costs_only_itself(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", f"{line(1)}\n{{broken\n\n{line(2)}\n")
    found = read(path, size=1)
    assert reasons(found) == ["", "invalid_json", ""]
    assert isinstance(found[1], Rejection)
    assert "line 2 column 2" in found[1].detail


def test_a_lone_surrogate_becomes_a_character_every_table_holds(tmp_path: Path) -> None:
    (found,) = read(write(tmp_path / "x.jsonl", '{"title": "a\\ud800", "text": "b\\udfff c"}'))
    assert isinstance(found, RawDocument)
    f"{found.title}{found.content}".encode()


def test_too_large_lines_are_rejected_and_the_next_read(tmp_path: Path) -> None:
    path = write(tmp_path / "x.jsonl", f"{line(1)}\n{line(2, text='x' * 500)}\n{line(3)}\n")
    assert reasons(read(path, SMALL)) == ["", "too_large", ""]
    assert reasons(read(write(tmp_path / "y.txt", "x" * 101), SMALL)) == ["too_large"]
    assert reasons(read(write(tmp_path / "z.xml", "x" * 201), SMALL)) == ["too_large"]


def test_a_gzip_bomb_is_neither_kept_nor_read_to_its_end(tmp_path: Path) -> None:
    bomb = gzip.compress(b"x" * 30_000_000)
    tracemalloc.start()
    assert reasons(read(write(tmp_path / "x.txt.gz", bomb))) == ["too_large"]
    assert reasons(read(write(tmp_path / "y.jsonl.gz", bomb), ReadLimits(gap_bytes=10_000_000))) == [
        "too_large"
    ]
    assert tracemalloc.get_traced_memory()[1] < 25_000_000
    tracemalloc.stop()


def test_a_truncated_gzip_gives_its_whole_lines_first(tmp_path: Path) -> None:
    data = "".join(f"{line(i, text=f'{i * i * 7919} ' * 50)}\n" for i in range(400)).encode()
    cut = gzip.compress(data)[:-2_000]
    found = read(write(tmp_path / "x.jsonl.gz", cut), size=50)
    assert len(found) > 100
    assert reasons(found) == [""] * (len(found) - 1) + ["truncated"]
    assert len({one.order for one in found}) == len(found)
    assert reasons(read(write(tmp_path / "y.txt.gz", cut))) == ["truncated"]
    assert reasons(read(write(tmp_path / "z.jsonl.gz", cut[:15]))) == ["truncated"]


def test_damaged_and_many_membered_gzip(tmp_path: Path) -> None:
    two = gzip.compress(line(1).encode() + b"\n") + gzip.compress(line(2).encode()) + b"\x00" * 9
    assert reasons(read(write(tmp_path / "x.jsonl.gz", two))) == ["", ""]
    damaged = bytearray(gzip.compress(bytes(range(256)) * 40))
    damaged[30:40] = b"\xff" * 10
    assert reasons(read(write(tmp_path / "y.html.gz", bytes(damaged)))) == ["unreadable"]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.txt", b"", "empty"),
        ("x.txt", b" \n\t", "empty"),
        ("x.html", b"%PDF-1.7 ...", "binary"),
        ("x.txt", bytes(range(256)) * 4, "binary"),
        ("x.pdf", b"%PDF-1.7 ...", "unsupported"),
        ("x.xml", b"<html><body>No feed</body></html>", "not_a_feed"),
        ("x.xml", b"", "empty"),
        ("x.rss", b"\x89PNG\r\n\x1a\n\x00\x00", "binary"),
        ("x.rss", b"<rss version='2.0'><channel><title>T</title></channel></rss>", "empty"),
        ("x.xml", b"<!DOCTYPE rss [<!ENTITY a 'b'>]><rss version='2.0'><channel/></rss>", "entities"),
        ("x.json", b'{"a": 1}', "not_a_feed"),
        ("x.json", b"{", "not_a_feed"),
    ],
)
def test_files_that_cannot_be_used_leave_one_rejection(
    tmp_path: Path, name: str, data: bytes, reason: str
) -> None:
    (found,) = read(write(tmp_path / name, data))
    assert isinstance(found, Rejection)
    assert found.reason == reason
    assert found.detail


def test_what_the_system_refuses_keeps_its_words(tmp_path: Path) -> None:
    gone = InputSlice(order=0, path=str(tmp_path / "gone.txt"), name="gone.txt")
    (found,) = read_slice(gone, LIMITS)
    assert isinstance(found, Rejection)
    assert (found.reason, found.detail) == ("unreadable", "No such file or directory")


def test_entries_of_a_feed_are_documents(tmp_path: Path) -> None:
    found = read(FEEDS / "rss2.xml")
    assert reasons(found) == ["", "", "", "empty"]
    first = found[0]
    assert isinstance(first, RawDocument)
    assert first.content == "Two neighbours backed the bid on Tuesday.\nA vote follows."
    assert (first.format, first.source, first.authors) == ("text", "The Harbour Gazette", ("Ada Quill",))
    assert [one.order & 0xFFFFFFFF for one in found] == [0, 1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_texts_in_other_encodings(tmp_path: Path, encoding: str) -> None:
    text = "Une délégation à Genève — “sûre” d’elle-même.\n" * 5
    (found,) = read(write(tmp_path / "x.txt", text.encode(encoding)))
    assert isinstance(found, RawDocument)
    assert found.content == text
