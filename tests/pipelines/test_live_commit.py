from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_records import make_article, make_event

from pipelines.live_commit import LiveCommit, commit_ended, keep_house
from pipelines.query import run_query
from transforms.commit import open_tables, read_snapshot
from transforms.data_folder import DataFolderInUse, write_lock
from transforms.records import ClassifiedArticle, Rejection

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def settings(data: Path) -> LiveCommit:
    return LiveCommit(data=data, detector="test", linger=1.0, documents=10, clock=NOW.timestamp)


def article(number: int) -> ClassifiedArticle:
    made = make_article(article_id=f"a{number}", key=f"k{number}", text=f"Bulgaria signed number {number}.")
    return ClassifiedArticle(
        article=made, events=(make_event(event_id=f"e{number}", article_id=f"a{number}"),)
    )


def reject(number: int) -> Rejection:
    return Rejection(
        key=f"k{number}", stage="gate", reason="off_topic", detail="", origin="feed", order=number
    )


def find_keys(data: Path) -> list[object]:
    sql = "SELECT key FROM articles_all UNION ALL SELECT key FROM rejects ORDER BY 1"
    return [key for (key,) in run_query(data, sql).rows]


def test_what_comes_again_is_there_once(tmp_path: Path) -> None:
    assert commit_ended([article(1), reject(2), reject(2)], settings(tmp_path)) == 2
    # After a restart, and not in the same batch.
    assert commit_ended([reject(2), article(3)], settings(tmp_path)) == 1
    assert commit_ended([article(1), article(3)], settings(tmp_path)) == 0
    assert find_keys(tmp_path) == ["k1", "k2", "k3"]
    assert run_query(tmp_path, "SELECT first_seen FROM articles").rows[0] == (NOW,)
    assert run_query(tmp_path, "SELECT sum(n_reports) FROM resolved_events").rows == ((2,),)
    # Each commit was a batch, and one without news was none.
    assert {table.transaction_version("alliance-watch") for table in open_tables(tmp_path).values()} >= {2}


def test_one_writer_at_a_time(tmp_path: Path) -> None:
    with write_lock(tmp_path), pytest.raises(DataFolderInUse):
        commit_ended([reject(1)], settings(tmp_path))
    assert commit_ended([reject(1)], settings(tmp_path)) == 1


def test_small_files_are_joined_unless_somebody_writes(tmp_path: Path) -> None:
    for number in range(3):
        commit_ended([reject(number)], settings(tmp_path))
    with write_lock(tmp_path):
        keep_house(tmp_path, NOW.timestamp())
    assert len(read_snapshot(tmp_path)["rejects"]) == 3
    keep_house(tmp_path, NOW.timestamp())
    assert len(read_snapshot(tmp_path)["rejects"]) == 1
    assert commit_ended([replace(reject(1), reason="empty")], settings(tmp_path)) == 0
