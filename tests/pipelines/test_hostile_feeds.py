"""Feeds that are broken or meant to break: one pass over all of them, and what stopped each one.

More forms of each are tested beside `reading`, `fetching` and `feed_poll` (a lying ETag, a clock set back).
"""

import gzip
import json
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from web_site import Answer, Site, open_site

from pipelines.command import main
from pipelines.query import run_query

pytestmark = pytest.mark.usefixtures("stand_in")

SAID = "BGR backs UKR in NATO. The ministers met on Monday and talked a long time about the café à la carte."
HEAD = b"<rss version='2.0'><channel><title>F</title>"
END = b"</channel></rss>"
SETTINGS = "fetch: {allow_hosts: [127.0.0.1], seconds: 5, page_below: 0}"


def write_item(number: int | str, text: str = SAID) -> bytes:
    link = f"<link>http://news.example/{number}</link>"
    return f"<item><title>Item {number}</title>{link}<description>{text}</description></item>".encode()


def move(to: str) -> Answer:
    return Answer(status=302, headers={"Location": to})


ITEM = write_item("x")
NESTED = HEAD + b"<item><title>N</title><description>" + b"<b>" * 100_000 + b"</description></item>" + END
LAUGHS = "".join(f'<!ENTITY l{n + 1} "{f"&l{n};" * 10}">' for n in range(9))
BOMB = f'<!DOCTYPE r [<!ENTITY l0 "ha">{LAUGHS}]><rss><channel><title>&l9;</title></channel></rss>'
FILE = (
    '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><rss><channel><title>&x;</title></channel></rss>'
)

#: what a server answers, and what the feed's status says of it: the limit that stopped it
HOSTILE: dict[str, tuple[Answer, str]] = {
    "entity bomb": (Answer(BOMB.encode()), "entities: the feed declares XML entities"),
    "external entity": (Answer(FILE.encode()), "entities: the feed declares XML entities"),
    "compressed 100:1": (
        Answer(gzip.compress(b" " * 30_000_000), headers={"Content-Encoding": "gzip"}),
        "too_large: more than 20,000,000 bytes unpacked",
    ),
    "300 MB": (Answer(b"x" * 1_000_000, times=300), "too_large: more than 5,000,000 bytes"),
    "slow drip": (Answer(b"x" * 200, drip=0.2), "timeout: no whole answer within 5 seconds"),
    "endless redirects": (move("/endless redirects".replace(" ", "%20")), "redirects: more than 5 redirects"),
    "redirect inside": (move("http://10.0.0.1/"), "blocked_address: "),
    "redirect to metadata": (move("http://169.254.169.254/latest"), "blocked_address: "),
    "redirect to a file": (move("file:///etc/passwd"), "bad_address: "),
    "20,000 items": (
        Answer(HEAD + b"".join(map(write_item, range(20_000))) + END),
        "200 1000 entries; cut after 1000 entries",
    ),
    "HTML": (Answer(b"<html><body><p>No feed here</p></body></html>"), "not_a_feed: "),
    "empty body": (Answer(b""), "empty: no content"),
    "cut amid an item": (Answer(HEAD + ITEM + ITEM[:60]), "; cut short"),
    "cut before an item": (Answer(HEAD + ITEM[:60]), "cut_short: it ends before the end of its first entry"),
    "deep nesting": (Answer(NESTED), "200 1 entries; malformed"),
    "cp1252 as UTF-8": (
        Answer(
            b"<?xml version='1.0' encoding='utf-8'?>" + HEAD + write_item("é").decode().encode("cp1252") + END
        ),
        "200 1 entries",
    ),
    "88 hours": (Answer(b"", 429, {"Retry-After": "316800"}), "http 429"),
}


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def test_hostile_feeds(site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site.answers |= {f"/{name.replace(' ', '%20')}": answer for name, (answer, _) in HOSTILE.items()}
    site.feed("/good", ("/good/1", "Good", f"{SAID} And more of it."))
    paths = (*(f"{site.url}/{name.replace(' ', '%20')}" for name in HOSTILE), f"{site.url}/good")
    (tmp_path / "feeds.txt").write_text("\n".join(paths))
    (tmp_path / "mine.yaml").write_text(SETTINGS)
    data = ("--data", str(tmp_path / "data"))
    started = time.time()
    watch = [
        "watch",
        "--once",
        "--feeds",
        str(tmp_path / "feeds.txt"),
        "--config",
        str(tmp_path / "mine.yaml"),
    ]
    assert main([*watch, *data]) == 0
    capsys.readouterr()
    assert main(["feeds", "status", *data, "--format", "json"]) == 0
    rows = json.loads(capsys.readouterr().out)
    answers = {row["feed"].rpartition("/")[2].replace("%20", " "): row["answer"] for row in rows}
    wrong = {name: answers[name] for name, (_, said) in HOSTILE.items() if said not in answers[name]}
    assert wrong == {}
    assert answers["good"] == "200 1 entries"
    found = run_query(tmp_path / "data", "SELECT title, text FROM articles_all WHERE NOT title ~ 'Item \\d+'")
    # Deep nesting is no more than text once its markup is read away; here it has none.
    assert sorted(found.rows) == [("Good", f"{SAID} And more of it."), ("Item x", SAID), ("Item é", SAID)]
    one_feed = "SELECT count(*) FROM (FROM articles_all SELECT title UNION ALL FROM rejects SELECT title)"
    assert run_query(tmp_path / "data", f"{one_feed} WHERE title ~ 'Item \\d+'").rows == ((1_000,),)
    with closing(sqlite3.connect(tmp_path / "data" / "state.sqlite")) as state:
        (wait,) = state.execute("SELECT not_before FROM feeds WHERE url LIKE '%/88%'").fetchone()
    assert started + 86_000 < wait < time.time() + 86_500, "88 hours are a day: fetch.wait_max"
