"""What the state remembers: items and validators together, batches that never change."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from pipelines.ledger import (
    PageReport,
    assign_batch,
    begin_batch,
    find_kept,
    find_unfinished,
    find_upkeep,
    finish_batch,
    forget_items,
    forget_texts,
    list_pages,
    record_pages,
    record_upkeep,
)
from pipelines.state import ItemRules, PollReport, list_candidates, list_feeds, open_state, record_polls
from transforms.data_folder import NewerSchema, UnwritableData
from transforms.feed_list import ListedFeed
from transforms.items import PageText, PlainEntry, list_items
from transforms.polling import PollPolicy, PollResult
from transforms.records import StoredSlice
from transforms.stored import read_stored

A, B = "https://a.example/f", "https://b.example/f"
POLICY, RULES = PollPolicy(), ItemRules(page_below=0, max_revisions=3)


@pytest.fixture
def state(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    connection = open_state(tmp_path)
    list_feeds(connection, [ListedFeed(url=A, outlet="The A"), ListedFeed(url=B)], POLICY, 0.0)
    yield connection
    connection.close()


def poll(
    state: sqlite3.Connection, url: str, *entries: tuple[str, str], at: float = 1.0, rules: ItemRules = RULES
) -> int:
    plain = [
        PlainEntry(guid=None, url=f"https://news.example/{path}", title="T", text=text, published_at=None)
        for path, text in entries
    ]
    (feed,) = (one for one in list_candidates(state, at, at, impatient=True) if one.url == url)
    report = PollReport(
        feed=replace(feed, etag=f"tag {at}"),
        at=at,
        result=PollResult(outcome="read", entries=len(plain)),
        status="200",
        items=list_items(plain, url),
    )
    return record_polls(state, [(report, 0.0)], POLICY, rules)


def documents(state: sqlite3.Connection, tmp_path: Path, numbers: tuple[int, ...]) -> list[tuple[str, int]]:
    part = StoredSlice(path=str(tmp_path / "state.sqlite"), numbers=numbers)
    return [(document.content, document.revision) for document in read_stored(part)]


def test_items_are_new_once_and_changes_are_revisions(state: sqlite3.Connection, tmp_path: Path) -> None:
    assert poll(state, A, ("2", "two"), ("1", "one")) == 2
    assert poll(state, A, ("2", "two"), ("1", "one")) == 0
    assert poll(state, A, ("2", "two"), ("1", "changed")) == 1
    assert poll(state, A, ("1", "one")) == 0, "what comes back is not new"
    assert poll(state, B, ("1", "as b has it")) == 0, "listed by another feed too"
    assert poll(state, A, ("1", "third")) == 1
    assert poll(state, A, ("1", "fourth")) == 0, "more than max_revisions"
    batches = [assign_batch(state, 2.0, 100) for _ in range(4)]
    assert batches.pop() is None
    # Each revision after the one before it, never together with it.
    assert [documents(state, tmp_path, batch.numbers) for batch in batches if batch] == [
        [("one", 1), ("two", 1)], [("changed", 2)], [("third", 3)]
    ]  # fmt: skip


def test_validators_come_with_the_items(state: sqlite3.Connection) -> None:
    poll(state, A, ("1", "one"), at=5.0)
    feed = {one.url: one for one in list_candidates(state, 6.0, 6.0, impatient=True)}[A]
    assert feed.etag == "tag 5.0" and feed.poll.next_poll > 5.0
    assert A not in [one.url for one in list_candidates(state, 6.0, 10**9)]


def test_a_failing_transaction_records_nothing(state: sqlite3.Connection) -> None:
    with pytest.raises(AttributeError):
        poll(state, A, ("1", "one"), rules=None)  # type: ignore[arg-type]
    assert poll(state, A, ("1", "one")) == 1
    assert state.execute("SELECT count(*) FROM items").fetchone() == (1,)


def test_a_batch_never_changes_and_is_found_until_it_is_done(
    state: sqlite3.Connection, tmp_path: Path
) -> None:
    poll(state, A, ("2", "two"), ("1", "one"))
    batch = assign_batch(state, 2.0, 1)
    assert batch is not None and len(batch.numbers) == 1
    begin_batch(state, batch)
    poll(state, A, ("3", "three"))
    assert find_unfinished(state) == replace(batch, tries=1)
    finish_batch(state, batch, 3.0)
    assert find_unfinished(state) is None
    assert documents(state, tmp_path, batch.numbers) == [], "its text is in the tables"
    assert poll(state, A, ("1", "one")) == 0, "but it is still known"
    rest = assign_batch(state, 4.0, 100)
    assert rest is not None and rest.number > batch.number
    assert documents(state, tmp_path, rest.numbers) == [("two", 1), ("three", 1)]
    assert assign_batch(state, 5.0, 100) is None


def test_an_item_waits_for_its_page(state: sqlite3.Connection, tmp_path: Path) -> None:
    rules = ItemRules(page_below=100, max_revisions=3)
    poll(state, A, ("2", "short two"), ("1", "short one"), ("0", "long " * 50), at=1.0, rules=rules)
    assert [page.url for page in list_pages(state, 2.0, 10)] == [
        "https://news.example/1", "https://news.example/2"
    ]  # fmt: skip
    one, two = (page.number for page in list_pages(state, 2.0, 10))
    record_pages(state, [PageReport(number=one, text=None, reason="timeout", retry_at=50.0)])
    record_pages(state, [PageReport(number=two, text=PageText(text="All\nof <it> is longer", title="P"))])
    assert list_pages(state, 2.0, 10) == []
    (again,) = list_pages(state, 50.0, 10)
    assert (again.number, again.tries) == (one, 1)
    batch = assign_batch(state, 2.0, 10)
    assert batch is not None and one not in batch.numbers and len(batch.numbers) == 2
    record_pages(state, [PageReport(number=one, text=None, reason="paywall")])
    record_pages(state, [PageReport(number=two, text=None, reason="too late")])
    late = assign_batch(state, 60.0, 10)
    assert late is not None
    part = StoredSlice(path=str(tmp_path / "state.sqlite"), numbers=(*batch.numbers, *late.numbers))
    assert [(document.text_basis, document.format) for document in read_stored(part)] == [
        ("feed", "text"), ("page", "html"), ("feed: paywall", "text")
    ]  # fmt: skip


def test_feeds_that_are_no_longer_listed_rest(state: sqlite3.Connection) -> None:
    list_feeds(state, [ListedFeed(url=B, outlet="New name")], POLICY, 9.0)
    (feed,) = list_candidates(state, 10.0, 10.0, impatient=True)
    assert (feed.url, feed.outlet) == (B, "New name")


def test_old_items_are_forgotten(state: sqlite3.Connection) -> None:
    poll(state, A, ("1", "one"), at=1.0)
    batch = assign_batch(state, 2.0, 10)
    assert batch is not None and forget_items(state, 100.0) == 0
    finish_batch(state, batch, 3.0)
    poll(state, A, ("2", "two"), at=200.0)
    assert forget_items(state, 100.0) == 1
    assert poll(state, A, ("1", "one"), at=300.0) == 1


def test_a_rejected_item_keeps_its_text_for_a_while(state: sqlite3.Connection, tmp_path: Path) -> None:
    poll(state, A, ("2", "two"), ("1", "one"), at=1.0)
    batch = assign_batch(state, 2.0, 10)
    assert batch is not None
    keys = [key for (key,) in state.execute("SELECT key FROM items ORDER BY number")]
    finish_batch(state, batch, 3.0, {keys[1]}.__contains__)
    (kept,) = find_kept(state, set(keys))
    assert kept.key == keys[1] and documents(state, tmp_path, batch.numbers) == [("two", 1)]
    assert find_kept(state, {keys[0]}) == []
    poll(state, A, ("3", "three"), at=1.0)
    assert forget_texts(state, 1.0) == 0
    assert forget_texts(state, 2.0) == 1 and find_kept(state, set(keys)) == []
    assert assign_batch(state, 4.0, 10) is not None, "what waits for its batch is not forgotten"


def test_the_last_upkeep_is_remembered(state: sqlite3.Connection, tmp_path: Path) -> None:
    assert find_upkeep(state, 10.0) == (10.0, 0)
    poll(state, A, ("1", "one"))
    batch = assign_batch(state, 11.0, 10)
    assert batch is not None
    finish_batch(state, batch, 12.0)
    with closing(open_state(tmp_path)) as restarted:
        assert find_upkeep(restarted, 20.0) == (10.0, 1)
        record_upkeep(restarted, 30.0)
    assert find_upkeep(state, 40.0) == (30.0, 0)


def test_state_of_a_newer_program_is_refused(tmp_path: Path) -> None:
    open_state(tmp_path).close()
    with sqlite3.connect(tmp_path / "state.sqlite") as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(NewerSchema, match="99"):
        open_state(tmp_path)
    with pytest.raises(UnwritableData):
        open_state(tmp_path / "missing")
