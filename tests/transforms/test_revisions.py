"""A changed article is a new revision of the same one, in the tables, the index and the views."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from deltalake import DeltaTable
from stand_in import find_backing

from pipelines.query import run_query
from transforms import commit, tables
from transforms.columns import SCHEMA_VERSION, SCHEMA_VERSION_KEY
from transforms.commit import commit_staged, next_batch, open_tables
from transforms.compaction import maintain
from transforms.duplicates import judge_duplicates
from transforms.known import KnownArticles, update_index
from transforms.near_duplicates import fingerprint
from transforms.records import Article, ClassifiedArticle
from transforms.rows import article_row, event_rows
from transforms.staging import stage_batch
from transforms.tables import TABLES

NOW = datetime(2025, 1, 2, tzinfo=UTC)


def article(revision: int, text: str, name: str = "a", order: int = 1) -> Article:
    return Article(
        article_id=name, key=f"key {name} {revision}", order=order, origin="o", url=None, source=None,
        title="T", text=text, language="en", authors=(), published_at=NOW, published_basis="given",
        content_sha256=text, revision=revision, text_basis="feed",
    )  # fmt: skip


def write(data: Path, *articles: Article) -> None:
    classified = [ClassifiedArticle(article=one, events=find_backing(one)) for one in articles]
    rows = {
        "articles": [article_row(one, NOW) for one in classified],
        "events": [row for one in classified for row in event_rows(one, NOW, "d")],
    }
    batch = next_batch(data)
    stage_batch(data, batch, rows)
    commit_staged(data, batch)


def test_views_show_the_newest_revision(tmp_path: Path) -> None:
    write(tmp_path, article(1, "BGR backs UKR. HUN blocks SWE."), article(1, "BGR backs UKR.", "b"))
    write(tmp_path, article(2, "BGR backs UKR."))
    found = run_query(tmp_path, "SELECT article_id, revision, kind FROM events ORDER BY ALL").rows
    assert found == (("a", 2, "endorse"), ("b", 1, "endorse"))
    assert run_query(tmp_path, "SELECT article_id, revision FROM articles ORDER BY ALL").rows == (
        ("a", 2),
        ("b", 1),
    )
    assert run_query(tmp_path, "SELECT count(*) FROM events_all").rows == ((4,),)
    assert run_query(tmp_path, "SELECT count(*) FROM articles_all").rows == ((3,),)


def test_a_revision_without_events_takes_the_old_ones_away(tmp_path: Path) -> None:
    write(tmp_path, article(1, "BGR backs UKR."))
    write(tmp_path, article(2, "Nothing of the kind."))
    assert run_query(tmp_path, "SELECT * FROM events").rows == ()


def test_index_knows_revisions(tmp_path: Path) -> None:
    long = " ".join(f"word{i}" for i in range(60))
    write(tmp_path, article(1, long))
    write(tmp_path, article(3, long + " more"))
    with KnownArticles.open_read_only(update_index(tmp_path)) as known:
        assert known.find_revision("a") == 3
        prints = [fingerprint(article(number, long, order=number)) for number in (3, 4, 5)]
        kinds = [one.kind for one in judge_duplicates(prints, known, 0.8).values()]
    assert kinds == ["repeat", "original", "original"]


@pytest.fixture
def older(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder written by the program of schema version 1."""
    new = {"revision", "text_basis"}
    with monkeypatch.context() as patch:
        patch.setattr(commit, "SCHEMA_VERSION", 1)
        patch.setitem(commit._CONFIGURATION, SCHEMA_VERSION_KEY, "1")
        for name, table in TABLES.items():
            schema = pa.schema(
                [f for f in table.schema if f.name not in new], metadata={SCHEMA_VERSION_KEY: "1"}
            )
            patch.setitem(tables.TABLES, name, replace(table, schema=schema))
        one = ClassifiedArticle(article=article(1, "BGR backs UKR."))
        classified = replace(one, events=find_backing(one.article))
        rows = {
            "articles": [article_row(classified, NOW)],
            "events": event_rows(classified, NOW, "d"),
        }
        stage_batch(tmp_path, 1, rows)
        commit_staged(tmp_path, 1)
    return tmp_path


def test_older_folder_is_read_as_it_is_and_upgraded_on_writing(older: Path) -> None:
    question = "SELECT article_id, revision, text_basis FROM articles"
    assert DeltaTable(str(older / "articles")).metadata().configuration[SCHEMA_VERSION_KEY] == "1"
    assert run_query(older, question).rows == (("a", 1, None),)
    assert run_query(older, "SELECT revision FROM events").rows == ((1,),)
    write(older, article(1, "SWE backs FIN.", "b"))
    assert run_query(older, question + " ORDER BY ALL").rows == (("a", 1, None), ("b", 1, "feed"))
    for name, table in open_tables(older).items():
        assert table.metadata().configuration[SCHEMA_VERSION_KEY] == str(SCHEMA_VERSION)
        assert {field.name for field in table.schema().fields} == set(TABLES[name].schema.names)
        comments = {field.name: field.metadata.get("comment") for field in table.schema().fields}
        assert all(comments.values()), comments
    write(older, article(2, "Nothing."))
    maintain(older, NOW)
    assert run_query(older, question + " ORDER BY ALL").rows == (("a", 2, "feed"), ("b", 1, "feed"))
    assert run_query(older, "SELECT revision FROM articles_all ORDER BY 1").rows == ((1,), (1,), (2,))
    with KnownArticles.open_read_only(update_index(older)) as known:
        assert known.find_revision("a") == 2


def test_an_upgrade_cut_in_half_is_done_again(older: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(commit, "_upgrade", lambda data, layout, table: table)
        before = open_tables(older)["articles"]
    fields = commit.Schema.from_arrow(TABLES["articles"].schema).fields
    before.alter.add_columns([field for field in fields if field.name in ("revision", "text_basis")])
    open_tables(older)
    assert run_query(older, "SELECT revision FROM articles").rows == ((1,),)
