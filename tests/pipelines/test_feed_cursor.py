from dataclasses import replace

from pipelines.feed_cursor import FeedCursor, move_cursor, start_cursor
from pipelines.state import PollReport
from transforms.feed_list import ListedFeed
from transforms.items import Item, PlainEntry, list_items
from transforms.polling import PollPolicy, PollResult, is_due

URL = "https://a.example/f"
POLICY = PollPolicy(interval_first=100, interval_min=10, interval_max=1_000)


def list_texts(*texts: str) -> tuple[Item, ...]:
    entries = [
        PlainEntry(guid=None, url=f"https://a.example/{text[0]}", title="T", text=text, published_at=None)
        for text in texts
    ]
    return list_items(entries, URL)


def poll(
    cursor: FeedCursor, *texts: str, outcome: str = "read", at: float = 0.0
) -> tuple[FeedCursor, list[str]]:
    result = PollResult(outcome=outcome, entries=len(texts))  # type: ignore[arg-type]
    feed = replace(cursor.feed, etag=f"tag {at}")
    report = PollReport(feed=feed, at=at, result=result, status="", items=list_texts(*texts))
    after, new = move_cursor(cursor, report, POLICY, 0.0)
    return after, [item.text for item in new]


def test_a_new_feed_is_due_at_once() -> None:
    cursor = start_cursor(ListedFeed(url=URL, outlet="The A"), POLICY)
    assert is_due(cursor.feed.poll, POLICY, now=0.0)
    assert (cursor.feed.address, cursor.feed.outlet) == (URL, "The A")


def test_what_was_listed_before_is_not_new() -> None:
    cursor, new = poll(start_cursor(ListedFeed(url=URL), POLICY), "b", "a")
    assert new == ["a", "b"] and cursor.feed.etag == "tag 0.0"
    cursor, new = poll(cursor, "c", "b", "a", at=100.0)
    assert new == ["c"]
    # A changed text is new, whatever its address.
    cursor, new = poll(cursor, "c", "b changed", at=200.0)
    assert new == ["b changed"]


def test_what_a_feed_does_not_list_any_more_is_forgotten() -> None:
    cursor, _ = poll(start_cursor(ListedFeed(url=URL), POLICY), "a", "b")
    cursor, _ = poll(cursor, "b", at=100.0)
    assert len(cursor.listed) == 1
    # Who knows all items decides that it is none.
    assert poll(cursor, "a", "b", at=200.0)[1] == ["a"]


def test_a_poll_without_an_answer_forgets_nothing() -> None:
    cursor, _ = poll(start_cursor(ListedFeed(url=URL), POLICY), "a")
    for outcome in ("failed", "unchanged"):
        cursor, new = poll(cursor, outcome=outcome, at=100.0)
        assert new == []
    assert poll(cursor, "a", at=200.0)[1] == []


def test_the_next_poll_follows_the_news() -> None:
    cursor, _ = poll(start_cursor(ListedFeed(url=URL), POLICY), "a")
    assert cursor.feed.poll.interval == 50.0
    cursor, _ = poll(cursor, "a", at=50.0)
    assert cursor.feed.poll.interval == 75.0 and cursor.feed.poll.next_poll == 125.0
