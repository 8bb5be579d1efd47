import gzip
import zlib
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from warc_file import join_records, write_record

from transforms.archives import plan_parts, read_raw_page
from transforms.inputs import InputFile
from transforms.read_limits import ReadLimits
from transforms.readers import plan_slices, read_slice
from transforms.records import PageCount, RawDocument, Rejection

FORMS = ("plain", "by_record", "one_piece")
PAGE = "<html><body><p>Page {} of Freedonia.</p>{}</body></html>"


def page(number: int, size: int = 200) -> bytes:
    # What can't be compressed away, so that files grow with their pages.
    noise = "".join(f"<p>{zlib.crc32(f'{number} {i}'.encode()):x}</p>" for i in range(size // 15))
    return PAGE.format(number, noise).encode()


def write(path: Path, form: str, records: list[bytes]) -> Path:
    path = path / f"{form}.warc{'' if form == 'plain' else '.gz'}"
    path.write_bytes(join_records(records, form))
    return path


def read(
    path: Path, part_bytes: int = 10**9, limits: ReadLimits | None = None, wanted: bytes = b""
) -> tuple[list[RawDocument | Rejection], Counter[str]]:
    limits, counts = limits or ReadLimits(), Counter[str]()
    found: list[RawDocument | Rejection] = []
    for part in plan_slices(InputFile(path=str(path), name=path.name), 0, 100, part_bytes):
        for one in read_slice(part, limits, lambda body: wanted in body):
            if isinstance(one, PageCount):
                counts[one.outcome] += one.pages
            else:
                found.append(one)
    return found, counts


@pytest.mark.parametrize("form", FORMS)
def test_pages_are_read_and_the_rest_is_counted(tmp_path: Path, form: str) -> None:
    records = [
        write_record("", b"software: test", kind="warcinfo", headers="Content-Type: application/warc-fields"),
        write_record("https://a.example/1", page(1)),
        write_record(
            "https://a.example/1", b"GET / HTTP/1.1", kind="request", headers="Content-Type: application/http"
        ),
        write_record("https://a.example/2", page(2), status="404 Not Found"),
        write_record("https://a.example/3", b"\x89PNG", headers="Content-Type: image/png"),
        write_record("https://a.example/4", b"", kind="revisit", headers="Content-Type: application/http"),
        write_record(
            "https://a.example/5", b"via: x", kind="metadata", headers="Content-Type: application/warc-fields"
        ),
        write_record("https://a.example/6", page(6), version="1.1"),
        write_record(
            "https://a.example/7", b"Plain words.", kind="conversion", headers="Content-Type: text/plain"
        ),
    ]
    found, counts = read(write(tmp_path, form, records))
    assert [one.url for one in found] == [f"https://a.example/{n}" for n in (1, 6, 7)]
    assert [one.format for one in found if isinstance(one, RawDocument)] == ["html", "html", "text"]
    assert counts == {"read": 3, "no_page": 4, "error_page": 1, "not_html": 1}


@given(st.sampled_from(FORMS), st.integers(1, 12), st.integers(300, 5_000))
def test_any_cut_into_parts_reads_the_same(
    tmp_path_factory: pytest.TempPathFactory, form: str, pages: int, part_bytes: int
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    path = write(folder, form, [write_record(f"https://a.example/{n}", page(n, 600)) for n in range(pages)])
    whole, counts = read(path)
    assert len(whole) == counts["read"] == pages
    assert read(path, part_bytes) == (whole, counts)
    assert [one.order for one in whole] == sorted({one.order for one in whole})


def test_a_file_in_one_piece_has_one_part(tmp_path: Path) -> None:
    records = [write_record(f"https://a.example/{n}", page(n, 600)) for n in range(10)]
    parts = {form: len(list(plan_parts(str(write(tmp_path, form, records)), 1_000))) for form in FORMS}
    assert parts["one_piece"] == 1 < min(parts["plain"], parts["by_record"])


@pytest.mark.parametrize("form", FORMS)
def test_what_does_not_matter_is_counted_or_kept_as_asked(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, [write_record(f"https://a.example/{n}", page(n)) for n in range(4)])
    found, counts = read(path, wanted=b"Page 2")
    assert [one.url for one in found] == ["https://a.example/2"]
    assert counts == {"read": 1, "off_topic": 3}
    kept, again = read(path, limits=ReadLimits(keep_off_topic=True), wanted=b"Page 2")
    assert [one.reason for one in kept if isinstance(one, Rejection)] == ["off_topic"] * 3
    assert again == counts


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_ends_too_early_loses_its_last_page_only(tmp_path: Path, form: str) -> None:
    path = write(tmp_path, form, [write_record(f"https://a.example/{n}", page(n, 4_000)) for n in range(3)])
    path.write_bytes(path.read_bytes()[:-1_000])
    found, counts = read(path)
    assert [one.url for one in found if isinstance(one, RawDocument)] == [
        "https://a.example/0",
        "https://a.example/1",
    ]
    assert [one.reason for one in found if isinstance(one, Rejection)] == ["truncated"]
    assert counts["read"] == 2


def test_what_is_damaged_is_passed_over_up_to_the_next_record(tmp_path: Path) -> None:
    records = [write_record(f"https://a.example/{n}", page(n, 4_000)) for n in range(4)]
    path = write(tmp_path, "by_record", records)
    data = bytearray(path.read_bytes())
    start = len(gzip.compress(records[0], mtime=0)) + 200
    data[start : start + 50] = bytes(50)
    path.write_bytes(data)
    found, _ = read(path)
    assert [one.reason for one in found if isinstance(one, Rejection)] == ["damaged"]
    assert [one.url for one in found if isinstance(one, RawDocument)] == [
        f"https://a.example/{n}" for n in (0, 2, 3)
    ]


@pytest.mark.parametrize("content", [b"", b"no archive at all", b"\x1f\x8b\x08 nor this", b"WARC/1.0\r\n"])
def test_what_is_no_archive_gives_no_page_and_no_crash(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "odd.warc"
    path.write_bytes(content)
    found, counts = read(path)
    assert not [one for one in found if isinstance(one, RawDocument)]
    assert counts["read"] == 0


def test_a_page_that_is_too_large_is_rejected(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "by_record",
        [write_record("https://a.example/1", page(1, 5_000)), write_record("https://a.example/2", page(2))],
    )
    found, _ = read(path, limits=ReadLimits(document_bytes=2_000))
    assert [getattr(one, "reason", "") for one in found] == ["too_large", ""]


def test_bodies_come_unpacked(tmp_path: Path) -> None:
    packed = "Content-Type: text/html\r\nContent-Encoding: gzip"
    chunked = "Content-Type: text/html\r\nTransfer-Encoding: chunked"
    body = page(2)
    path = write(
        tmp_path,
        "by_record",
        [
            write_record("https://a.example/1", gzip.compress(page(1)), headers=packed),
            write_record(
                "https://a.example/2", b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body), headers=chunked
            ),
        ],
    )
    found, _ = read(path)
    assert [one.content for one in found if isinstance(one, RawDocument)] == [
        page(1).decode(),
        page(2).decode(),
    ]


def test_the_raw_page_is_found_by_its_offset(tmp_path: Path) -> None:
    path = write(tmp_path, "by_record", [write_record(f"https://a.example/{n}", page(n)) for n in range(3)])
    found, _ = read(path)
    note = next(note for note in found[1].notes if "record at byte" in note)  # type: ignore[union-attr]
    assert read_raw_page(str(path), int(note.split()[-1]), 10**6) == page(1)
