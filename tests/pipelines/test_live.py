"""The live job over feeds that are asked once, in this process: the rows of `watch` on one machine."""

from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from web_site import Answer, Site, open_site

from pipelines.batch import open_data
from pipelines.command import main
from pipelines.live import monitor_feeds
from pipelines.live_items import is_listed
from pipelines.live_session import plan_session
from pipelines.query import run_query
from pipelines.settings import load_settings
from transforms.data_folder import write_lock

pytestmark = pytest.mark.usefixtures("stand_in")

BODY = "The ministers met on Monday and talked a long time about what comes next for the region. " * 5
ENVIRON = {
    "ALLIANCE_WATCH_FETCH__ALLOW_HOSTS": "127.0.0.1",
    "ALLIANCE_WATCH_FETCH__PAGE_BELOW": "300",
    "ALLIANCE_WATCH_RUN__MAX_ERROR_SHARE": "1",
}


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        site.answers["/robots.txt"] = Answer(b"", 404)
        yield site


def run_live_once(feeds: Path, data: Path) -> None:
    options = Namespace(data=data, feeds=feeds, once=True)
    plan, request = plan_session(options, load_settings(None, ENVIRON), "nowhere:1")
    with write_lock(data):
        open_data(data)
    pipeline = beam.Pipeline(runner=FnApiRunner())
    monitor_feeds(pipeline, request.job, plan)
    pipeline.run().wait_until_finish()


def dump(data: Path) -> list[list[str]]:
    questions = (
        "SELECT * EXCLUDE first_seen FROM articles_all ORDER BY key",
        "SELECT * EXCLUDE first_seen FROM events_all ORDER BY event_id",
        "SELECT * EXCLUDE (first_seen, seen_month) FROM rejects ORDER BY key",
    )
    return [list(map(repr, run_query(data, sql).rows)) for sql in questions]


def test_rows_are_those_of_one_machine(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def publish(feed: str, *numbers: int) -> None:
        site.feed(
            feed,
            *(
                (f"/{n}", f"Story {n}", f"BGR backs UKR in NATO, says {n}. {BODY if n % 2 else ''}")
                for n in numbers
            ),
        )

    for name, value in ENVIRON.items():
        monkeypatch.setenv(name, value)
    publish("/a", 3, 2, 1, 0)
    # One that another feed lists too, and one of another topic.
    publish("/b", 5, 3)
    site.feed("/c", ("/9", "Rain", f"Some weather. {BODY}"), ("/8", "Boom", f"BOOM in NATO. {BODY}"))
    site.answers["/d"] = Answer(b"oops", 500)
    site.page("/2", f"FIN backs SWE in NATO, and this is its page. {BODY}", BODY)
    feeds = tmp_path / "feeds.txt"
    feeds.write_text("".join(f"{site.url}/{name}\n" for name in "abcd"))
    assert main(["watch", "--feeds", str(feeds), "--data", str(tmp_path / "here"), "--once"]) == 0
    run_live_once(feeds, tmp_path / "there")
    here, there = dump(tmp_path / "here"), dump(tmp_path / "there")
    assert [len(rows) for rows in here] == [5, 5, 2]
    # Which of two feeds is asked first is a matter of chance, and with it whose item it is.
    assert [[row for row in rows if "/3'" not in row] for rows in there] == [
        [row for row in rows if "/3'" not in row] for rows in here
    ]
    assert [len(rows) for rows in there] == [5, 5, 2]
    run_live_once(feeds, tmp_path / "there")
    assert dump(tmp_path / "there") == there


def test_a_list_that_is_gone_takes_no_feed_away(tmp_path: Path) -> None:
    path = tmp_path / "feeds.txt"
    assert is_listed(path, "https://a.example/f")
    path.write_text("https://b.example/f\n")
    assert not is_listed(path, "https://a.example/f")
