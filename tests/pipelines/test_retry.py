"""`rejects retry` from the command line to the tables, with the stand-in detector."""

import gzip
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from stand_in import write_articles
from warc_file import join_records, write_record
from web_site import Site, open_site

from pipelines.command import main
from pipelines.ledger import forget_texts
from pipelines.query import run_query
from pipelines.state import open_state
from transforms.data_folder import write_lock

pytestmark = pytest.mark.usefixtures("stand_in")

NOW = ("--now", "2024-05-01T12:00:00Z")
BODY = (
    "The ministers met on Monday and talked a long time about what comes next for the region and all in it."
)
FRENCH = (
    "La ministre a dit lundi que la France soutient une adhésion rapide. BGR backs UKR in NATO. Le "
    "gouvernement a parlé longtemps de la question avec ses partenaires et les journalistes à Paris."
)
IN_FRENCH_TOO = "languages: [en, fr]\n"


def story(number: int, text: str = "", **fields: str) -> dict[str, str]:
    said = text or f"BGR backs UKR in NATO. {BODY} It was talk number {number}."
    return {"url": f"https://news.example/{number}", "title": f"Story {number}", "text": said, **fields}


def write_lines(path: Path, *lines: dict[str, str] | str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    said = (line if isinstance(line, str) else json.dumps(line) for line in lines)
    path.write_text("".join(f"{line}\n" for line in said), encoding="utf-8")
    return path


def rows_of(data: Path, sql: str) -> list[tuple[object, ...]]:
    return list(run_query(data, sql).rows)


def count_keys(data: Path) -> int:
    """How many documents have a row; that each has one is checked."""
    keys = rows_of(data, "SELECT key FROM articles_all UNION ALL SELECT key FROM rejects")
    assert len(keys) == len(set(keys))
    globbed = [*data.glob("articles/*=*/*.parquet"), *data.glob("rejects/*=*/*.parquet")]
    sql = f"SELECT count(*) FROM read_parquet({[str(path) for path in globbed]}, union_by_name = true)"
    assert duckdb.sql(sql).fetchall() == [(len(keys),)], "the plain glob is exact"
    return len(keys)


Command = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Command:
    return lambda *given: main(["run", *map(str, given), "--data", str(tmp_path / "data"), *NOW])


@pytest.fixture
def retry(tmp_path: Path) -> Command:
    """Arguments and the text of a configuration file → exit code."""

    def start(*given: str, settings: str = "") -> int:
        (tmp_path / "mine.yaml").write_text(settings)
        return main(
            ["rejects", "retry", *given, "--data", str(tmp_path / "data")]
            + (["--config", str(tmp_path / "mine.yaml")] if settings else [])
        )

    return start


def said(capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """The lines of the summary that hold numbers."""
    lines = (line.rsplit(None, 1) for line in capsys.readouterr().err.splitlines())
    return {words[0].strip(): words[1] for words in lines if len(words) == 2 and words[1].isdecimal()}


def test_what_a_new_language_lets_in_becomes_rows(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    source = write_lines(
        tmp_path / "news" / "a.jsonl", story(1), story(2, FRENCH), story(3, BODY), "{broken", story(4)
    )
    data = tmp_path / "data"
    assert run(source) == 0
    before = dict(rows_of(data, "SELECT key, first_seen FROM rejects WHERE reason <> 'language'"))
    (key,) = rows_of(data, "SELECT key FROM rejects WHERE reason = 'language'")[0]
    capsys.readouterr()
    assert retry("--reason", "language", "--stage", "extract", settings=IN_FRENCH_TOO) == 0
    counted = said(capsys)
    assert counted["rejected documents that match"] == counted["retried"] == counted["now accepted"] == "1"
    assert counted["rejected again"] == "0" and counted["events"] == "1"
    assert rows_of(data, f"SELECT url, language, n_events FROM articles WHERE key = '{key}'") == [
        ("https://news.example/2", "fr", 1)
    ]
    assert rows_of(data, "SELECT count(*) FROM events WHERE url = 'https://news.example/2'") == [(1,)]
    assert dict(rows_of(data, "SELECT key, first_seen FROM rejects")) == before, "others stay as they are"
    reported = rows_of(data, "SELECT n_reports FROM resolved_events WHERE actor = 'BGR'")
    assert sum(int(str(row[0])) for row in reported) == 3, "what several articles report is up to date"
    assert count_keys(data) == 5
    # Now it is known, and as an original.
    assert run(source) == 0 and count_keys(data) == 5
    copy = write_lines(tmp_path / "b.jsonl", story(9, f"{FRENCH} (AFP)", title="Story 2"))
    assert run(copy, "--config", tmp_path / "mine.yaml") == 0
    original = "(SELECT article_id FROM articles WHERE url = 'https://news.example/2')"
    copies = rows_of(data, f"SELECT url FROM articles WHERE duplicate_of = {original}")
    assert copies == [("https://news.example/9",)]


def test_what_is_rejected_again_keeps_one_row_with_the_reason_of_now(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    off_topic = FRENCH.replace("NATO", "OTXN")
    assert run(write_lines(tmp_path / "a.jsonl", story(1, off_topic), story(2, BODY), story(1, FRENCH))) == 0
    data = tmp_path / "data"
    assert rows_of(data, "SELECT reason FROM rejects ORDER BY 1") == [
        ("language",), ("language",), ("off_topic",)
    ]  # fmt: skip
    capsys.readouterr()
    assert retry("--stage", "extract", settings=IN_FRENCH_TOO) == 0
    counted = said(capsys)
    assert (counted["now accepted"], counted["rejected again"], counted["off_topic"]) == ("1", "1", "1")
    assert rows_of(data, "SELECT reason FROM rejects") == [("off_topic",), ("off_topic",)]
    assert count_keys(data) == 3
    assert retry("--stage", "extract") == 3


def test_an_error_of_ours_that_is_mended(
    tmp_path: Path, run: Command, retry: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_articles(tmp_path / "a.jsonl", 30)
    whole = tmp_path / "whole"
    assert main(["run", str(tmp_path / "a.jsonl"), "--data", str(whole), *NOW]) == 0

    def fail(*_: object) -> None:
        raise RuntimeError("a bug")

    data = tmp_path / "data"
    with monkeypatch.context() as broken:
        broken.setattr("transforms.stages.judge_stance", fail)
        assert run(tmp_path / "a.jsonl") == 1
        assert rows_of(data, "SELECT count(*) FROM articles") == [(0,)]
        assert retry("--reason", "error", *NOW) == 1
    assert retry("--reason", "error", *NOW) == 0
    for table in ("articles", "events", "rejects"):
        assert rows_of(data, f"SELECT * FROM {table} ORDER BY ALL") == rows_of(
            whole, f"SELECT * FROM {table} ORDER BY ALL"
        ), table


def test_duplicates_stay_duplicates_and_originals_are_no_copies_of_themselves(
    tmp_path: Path, run: Command, retry: Command
) -> None:
    long = f"{FRENCH} {' '.join(f'mot{number}' for number in range(60))}"
    write_lines(tmp_path / "a.jsonl", story(1, long), story(2, long), story(3), story(3, f"{BODY} NATO."))
    assert run(tmp_path / "a.jsonl") == 0
    data = tmp_path / "data"
    assert retry(settings=IN_FRENCH_TOO) == 0
    found = rows_of(data, "SELECT url, duplicate_of IS NULL, n_events FROM articles ORDER BY url")
    assert found == [
        ("https://news.example/1", True, 1), ("https://news.example/2", False, 0),
        ("https://news.example/3", True, 1),
    ]  # fmt: skip
    assert rows_of(data, "SELECT reason FROM rejects") == [("duplicate",)]
    assert count_keys(data) == 4


def test_files_that_are_gone_or_changed_keep_their_rows(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("gone", "changed", "same"):
        write_lines(tmp_path / "in" / "deep" / f"{name}.txt", f"{name}\n\n{FRENCH}")
    items = "".join(
        f"<item><title>S {n}</title><link>https://n.example/{n}</link><description>{text}</description></item>"
        for n, text in enumerate((f"BGR backs UKR in NATO. {BODY}", FRENCH + " Si."))
    )
    (tmp_path / "in" / "f.xml").write_text(
        f"<rss version='2.0'><channel><title>F</title>{items}</channel></rss>"
    )
    lines = write_lines(
        tmp_path / "in" / "lines.jsonl", story(1, FRENCH), story(2, FRENCH + " Oui."), story(3)
    )
    assert run(tmp_path / "in") == 0
    (tmp_path / "in" / "deep" / "gone.txt").unlink()
    write_lines(tmp_path / "in" / "deep" / "changed.txt", f"changed\n\n{FRENCH} Non.")
    write_lines(lines, story(1, FRENCH + " Non."), story(2, FRENCH + " Oui."), story(3), story(4))
    capsys.readouterr()
    assert retry(settings=IN_FRENCH_TOO) == 0
    counted = said(capsys)
    assert counted["can't be retried, stay as they are"] == "3"
    assert (counted["file gone"], counted["file changed"]) == ("1", "2")
    assert (counted["retried"], counted["now accepted"]) == ("3", "3")
    data = tmp_path / "data"
    assert rows_of(data, "SELECT parse_filename(origin), reason FROM rejects ORDER BY 1") == [
        ("changed.txt", "language"), ("gone.txt", "language"), ("lines.jsonl", "language")
    ]  # fmt: skip
    assert rows_of(data, "SELECT url FROM articles WHERE url IS NOT NULL ORDER BY 1") == [
        ("https://n.example/0",), ("https://n.example/1",),
        ("https://news.example/2",), ("https://news.example/3",),
    ], "what is new in a file is no business of a retry"  # fmt: skip
    assert count_keys(data) == 8
    assert retry(settings=IN_FRENCH_TOO) == 3, "nothing is left that can be retried"


def test_a_repaired_file_takes_the_place_of_what_could_not_be_read(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "in"
    write_lines(folder / "lines.jsonl", story(1), "{broken", story(3))
    (folder / "empty.txt").write_text("")
    whole = gzip.compress("".join(json.dumps(story(n)) + "\n" for n in range(10, 16)).encode(), mtime=0)
    (folder / "cut.jsonl.gz").write_bytes(whole[:-40])
    (folder / "page.html.gz").write_bytes(gzip.compress(b"<html>" * 100)[:-9])
    assert run(folder) == 0
    data = tmp_path / "data"
    reasons = rows_of(data, "SELECT reason FROM rejects ORDER BY 1")
    assert reasons == [("empty",), ("invalid_json",), ("truncated",), ("truncated",)]
    cut_before = rows_of(data, "SELECT count(*) FROM articles WHERE origin LIKE '%cut%'")
    write_lines(folder / "lines.jsonl", story(1), story(2), story(3))
    (folder / "empty.txt").write_text(f"No more\n\nFIN backs SWE in NATO. {BODY}")
    (folder / "cut.jsonl.gz").write_bytes(whole)
    capsys.readouterr()
    assert retry("--stage", "read") == 0
    counted = said(capsys)
    assert counted["rejected documents that match"] == counted["retried"] == "4"
    assert rows_of(data, "SELECT reason FROM rejects") == [("truncated",)]
    assert rows_of(data, "SELECT count(*) FROM articles WHERE origin LIKE '%cut%'") == [(6,)] != cut_before
    assert rows_of(data, "SELECT count(*) FROM articles") == [(10,)]
    before = count_keys(data)
    assert run(folder) == 0
    assert count_keys(data) == before, "known by the keys that a run makes"


def test_limits_that_are_raised(tmp_path: Path, run: Command, retry: Command) -> None:
    (tmp_path / "mine.yaml").write_text("reading: {document_bytes: 1000}")
    long = BODY * 12
    write_lines(tmp_path / "in" / "a.jsonl", story(1), story(2, f"FIN backs SWE in NATO. {long}"))
    write_lines(tmp_path / "in" / "b.txt", f"Long\n\nHUN blocks SWE in NATO. {long} Really.")
    pages = [write_record(f"https://w.example/{n}", page(n, "BGR backs FIN in NATO.")) for n in range(2)]
    (tmp_path / "in" / "c.warc").write_bytes(join_records(pages, "plain"))
    config = ("--config", str(tmp_path / "mine.yaml"))
    assert run(tmp_path / "in", *config) == 0
    data = tmp_path / "data"
    assert rows_of(data, "SELECT DISTINCT reason, count(*) FROM rejects GROUP BY 1") == [("too_large", 4)]
    before = count_keys(data)
    assert retry("--reason", "too_large") == 0
    assert rows_of(data, "SELECT count(*) FROM rejects") == [(0,)]
    assert count_keys(data) == before
    assert run(tmp_path / "in") == 0
    assert count_keys(data) == before


def page(number: int, text: str) -> bytes:
    paragraphs = "".join(f"<p>{text} {BODY} It was talk number {number} of {n}.</p>" for n in range(8))
    return (
        f"<!doctype html><html lang=en><head><title>Story {number}</title></head>"
        f"<body><article><h1>Story {number}</h1>{paragraphs}</article></body></html>"
    ).encode()


@pytest.mark.parametrize("form", ["by_record", "one_piece"])
def test_pages_of_an_archive(
    tmp_path: Path, run: Command, retry: Command, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    records = [
        write_record(f"https://w.example/{n}", page(n, FRENCH.replace("UKR", "FIN") if n % 2 else "Roses."))
        for n in range(8)
    ]
    records.append(
        write_record(
            "https://w.example/9", page(9, FRENCH.replace("NATO", "no alliance"))[:-30] + b"<i title=NATO>"
        )
    )
    (tmp_path / "crawl.warc.gz").write_bytes(join_records(records, form))
    monkeypatch.setenv("ALLIANCE_WATCH_RUN__ARCHIVE_PART_BYTES", "100000")
    assert run(tmp_path / "crawl.warc.gz") == 0
    data = tmp_path / "data"
    archives = rows_of(data, "SELECT outcome, sum(pages) FROM archives GROUP BY 1 ORDER BY 1")
    rejected = rows_of(data, "SELECT count(*) FROM rejects WHERE reason = 'language'")[0][0]
    assert rejected == 5
    assert retry("--reason", "language", settings=IN_FRENCH_TOO) == 0
    assert rows_of(data, "SELECT count(*) FROM articles") == [(4,)]
    assert rows_of(data, "SELECT reason FROM rejects") == [("off_topic",)], "a page with a row keeps one"
    assert rows_of(data, "SELECT outcome, sum(pages) FROM archives GROUP BY 1 ORDER BY 1") == archives
    assert count_keys(data) == 5


def test_some_keys(tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(write_lines(tmp_path / "a.jsonl", *(story(n, f"{FRENCH} {n}.") for n in range(3)))) == 0
    data = tmp_path / "data"
    keys = [str(row[0]) for row in rows_of(data, "SELECT key FROM rejects ORDER BY key")]
    assert retry(keys[0][:12], "no-such", settings=IN_FRENCH_TOO) == 0
    assert "begins with no-such" in capsys.readouterr().err
    assert rows_of(data, "SELECT key FROM rejects ORDER BY key") == [(keys[1],), (keys[2],)]
    assert retry("no-such", settings=IN_FRENCH_TOO) == 3
    assert "nothing to retry" in capsys.readouterr().err


def test_many_batches_and_workers_give_the_same_rows(tmp_path: Path) -> None:
    for n in range(3):
        folder = tmp_path / "in" / str(n) / "same"
        write_lines(
            folder / "x.jsonl",
            *(story(k, f"{FRENCH} Numéro {k}.") for k in range(8)),
            story(100 + n, f"{FRENCH} Du dossier {n}."),
        )
    inputs = [str(tmp_path / "in" / str(n) / "same") for n in range(3)]
    dumps = []
    for name, run_settings in (("one", ""), ("many", "run: {batch_documents: 3, workers: 2}")):
        data = tmp_path / name
        assert main(["run", *inputs, "--data", str(data), *NOW]) == 0
        (tmp_path / f"{name}.yaml").write_text(f"languages: [en, fr]\n{run_settings}")
        config = ("--config", str(tmp_path / f"{name}.yaml"))
        assert main(["rejects", "retry", "--data", str(data), *NOW, *config]) == 0
        assert count_keys(data) == 11
        dumps.append(rows_of(data, "SELECT * EXCLUDE (notes) FROM articles ORDER BY ALL"))
    assert dumps[0] == dumps[1] and len(dumps[0]) == 11


def test_dry_run_writes_nothing(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(write_lines(tmp_path / "a.jsonl", story(1), story(2, FRENCH))) == 0
    data = tmp_path / "data"
    before = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    capsys.readouterr()
    assert retry("--dry-run", settings=IN_FRENCH_TOO) == 0
    out, err = capsys.readouterr()
    assert "Would be retried" in err and out.count("BGR backs UKR") == 1
    assert {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()} == before


def test_relative_paths_are_looked_for_from_here(
    tmp_path: Path, run: Command, retry: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_lines(tmp_path / "a" / "in" / "x.txt", f"X\n\n{FRENCH}")
    monkeypatch.chdir(tmp_path / "a" / "in")
    assert run("x.txt") == 0
    monkeypatch.chdir(tmp_path)
    assert retry(settings=IN_FRENCH_TOO) == 3
    monkeypatch.chdir(tmp_path / "a" / "in")
    assert retry(settings=IN_FRENCH_TOO) == 0


def test_what_a_retry_is_told_wrong(
    tmp_path: Path, run: Command, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    assert retry() == 2
    assert "There is no data folder" in capsys.readouterr().err and not (tmp_path / "data").exists()
    assert run(write_lines(tmp_path / "a.jsonl", story(1))) == 0
    assert retry() == 3
    assert "no rejected document is there" in capsys.readouterr().err
    with write_lock(tmp_path / "data"):
        assert retry() == 3
    assert "is being written by" in capsys.readouterr().err
    assert retry(settings="languages: 3") == 2


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def watch(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__ALLOW_HOSTS", "127.0.0.1")
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__PAGE_BELOW", "0")
    (tmp_path / "feeds.txt").write_text(f"{site.url}/f\n")
    return lambda: main(
        ["watch", "--feeds", str(tmp_path / "feeds.txt"), "--data", str(tmp_path / "data"), "--once"]
    )


def item(number: int, text: str) -> tuple[str, str, str]:
    return (f"/{number}", f"Story {number}", text)


def test_feed_items_and_their_revisions(
    site: Site, watch: Command, tmp_path: Path, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "data"
    site.feed("/f", item(1, FRENCH), item(2, FRENCH + " Deux."), item(3, f"BGR backs UKR in NATO. {BODY}"))
    assert watch() == 0
    # Two changes, the second of another topic; and one that was well read the second time.
    site.feed("/f", item(1, f"Some weather. {BODY}"), item(2, f"HUN blocks SWE in NATO. {BODY}"))
    assert watch() == 0
    assert rows_of(data, "SELECT title, reason FROM rejects ORDER BY ALL") == [
        ("Story 1", "language"), ("Story 1", "off_topic"), ("Story 2", "language")
    ]  # fmt: skip
    capsys.readouterr()
    assert retry(settings=IN_FRENCH_TOO) == 0
    assert said(capsys)["retried"] == "3"
    found = rows_of(data, "SELECT title, revision, n_events FROM articles_all ORDER BY ALL")
    assert found == [("Story 1", 1, 1), ("Story 1", 2, 0), ("Story 2", 2, 1), ("Story 3", 1, 1)]
    assert rows_of(data, "SELECT title, reason FROM rejects") == [("Story 2", "duplicate")]
    assert rows_of(data, "SELECT kind FROM events ORDER BY 1") == [("block",), ("endorse",)]
    assert count_keys(data) == 5
    assert watch() == 0 and count_keys(data) == 5


def test_feed_items_that_are_no_longer_kept(
    site: Site, watch: Command, tmp_path: Path, retry: Command, capsys: pytest.CaptureFixture[str]
) -> None:
    site.feed("/f", item(1, FRENCH), item(2, f"BGR backs UKR in NATO. {BODY}"))
    assert watch() == 0
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state, state:
        kept = state.execute("SELECT document IS NOT NULL FROM items ORDER BY number").fetchall()
        assert sorted(kept) == [(0,), (1,)], "only what was rejected keeps its text"
    with closing(open_state(tmp_path / "data")) as state:
        assert forget_texts(state, before=4e9) == 1, "as the upkeep does after a week"
    capsys.readouterr()
    assert retry(settings=IN_FRENCH_TOO) == 3
    assert said(capsys)["feed item no longer kept"] == "1"
    (tmp_path / "data" / "state.sqlite").unlink()
    assert retry(settings=IN_FRENCH_TOO) == 3
    assert rows_of(tmp_path / "data", "SELECT reason FROM rejects") == [("language",)]


def test_an_item_that_was_given_up_is_tried_again(
    site: Site, watch: Command, tmp_path: Path, retry: Command
) -> None:
    site.feed("/f", item(1, FRENCH), item(2, f"BGR backs UKR in NATO. {BODY}"))
    assert watch() == 0
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state, state:
        # As it is left after the process has died of the item too often.
        state.execute("UPDATE items SET doomed = 1 WHERE document IS NOT NULL")
    assert retry(settings=IN_FRENCH_TOO) == 0
    assert rows_of(tmp_path / "data", "SELECT count(*) FROM articles") == [(2,)]
