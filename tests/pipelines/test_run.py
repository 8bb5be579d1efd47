"""Runs from the command line to the tables, with the stand-in detector."""

import json
import re
from pathlib import Path

import pytest
from stand_in import write_articles

from pipelines.command import main
from pipelines.query import run_query
from transforms.commit import next_batch
from transforms.data_folder import write_lock
from transforms.tables import TABLES

pytestmark = pytest.mark.usefixtures("stand_in")

NOW = ("--now", "2024-05-01T12:00:00Z")
BODY = "The ministers met on Monday and talked a long time about what comes next for the region and all in it"


def write_lines(path: Path, *documents: dict[str, str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), encoding="utf-8")
    return path


def story(number: int, text: str = "", **fields: str) -> dict[str, str]:
    url = f"https://news.example/{number}"
    return {
        "url": url,
        "title": f"Story {number}",
        "text": text or f"BGR backs UKR in NATO. {BODY}.",
        **fields,
    }


def rows_of(data: Path, sql: str) -> list[tuple[object, ...]]:
    return list(run_query(data, sql).rows)


def dump(data: Path) -> dict[str, list[str]]:
    return {name: sorted(map(repr, rows_of(data, f"SELECT * FROM {name}"))) for name in TABLES}


def test_every_document_ends_as_one_row(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_articles(tmp_path / "news.jsonl", 40)
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data"), *NOW]) == 0
    keys = rows_of(tmp_path / "data", "SELECT key FROM articles UNION ALL SELECT key FROM rejects")
    assert len(keys) == len(set(keys)) == 40
    out, err = capsys.readouterr()
    assert out == ""
    assert "documents read" in err and "40" in err and "off_topic" in err


def test_running_twice_adds_nothing(tmp_path: Path) -> None:
    write_articles(tmp_path / "news.jsonl", 20)
    command = ["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data"), *NOW]
    assert main(command) == 0
    before = dump(tmp_path / "data")
    assert main(command[:-2]) == 0
    assert dump(tmp_path / "data") == before


@pytest.mark.parametrize("batch_documents", [7])
def test_rows_do_not_depend_on_batches(tmp_path: Path, batch_documents: int) -> None:
    write_articles(tmp_path / "news.jsonl", 30)
    (tmp_path / "mine.yaml").write_text(f"run: {{batch_documents: {batch_documents}}}")
    source = str(tmp_path / "news.jsonl")
    assert main(["run", source, "--data", str(tmp_path / "one"), *NOW]) == 0
    config = ("--config", str(tmp_path / "mine.yaml"))
    assert main(["run", source, "--data", str(tmp_path / "many"), *NOW, *config]) == 0
    assert next_batch(tmp_path / "many") > next_batch(tmp_path / "one")
    assert dump(tmp_path / "many") == dump(tmp_path / "one")


def test_duplicates(tmp_path: Path) -> None:
    first = story(
        1, f"BGR backs UKR in NATO. {BODY}, and nobody knows how it will end for those who live there."
    )
    copy = story(2, first["text"] + " (AP)", title=first["title"])
    copy_of_copy = story(3, copy["text"], title=copy["title"])
    again = {**first, "text": f"HUN blocks SWE in NATO. {BODY}."}
    write_lines(tmp_path / "news.jsonl", first, copy, copy_of_copy, again)
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data")]) == 0
    data = tmp_path / "data"
    ((original,),) = rows_of(data, "SELECT article_id FROM articles WHERE duplicate_of IS NULL")
    copies = rows_of(data, "SELECT duplicate_of, n_events FROM articles WHERE duplicate_of IS NOT NULL")
    assert copies == [(original, 0), (original, 0)]
    assert rows_of(data, "SELECT article_id FROM events") == [(original,)]
    assert rows_of(data, "SELECT stage, reason, detail FROM rejects") == [
        ("duplicates", "duplicate", original)
    ]


def test_copies_across_runs(tmp_path: Path) -> None:
    text = f"BGR backs UKR in NATO. {BODY}, and nobody knows how it will end for those who live there."
    write_lines(tmp_path / "a.jsonl", story(1, text))
    write_lines(tmp_path / "b.jsonl", story(2, text), story(1, text + " Updated."))
    for name in "ab":
        assert main(["run", str(tmp_path / f"{name}.jsonl"), "--data", str(tmp_path / "data")]) == 0
    assert rows_of(tmp_path / "data", "SELECT count(*), count(duplicate_of) FROM articles") == [(2, 1)]
    assert rows_of(tmp_path / "data", "SELECT reason FROM rejects") == [("duplicate",)]


def test_an_off_topic_article_is_no_original(tmp_path: Path) -> None:
    write_lines(tmp_path / "news.jsonl", story(1, BODY + "."), story(1, f"BGR backs UKR in NATO. {BODY}."))
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data")]) == 0
    assert rows_of(tmp_path / "data", "SELECT reason FROM rejects") == [("off_topic",)]
    assert rows_of(tmp_path / "data", "SELECT n_events FROM articles") == [(1,)]


def test_the_same_folder_given_twice(tmp_path: Path) -> None:
    for parent in "ab":
        write_lines(tmp_path / parent / "news" / "x.jsonl", story(1), story(2, "{"))
    inputs = [str(tmp_path / parent / "news") for parent in "ab"]
    assert main(["run", *inputs, "--data", str(tmp_path / "data")]) == 0
    keys = rows_of(tmp_path / "data", "SELECT key FROM articles UNION ALL SELECT key FROM rejects")
    assert len(keys) == len(set(keys)) == 2


def test_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "a.jsonl", story(1))
    write_lines(tmp_path / "b.jsonl", story(1), story(2, f"HUN blocks SWE in NATO. {BODY} today."))
    data = tmp_path / "data"
    assert main(["run", str(tmp_path / "a.jsonl"), "--data", str(data), "--dry-run"]) == 0
    assert not data.exists()
    assert main(["run", str(tmp_path / "a.jsonl"), "--data", str(data)]) == 0
    before = {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()}
    capsys.readouterr()
    assert main(["run", str(tmp_path / "b.jsonl"), "--data", str(data), "--dry-run"]) == 0
    assert {path: path.read_bytes() for path in sorted(data.rglob("*")) if path.is_file()} == before
    out, err = capsys.readouterr()
    assert "HUN blocks SWE" in out and "BGR backs UKR" not in out
    assert "Would be written" in err and "duplicate" in err


def test_limit(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "a.jsonl", *(story(number) for number in range(5)))
    (tmp_path / "b.txt").write_text(f"A headline\n\nBGR backs UKR in NATO. {BODY}.")
    inputs = [str(tmp_path / "a.jsonl"), str(tmp_path / "b.txt")]
    for limit, expected in ((3, 3), (6, 6), (9, 6)):
        data = tmp_path / str(limit)
        assert main(["run", *inputs, "--data", str(data), "--limit", str(limit)]) == 0
        sql = "SELECT (SELECT count(*) FROM articles) + (SELECT count(*) FROM rejects)"
        assert rows_of(data, sql) == [(expected,)]


def test_unexpected_errors_are_kept_and_fail_the_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_lines(tmp_path / "news.jsonl", story(1), story(2, f"BOOM in NATO. {BODY}, they said."))
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data")]) == 1
    assert "1 of 2 documents failed" in " ".join(capsys.readouterr().err.split())
    ((stage, detail),) = rows_of(
        tmp_path / "data", "SELECT stage, detail FROM rejects WHERE reason = 'error'"
    )
    assert stage == "detect" and "Traceback" in detail and "nobody expected this" in detail
    assert rows_of(tmp_path / "data", "SELECT count(*) FROM articles") == [(1,)]
    (tmp_path / "mine.yaml").write_text("run: {max_error_share: 0.5}")
    config = ("--config", str(tmp_path / "mine.yaml"))
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "more"), *config]) == 0


def test_a_second_writer_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "news.jsonl", story(1))
    with write_lock(tmp_path / "data"):
        assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "data")]) == 3
    assert "is being written by" in capsys.readouterr().err


def test_a_newer_table_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "news.jsonl", story(1))
    data = tmp_path / "data"
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(data)]) == 0
    (log,) = (data / "events" / "_delta_log").glob("*0.json")
    log.write_text(re.sub(r'schema_version":"\d+"', 'schema_version":"99"', log.read_text()))
    before = dump_files(data / "articles")
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(data)]) == 3
    assert "99" in capsys.readouterr().err
    assert dump_files(data / "articles") == before


def dump_files(folder: Path) -> list[tuple[str, bytes]]:
    return [(str(path), path.read_bytes()) for path in sorted(folder.rglob("*")) if path.is_file()]


def test_a_data_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "news.jsonl", story(1))
    (tmp_path / "file").write_text("")
    assert main(["run", str(tmp_path / "news.jsonl"), "--data", str(tmp_path / "file" / "data")]) == 2
    assert "Cannot write to" in capsys.readouterr().err


def test_no_input(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "picture.jpg").write_bytes(b"\xff\xd8")
    assert main(["run", str(tmp_path / "empty"), "--data", str(tmp_path / "data")]) == 3
    assert "no documents" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "nothing.txt"), "--data", str(tmp_path / "data")]) == 2
    assert "nothing.txt" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()


def test_rejects_can_be_listed_and_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_lines(tmp_path / "news.jsonl", story(1, BODY + "."), story(2, f"BOOM in NATO. {BODY}."))
    data = ("--data", str(tmp_path / "data"))
    main(["run", str(tmp_path / "news.jsonl"), *data])
    capsys.readouterr()
    assert main(["rejects", "list", *data, "--reason", "error", "--format", "jsonl"]) == 0
    listed = json.loads(capsys.readouterr().out)
    assert listed["detail"] == "RuntimeError: nobody expected this"
    assert main(["rejects", "show", listed["key"], *data]) == 0
    assert "Traceback" in capsys.readouterr().out
    assert main(["rejects", "show", "it's none", *data]) == 3
    assert main(["rejects", "list", *data, "--reason", "it's none"]) == 0
    assert main(["maintain", *data]) == 0
