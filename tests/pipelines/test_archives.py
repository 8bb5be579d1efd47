"""Web archives from the command line to the tables, with the stand-in detector."""

import gzip
from pathlib import Path

import pytest
from warc_file import join_records, write_record

from pipelines.command import main
from pipelines.query import run_query
from transforms.tables import TABLES

pytestmark = pytest.mark.usefixtures("stand_in")

NOW = ("--now", "2024-05-01T12:00:00Z")
BODY = (
    "The ministers met on Monday and talked a long time about what comes next for the region and all in it."
)
GARDEN = "Roses want sun, and tulips want a cold winter, as every gardener in the valley knows by heart."


def page(number: int, text: str) -> bytes:
    paragraphs = "".join(f"<p>{text} {BODY} It was talk number {number} of {n}.</p>" for n in range(4))
    return (
        f"<!doctype html><html lang=en><head><title>Story {number}</title></head>"
        f"<body><article><h1>Story {number}</h1>{paragraphs}</article></body></html>"
    ).encode()


def write_archive(path: Path, pages: int) -> Path:
    """Every third page is on topic; of the others, half name an alliance outside of the article."""
    records = []
    for n in range(pages):
        body = page(n, f"BGR backs UKR in NATO, part {n}." if n % 3 == 0 else GARDEN)
        if n % 3 == 1:
            body = body.replace(b"</body>", b'<footer><a href="/nato">NATO</a></footer></body>')
        records.append(write_record(f"https://news.example/{n}", body))
    path.write_bytes(join_records(records, "by_record"))
    return path


def rows_of(data: Path, sql: str) -> list[tuple[object, ...]]:
    return list(run_query(data, sql).rows)


def dump(data: Path) -> dict[str, list[str]]:
    return {name: sorted(map(repr, rows_of(data, f"SELECT * FROM {name}"))) for name in TABLES}


def run(path: Path, data: Path, *more: str) -> int:
    return main(["run", str(path), "--data", str(data), *NOW, *more])


def test_pages_on_topic_are_rows_and_the_others_are_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = write_archive(tmp_path / "crawl.warc.gz", 30), tmp_path / "data"
    assert run(path, data) == 0
    assert rows_of(data, "SELECT count(*) FROM articles") == [(10,)]
    assert rows_of(data, "SELECT count(DISTINCT event_id) FROM events") == [(10,)]
    assert rows_of(data, "SELECT count(*) FROM rejects") == [(0,)]
    counted = "SELECT outcome, sum(pages) FROM archives GROUP BY ALL ORDER BY ALL"
    assert rows_of(data, counted) == [("off_topic", 20), ("read", 20)]
    assert "passed over in archives" in capsys.readouterr().err


def test_off_topic_pages_become_rows_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_WATCH_READING__KEEP_OFF_TOPIC", "true")
    path, data = write_archive(tmp_path / "crawl.warc.gz", 12), tmp_path / "data"
    assert run(path, data) == 0
    assert rows_of(data, "SELECT stage, reason, count(*) FROM rejects GROUP BY ALL") == [
        ("gate", "off_topic", 8)
    ]


def test_running_twice_reads_nothing_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, data = write_archive(tmp_path / "crawl.warc.gz", 12), tmp_path / "data"
    assert run(path, data) == 0
    before = dump(data)
    capsys.readouterr()
    assert run(path, data) == 0
    assert dump(data) == before
    assert "already known" in capsys.readouterr().err


def test_parts_give_the_same_rows_as_the_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_archive(tmp_path / "crawl.warc.gz", 30)
    assert run(path, tmp_path / "whole") == 0
    monkeypatch.setenv("ALLIANCE_WATCH_RUN__ARCHIVE_PART_BYTES", "2000")
    assert run(path, tmp_path / "parts") == 0
    whole, parts = dump(tmp_path / "whole"), dump(tmp_path / "parts")
    assert {name: whole[name] for name in ("articles", "events", "rejects")} == {
        name: parts[name] for name in ("articles", "events", "rejects")
    }
    counted = "SELECT outcome, sum(pages) FROM archives GROUP BY ALL ORDER BY ALL"
    assert rows_of(tmp_path / "whole", counted) == rows_of(tmp_path / "parts", counted)
    assert len(parts["archives"]) > len(whole["archives"])


def test_nothing_on_topic_is_no_failure(tmp_path: Path) -> None:
    path = tmp_path / "garden.warc"
    path.write_bytes(join_records([write_record("https://news.example/1", page(1, GARDEN))], "plain"))
    assert run(path, tmp_path / "data") == 0
    assert run(path, tmp_path / "data") == 0


def test_the_raw_page_can_be_had(tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    path, data = write_archive(tmp_path / "crawl.warc.gz", 7), tmp_path / "data"
    assert run(path, data) == 0
    capfdbinary.readouterr()
    assert main(["why", "https://news.example/3", "--data", str(data), "--raw"]) == 0
    assert capfdbinary.readouterr().out == page(3, "BGR backs UKR in NATO, part 3.")
    path.unlink()
    assert main(["why", "https://news.example/3", "--data", str(data), "--raw"]) == 3
    assert b"can't be read as it was" in capfdbinary.readouterr().err


def test_the_raw_page_of_a_gzipped_file_is_the_page(
    tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    path, data = tmp_path / "page.html.gz", tmp_path / "data"
    body = page(1, "BGR backs UKR in NATO, part 1.")
    path.write_bytes(gzip.compress(body))
    assert run(path, data) == 0
    capfdbinary.readouterr()
    assert main(["why", str(path), "--data", str(data), "--raw"]) == 0
    assert capfdbinary.readouterr().out == body
