"""Whatever is put into the input folder, each document ends with a clear reason and nothing else is lost."""

import gzip
import json
import time
from pathlib import Path

import pytest

from pipelines.command import main
from pipelines.query import run_query

pytestmark = pytest.mark.usefixtures("stand_in")

GOOD = "BGR backs UKR in NATO. The ministers met on Monday and talked for a long time about what comes next."


def make_inputs(folder: Path) -> None:
    folder.mkdir()
    (folder / "good.txt").write_text(GOOD)
    (folder / "empty.txt").write_bytes(b"")
    (folder / "binary.txt").write_bytes(bytes(range(256)) * 40)
    lines = [json.dumps({"url": f"https://a.example/{n}", "text": f"{GOOD} Part {n}."}) for n in range(3)]
    (folder / "broken.jsonl").write_text("\n".join([lines[0], '{"url": "x", "te', lines[1]]) + "\n")
    packed = gzip.compress("\n".join([*lines, *lines]).encode(), mtime=0)
    (folder / "truncated.jsonl.gz").write_bytes(packed[: len(packed) // 2])
    (folder / "truncated.txt.gz").write_bytes(gzip.compress(GOOD.encode() * 50, mtime=0)[:-20])
    (folder / "large.html").write_bytes(b"<html><body>" + b"<p>" + b"NATO " * 10_000_000 + b"</p>")
    (folder / "many.html").write_text("<html><body>" + "<p>NATO met.</p>" * 50_000)
    (folder / "deep.html").write_text("<html><body>" + "<div>" * 3_000 + "NATO" + "</div>" * 3_000)
    paragraphs = "".join(f"<p>Café à la carte {n}: {GOOD}</p>" for n in range(6))
    head = "<head><meta charset='utf-8'><title>Café</title></head>"
    page = f"<html>{head}<body><article><h1>Café talks</h1>{paragraphs}</article></body></html>"
    (folder / "latin.html").write_bytes(page.encode("cp1252"))
    (folder / "feed.xml").write_text("<rss version='2.0'><channel><title>T</title></channel></rss>")
    (folder / "no_feed.xml").write_text("<note>just a note</note>")
    (folder / "folder.txt").mkdir()


def test_bad_input(tmp_path: Path) -> None:
    make_inputs(tmp_path / "in")
    started = time.monotonic()
    assert main(["run", str(tmp_path / "in"), "--data", str(tmp_path / "data")]) == 0
    assert time.monotonic() - started < 60
    rejected = run_query(
        tmp_path / "data", "SELECT parse_filename(origin), stage, reason, detail FROM rejects ORDER BY 1, 3"
    ).rows
    assert [row[:3] for row in rejected] == [
        ("binary.txt", "read", "binary"),
        ("broken.jsonl", "read", "invalid_json"),
        ("deep.html", "extract", "too_deep"),
        ("empty.txt", "read", "empty"),
        ("feed.xml", "read", "empty"),
        ("large.html", "read", "too_large"),
        ("many.html", "extract", "too_complex"),
        ("no_feed.xml", "read", "not_a_feed"),
        ("truncated.jsonl.gz", "read", "truncated"),
        ("truncated.txt.gz", "read", "truncated"),
    ]
    assert all(row[3] for row in rejected)
    assert next(row[3] for row in rejected if row[0] == "broken.jsonl").startswith("line 2 column ")
    accepted = run_query(
        tmp_path / "data",
        "SELECT parse_filename(origin) AS file, title, text, notes FROM articles ORDER BY 1",
    ).rows
    files = {row[0] for row in accepted}
    assert {"good.txt", "broken.jsonl", "latin.html"} <= files
    ((title, text, notes),) = [row[1:] for row in accepted if row[0] == "latin.html"]
    assert title == "Café talks" and "Café à la carte" in text and "�" not in text
    assert any("cp1252" in note for note in notes)
