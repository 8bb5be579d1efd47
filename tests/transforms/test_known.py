"""The index of what is in the tables: complete, derived, and made anew when it can't be trusted."""

import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from transforms import known
from transforms.commit import commit_staged, next_batch
from transforms.compaction import maintain
from transforms.known import KnownArticles, update_index
from transforms.near_duplicates import Fingerprint, find_original, fingerprint
from transforms.records import Article, ClassifiedArticle, Rejection
from transforms.retries import Retry, finish_retry
from transforms.rows import article_row, reject_row
from transforms.staging import stage_batch, stage_rows

NOW = datetime(2025, 1, 2, tzinfo=UTC)


def article(name: str, duplicate_of: str | None = None, words: str = "") -> Article:
    text = words or " ".join(f"{name}{i}" for i in range(60))
    return Article(
        article_id=name, key=f"key {name}", order=7, origin="o", url=None, source=None, title="T", text=text,
        language="en", authors=(), published_at=None, published_basis=None, content_sha256=f"sha {name}",
        duplicate_of=duplicate_of,
    )  # fmt: skip


def write(data: Path, *articles: Article, rejects: tuple[str, ...] = (), seen: datetime = NOW) -> None:
    batch = next_batch(data)
    refused = [
        Rejection(key=key, stage="read", reason="empty", detail="", origin="o", order=0) for key in rejects
    ]
    stage_batch(
        data,
        batch,
        {
            "articles": [article_row(ClassifiedArticle(article=one), seen) for one in articles],
            "rejects": [reject_row(one, seen) for one in refused],
        },
    )
    commit_staged(data, batch)


class Counting:
    """Fingerprints, and how many were taken."""

    def __init__(self) -> None:
        self.taken: list[str] = []

    def __call__(self, one: Article) -> Fingerprint:
        if one.article_id != "probe":
            self.taken.append(one.article_id)
        return fingerprint(one)


def test_index_knows_every_row(tmp_path: Path) -> None:
    write(tmp_path, article("a"), rejects=("r",))
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.contains_key("key a")
        assert index.contains_key("r")
        assert index.find_revision("a")
        assert not index.contains_key("key b")
        assert not index.find_revision("r")


def test_rejected_keys_are_told_apart_and_what_left_the_tables_is_not_known(tmp_path: Path) -> None:
    write(tmp_path, article("a"), rejects=("r", "s"))
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.is_rejected("r") and not index.is_rejected("key a")
    retried = Retry(slices=(), again=frozenset("r"), rows={"r": frozenset(("key b",))})
    files = stage_rows(tmp_path, 2, "articles", [article_row(ClassifiedArticle(article=article("b")), NOW)])
    finish_retry(tmp_path, 2, retried, files, index=tmp_path / "_index.sqlite", now=NOW)
    commit_staged(tmp_path, 2)
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.contains_key("key b") and not index.is_rejected("key b")
        assert index.is_rejected("s") and not index.contains_key("r")
    maintain(tmp_path, NOW)
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.is_rejected("s") and index.contains_key("key a") and not index.contains_key("r")


def test_index_finds_originals_of_copies(tmp_path: Path) -> None:
    first = article("a")
    write(tmp_path, first, article("copy", duplicate_of="a", words=first.text), article("other"))
    new = replace(article("new", words=first.text + " and a few words more"), order=0)
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        found = index.candidates(fingerprint(new).bands)
        assert [one.article_id for one in found] == ["a"]
        assert found[0].order < 0
        assert find_original(fingerprint(new), found) == "a"
        assert index.find_revision("copy")
        assert index.candidates(fingerprint(article("unlike")).bands) == []


def test_the_first_seen_is_the_first_candidate(tmp_path: Path) -> None:
    text = article("x").text
    write(tmp_path, article("late", words=text), seen=NOW)
    write(tmp_path, article("early", words=text), seen=NOW - timedelta(days=1))
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        found = index.candidates(fingerprint(article("x")).bands)
    assert [one.article_id for one in sorted(found, key=lambda one: one.order)] == ["early", "late"]


def test_only_new_files_are_read(tmp_path: Path) -> None:
    counting = Counting()
    write(tmp_path, article("a"))
    update_index(tmp_path, counting)
    write(tmp_path, article("b"))
    update_index(tmp_path, counting)
    update_index(tmp_path, counting)
    maintain(tmp_path, NOW)
    path = update_index(tmp_path, counting)
    assert counting.taken == ["a", "b"]
    with KnownArticles.open_read_only(path) as index:
        assert index.contains_key("key a") and index.contains_key("key b")


@pytest.mark.parametrize("damage", ["removed", "overwritten", "cut", "older format", "other method"])
def test_a_bad_index_is_made_anew(tmp_path: Path, damage: str, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, *(article(f"a{i}") for i in range(50)), rejects=("r",))
    path = update_index(tmp_path)
    if damage == "removed":
        path.unlink()
    elif damage == "overwritten":
        path.write_bytes(b"no database" * 1000)
    elif damage == "cut":
        path.write_bytes(path.read_bytes()[:5000])
    elif damage == "older format":
        with sqlite3.connect(path) as connection:
            connection.execute("UPDATE meta SET value = '0' WHERE name = 'format'")
    else:
        monkeypatch.setattr(known, "_probe", lambda _: "another")
    counting = Counting()
    with KnownArticles.open_read_only(update_index(tmp_path, counting)) as index:
        assert index.find_revision("a49") and index.contains_key("r")
    assert len(counting.taken) == 50


def test_index_of_other_tables_is_not_trusted(tmp_path: Path) -> None:
    write(tmp_path, article("a"))
    update_index(tmp_path)
    for name in ("articles", "events", "rejects"):
        shutil.rmtree(tmp_path / name)
    write(tmp_path, article("b"))
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.find_revision("b") and not index.find_revision("a")


def test_index_ahead_of_the_tables_is_not_trusted(tmp_path: Path) -> None:
    write(tmp_path, article("a"))
    shutil.copytree(tmp_path, tmp_path / "backup")
    write(tmp_path, article("b"))
    update_index(tmp_path)
    for name in ("articles", "events", "rejects"):
        shutil.rmtree(tmp_path / name)
        shutil.copytree(tmp_path / "backup" / name, tmp_path / name)
    with KnownArticles.open_read_only(update_index(tmp_path)) as index:
        assert index.find_revision("a") and not index.find_revision("b")


def test_what_a_killed_writer_had_begun_is_undone_by_who_reads_next(tmp_path: Path) -> None:
    write(tmp_path, article("a"))
    index = update_index(tmp_path)
    begun = (
        "import os, sqlite3, sys\n"
        "connection = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "connection.execute('PRAGMA cache_size = 1')\n"
        "connection.execute('BEGIN IMMEDIATE')\n"
        "sql = 'INSERT INTO keys VALUES (?, 1)'\n"
        "for number in range(2_000): connection.execute(sql, (f'new {number}',))\n"
        "os._exit(0)\n"
    )
    subprocess.run([sys.executable, "-c", begun, str(index)], check=True, timeout=60)
    assert index.with_name(f"{index.name}-journal").stat().st_size
    with KnownArticles.open_read_only(index) as opened:
        assert opened.contains_key("key a") and not opened.contains_key("new 7")
        with pytest.raises(sqlite3.OperationalError, match="readonly"):
            opened._connection.execute("DELETE FROM keys")


def test_there_must_be_an_index_to_open(tmp_path: Path) -> None:
    with pytest.raises(sqlite3.OperationalError):
        KnownArticles.open_read_only(tmp_path / "none.sqlite")
