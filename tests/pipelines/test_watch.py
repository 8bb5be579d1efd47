"""`watch` from the command line to the tables, against a site on loopback, with the stand-in detector."""

import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from web_site import Answer, Site, open_site

import pipelines.watch
from pipelines.batch import run_or_stop
from pipelines.command import main
from pipelines.ledger import MAX_TRIES, MAX_TRIES_ALONE
from pipelines.query import run_query
from pipelines.summary import RunCounts
from transforms.data_folder import write_lock

pytestmark = pytest.mark.usefixtures("stand_in")

BODY = (
    "The ministers met on Monday and talked a long time about what comes next for the region and all in it."
)


class Dead(BaseException):
    """The process is gone."""


Watch = Callable[..., int]


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture
def watch(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Watch:
    """One pass over the feeds at these paths."""
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__ALLOW_HOSTS", "127.0.0.1")
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__PAGE_BELOW", "0")

    def once(*paths: str) -> int:
        (tmp_path / "feeds.txt").write_text("".join(f"{site.url}{path}\n" for path in paths))
        return main(
            ["watch", "--feeds", str(tmp_path / "feeds.txt"), "--data", str(tmp_path / "data"), "--once"]
        )

    return once


def rows(tmp_path: Path, sql: str) -> list[tuple[object, ...]]:
    return list(run_query(tmp_path / "data", sql).rows)


def story(number: int, said: str = "BGR backs UKR") -> tuple[str, str, str]:
    return (f"/{number}", f"Story {number}", f"{said} in NATO. {BODY} Number {number} of them.")


def test_items_become_rows_once(
    site: Site, watch: Watch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site.feed("/f", story(2, "HUN blocks SWE"), story(1), ("/3", "Rain", f"Some weather. {BODY}"))
    assert watch("/f") == 0
    expected = [("Story 1", "feed", 1, f"{site.url}/f"), ("Story 2", "feed", 1, f"{site.url}/f")]
    question = "SELECT title, text_basis, revision, origin FROM articles ORDER BY title"
    assert rows(tmp_path, question) == expected
    assert rows(tmp_path, "SELECT reason FROM rejects") == [("off_topic",)]
    assert rows(tmp_path, "SELECT kind, source FROM events ORDER BY kind") == [
        ("block", "The Test"), ("endorse", "The Test")
    ]  # fmt: skip
    assert watch("/f") == 0
    assert site.asked[-1][1]["if-none-match"], "asked for what has changed"
    site.feed("/f", story(4, "FIN backs UKR"), story(2, "HUN blocks SWE"))
    assert watch("/f") == 0
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT key) FROM articles_all") == [(3, 3)]
    out, err = capsys.readouterr()
    assert out == ""
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    assert [line["read"] for line in lines if "batch" in line] == [3, 1]


def test_a_changed_item_is_a_revision(site: Site, watch: Watch, tmp_path: Path) -> None:
    site.feed("/f", story(1))
    assert watch("/f") == 0
    site.feed("/f", story(1, "HUN blocks SWE"))
    assert watch("/f") == 0
    assert rows(tmp_path, "SELECT revision FROM articles_all ORDER BY 1") == [(1,), (2,)]
    assert rows(tmp_path, "SELECT revision FROM articles") == [(2,)]
    assert rows(tmp_path, "SELECT kind, revision FROM events") == [("block", 2)]
    assert rows(tmp_path, "SELECT kind FROM events_all ORDER BY 1") == [("block",), ("endorse",)]
    assert rows(tmp_path, "SELECT count(DISTINCT first_seen) FROM articles_all") == [(2,)]


def test_a_revision_that_is_off_topic_takes_the_old_events_away(
    site: Site, watch: Watch, tmp_path: Path
) -> None:
    weather = ("/1", "Story 1", f"Some weather. {BODY} Number 1 of them.")
    site.feed("/f", story(1), ("/2", "Rain", f"Some weather. {BODY}"))
    assert watch("/f") == 0
    site.feed("/f", weather, ("/2", "Rain", f"More weather. {BODY}"))
    assert watch("/f") == 0
    assert rows(tmp_path, "SELECT kind FROM events") == []
    assert rows(tmp_path, "SELECT kind, revision FROM events_all") == [("endorse", 1)]
    kept = rows(tmp_path, "SELECT title, revision, n_events, notes[1] FROM articles")
    assert kept == [("Story 1", 2, 0, "revision: off_topic, names no watched alliance or cause")]
    # What was never in the tables doesn't come into them by a change.
    assert rows(tmp_path, "SELECT title, reason FROM rejects") == [("Rain", "off_topic")] * 2


def test_small_files_are_joined_once_a_day_whatever_the_restarts(
    site: Site, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[object] = []
    maintain = pipelines.watch.maintain
    monkeypatch.setattr(
        "pipelines.watch.maintain", lambda data, now: moments.append(now) or maintain(data, now)
    )
    for number in range(3):
        site.feed("/f", story(number, ("BGR backs UKR", "HUN blocks SWE", "FIN backs POL")[number]))
        assert watch("/f") == 0
    assert moments == []
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state, state:
        state.execute("UPDATE upkeep SET at = at - 86401")
    assert watch("/f") == 0 and len(moments) == 1
    assert len(list((tmp_path / "data").glob("articles/*=*/*.parquet"))) == 1
    assert watch("/f") == 0 and len(moments) == 1
    assert rows(tmp_path, "SELECT count(*) FROM articles") == [(3,)]


def test_run_and_watch_share_one_folder(site: Site, watch: Watch, tmp_path: Path) -> None:
    site.feed("/f", story(1), story(2))
    saved = tmp_path / "saved.xml"
    saved.write_bytes(site.answers["/f"].body)  # type: ignore[union-attr]
    data = ("--data", str(tmp_path / "data"))
    assert main(["run", str(saved), *data]) == 0
    before = rows(tmp_path, "SELECT event_id FROM events ORDER BY 1")
    assert watch("/f") == 0
    assert rows(tmp_path, "SELECT count(*), count(DISTINCT article_id) FROM articles") == [(2, 2)]
    assert rows(tmp_path, "SELECT event_id FROM events ORDER BY 1") == before
    assert rows(tmp_path, "SELECT DISTINCT reason FROM rejects") == [("duplicate",)]
    site.feed("/f", story(1, "HUN blocks SWE"), story(3))
    assert watch("/f") == 0
    saved.write_bytes(site.answers["/f"].body)  # type: ignore[union-attr]
    assert main(["run", str(saved), *data]) == 0
    found = rows(
        tmp_path, "SELECT title, max(revision), count(*) FROM articles GROUP BY title ORDER BY title"
    )
    assert found == [("Story 1", 2, 1), ("Story 2", 1, 1), ("Story 3", 1, 1)]


def test_pages_are_fetched_where_the_feed_has_a_summary(
    site: Site, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__PAGE_BELOW", "500")
    long = ("/6", "Long", f"BGR backs UKR in NATO. {BODY} " * 6)
    site.feed("/f", *(story(number) for number in (1, 2, 3, 4, 5)), long)
    site.page("/1", *(f"BGR backs UKR in NATO. {BODY} Part {part}." for part in range(9)))
    site.page("/2", "Subscribe to continue reading. Already a subscriber? Sign in to read the full story.")
    site.page("/3", *(f"SWE backs FIN in NATO. {BODY} Part {part}." for part in range(9)))
    site.answers["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /3\n")
    site.answers["/5"] = Answer(b"%PDF", headers={"Content-Type": "application/pdf"})
    assert watch("/f") == 0
    found = dict(rows(tmp_path, "SELECT title, text_basis FROM articles"))
    why = str(found.pop("Story 2"))
    assert why.startswith("feed: ") and why.removeprefix("feed: ") in ("paywall", "too_short")
    assert found == {
        "Story 1": "page", "Story 3": "feed: robots.txt", "Story 4": "feed: http 404",
        "Story 5": "feed: no page but application/pdf", "Long": "feed",
    }  # fmt: skip
    (text,) = rows(tmp_path, "SELECT text FROM articles WHERE text_basis = 'page'")[0]
    assert str(text).count("\n") == 8 and "Part 8." in str(text)
    assert "/3" not in site.paths() and "/6" not in site.paths()
    assert site.paths().count("/robots.txt") == 1


def test_feeds_fail_one_by_one(site: Site, watch: Watch, tmp_path: Path) -> None:
    site.feed("/good", story(1))
    site.feed("/moved", story(2))
    site.answers |= {
        "/500": Answer(b"oops", 500),
        "/gone": Answer(b"", 410),
        "/busy": Answer(b"", 429, {"Retry-After": "316800"}),
        "/html": Answer(b"<html><body>nothing</body></html>"),
        "/bomb": Answer(b'<!DOCTYPE x [<!ENTITY a "b">]><rss><channel>&a;</channel></rss>'),
        "/cut": Answer(b"x" * 5000, cut_after=100),
        "/from": Answer(b"", 301, {"Location": "/moved"}),
        "/site": Answer(
            b'<html><head><link rel="alternate" type="application/rss+xml" href="/named"></head>'
        ),
        "/short": Answer(
            b"<rss><channel><item><title>BGR backs UKR in NATO</title><link>http://a.example/whole</link></item>"
            b"<item><title>FIN backs SWE in NA"
        ),
    }
    site.feed("/named", story(3))
    paths = ("/good", "/500", "/gone", "/busy", "/html", "/bomb", "/cut", "/from", "/site", "/short", "/none")
    assert watch(*paths) == 0
    assert [row[0] for row in rows(tmp_path, "SELECT title FROM articles ORDER BY title")] == [
        "BGR backs UKR in NATO", "Story 1", "Story 2", "Story 3"
    ]  # fmt: skip
    site.asked.clear()
    assert watch(*paths) == 0
    assert set(site.paths()) == {
        "/good", "/500", "/html", "/bomb", "/cut", "/moved", "/named", "/short", "/none"
    }, "gone and busy ones are left alone, moved ones are asked where they are"  # fmt: skip


def test_an_item_that_the_process_dies_of_is_given_up(
    site: Site, watch: Watch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.feed("/f", story(1), story(2, "HUN blocks SWE"), story(3, "FIN backs UKR"))
    died = 0

    def die(batch: object, *rest: object) -> RunCounts:
        # As a kill would end it: nothing is said, nothing is cleaned up.
        with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state:
            doomed = state.execute("SELECT 1 FROM items WHERE number = 2 AND doomed").fetchone()
        if any(2 in part.numbers for part in batch.slices) and not doomed:  # type: ignore[attr-defined]
            raise Dead
        return run_or_stop(batch, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr("pipelines.watch.run_or_stop", die)
    for _ in range(MAX_TRIES + MAX_TRIES_ALONE + 1):
        try:
            watch("/f")
        except Dead:
            died += 1
    assert died == MAX_TRIES + MAX_TRIES_ALONE
    assert rows(tmp_path, "SELECT title FROM articles ORDER BY 1") == [("Story 1",), ("Story 3",)]
    assert rows(tmp_path, "SELECT title, reason FROM rejects") == [("Story 2", "error")]


def test_only_dead_feeds_process_nothing(site: Site, watch: Watch) -> None:
    assert watch("/none") == 3


def test_what_watch_is_told_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = ("--data", str(tmp_path / "data"), "--once")
    assert main(["watch", "--feeds", str(tmp_path / "none.opml"), *data]) == 2
    (tmp_path / "bad.txt").write_text("ftp://x.example\n")
    assert main(["watch", "--feeds", str(tmp_path / "bad.txt"), *data]) == 2
    assert "bad.txt, line 1" in capsys.readouterr().err
    (tmp_path / "good.txt").write_text("http://127.0.0.1:9/f\n")
    with write_lock(tmp_path / "data"):
        assert main(["watch", "--feeds", str(tmp_path / "good.txt"), *data]) == 3
    assert "is being written by" in capsys.readouterr().err


def test_alerts_are_told(
    site: Site,
    watch: Watch,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text(
        "alerts: {secret_env: HOOK_KEY, rules: [{name: all, stance: [oppose], to: [alerts.jsonl]}]}"
    )
    command = ["watch", "--feeds", str(tmp_path / "feeds.txt"), "--data", str(tmp_path / "data"), "--once"]
    site.feed("/f", story(1, "HUN blocks SWE"))
    assert watch("/f") == 0
    assert main([*command, "--config", str(config)]) == 2
    assert "alerts.secret_env: the environment has no HOOK_KEY" in capsys.readouterr().err
    monkeypatch.setenv("HOOK_KEY", "k")
    site.feed("/f", story(2, "TUR blocks SWE"), story(3, "FIN backs UKR"))
    assert main([*command, "--config", str(config)]) == 0
    assert main([*command, "--config", str(config)]) == 0
    (line,) = (tmp_path / "data" / "alerts.jsonl").read_text().splitlines()
    assert json.loads(line)["event"]["actor"] == "TUR", "not HUN, which was there before the rule"
