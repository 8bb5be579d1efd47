"""A newsroom whose feeds fail in every way there is, `watch` over them, and what must be there in the end."""

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from web_site import Answer, Site

from pipelines.query import run_query
from transforms.data_folder import MissingData

PROGRAM = Path(__file__).with_name("stand_in.py")
ACTORS = ("BGR", "UKR", "SWE", "HUN", "TUR", "FIN", "POL", "EST")
BODY = "The ministers met on Monday and talked a long time about what comes next for the region."
SETTINGS = """
fetch: {allow_hosts: [127.0.0.1], seconds: 2, interval_first: 1, interval_min: 1, interval_max: 2,
        wait_max: 1, linger: 0.1, page_below: 300, page_wait: 5}
run: {batch_documents: 15}
"""


class Newsroom:
    """Feeds that grow and change, on a server that often fails; it knows what it has published."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site = site
        self.chance = random.Random(seed)
        self.items: dict[int, list[str]] = {}
        self.calm = False
        for feed in range(4):
            site.answers[f"/feed{feed}"] = lambda feed=feed: self.answer(feed)  # type: ignore[misc]
        site.answers["/moved"] = Answer(b"", 301, {"Location": "/feed3"})
        site.answers["/robots.txt"] = Answer(b"", 404)

    def publish(self, count: int) -> None:
        for _ in range(count):
            number = len(self.items)
            self.items[number] = []
            self.change(number)

    def change(self, number: int) -> None:
        actor, beneficiary = self.chance.sample(ACTORS, 2)
        version = len(self.items[number]) + 1
        words = f"{actor} backs {beneficiary} in NATO. " if number % 5 else "Some weather. "
        own = " ".join(f"word{self.chance.randrange(10**9)}" for _ in range(40))
        self.items[number].append(f"{words}Item {number} version {version}. {BODY} {own}")
        if number % 3 == 0:
            # Listed as a summary: the text is on its page.
            self.site.page(f"/item/{number}", *(f"{self.items[number][-1]} Part {n}." for n in range(3)))

    def answer(self, feed: int) -> Answer:
        if not self.calm:
            trouble = self.chance.random()
            if trouble < 0.1:
                return Answer(b"oops", self.chance.choice([500, 502, 404]))
            if trouble < 0.15:
                return Answer(b"", 429, {"Retry-After": "1"})
            if trouble < 0.2:
                return Answer(self.write(feed), cut_after=self.chance.randrange(50, 500))
            if trouble < 0.25:
                # Ends early without a word about it, as a broken cache gives it.
                return Answer(self.write(feed)[: self.chance.randrange(100, 2000)])
            if trouble < 0.28:
                return Answer(b"x" * 100, drip=0.1)
        return Answer(self.write(feed), headers={"Content-Type": "application/rss+xml"})

    def write(self, feed: int) -> bytes:
        items = [
            f"<item><title>Item {number}</title><link>{self.site.url}/item/{number}?utm_source=x</link>"
            f"<guid>{self.chance.random() if number % 2 else number}</guid>"
            f"<description>{texts[-1][:150] if number % 3 == 0 else texts[-1]}</description></item>"
            for number, texts in reversed(self.items.items())
            # Each item stands in one feed, some of them twice in it.
            for _ in range(1 + (number % 7 == 0))
            if number % 4 == feed
        ]
        return f"<rss><channel><title>Feed {feed}</title>{''.join(items)}</channel></rss>".encode()

    def expected(self) -> list[tuple[str, int]]:
        return sorted((f"Item {n}", v) for n, texts in self.items.items() for v in range(1, len(texts) + 1))


def start(folder: Path, *flags: str) -> "subprocess.Popen[str]":
    more = folder / "more.yaml"
    (folder / "mine.yaml").write_text(SETTINGS + (more.read_text() if more.is_file() else ""))
    command = ["watch", "--feeds", str(folder / "feeds.txt"), "--data", str(folder / "data"), *flags]
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), *command, "--config", str(folder / "mine.yaml")],
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "STAND_IN_PAUSE": "0.02", "PYTHONPATH": str(Path(__file__).parents[2])},
    )


def wait_for_work(folder: Path, process: "subprocess.Popen[str]") -> None:
    """Return when it has begun to write: most of the start is imports, which no kill can harm."""
    lock = folder / "data" / ".lock"
    deadline = time.monotonic() + 60
    while not (lock.is_file() and f"process {process.pid} " in lock.read_text()):
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        assert time.monotonic() < deadline
        time.sleep(0.02)


def write_list(folder: Path, site: Site) -> None:
    (folder / "feeds.txt").write_text(
        "".join(f"{site.url}/{p}\n" for p in ("feed0", "feed1", "feed2", "moved"))
    )


def find_rows(folder: Path) -> list[tuple[str, int]]:
    """Title and revision of every row there is; a reject's revision is in its key's item."""
    try:
        found = run_query(
            folder / "data",
            "SELECT title, key FROM articles_all UNION ALL SELECT title, key FROM rejects",
        ).rows
    except MissingData:
        return []
    if not (folder / "data" / "state.sqlite").is_file():
        return []
    if not found:
        return []
    with closing(sqlite3.connect(f"file:{folder}/data/state.sqlite?mode=ro", uri=True)) as state:
        revisions = dict(state.execute("SELECT key, revision FROM items"))
    return sorted((str(title), revisions[key]) for title, key in found)


def has_unfinished(folder: Path) -> bool:
    if not (folder / "data" / "state.sqlite").is_file():
        return False
    with closing(sqlite3.connect(f"file:{folder}/data/state.sqlite?mode=ro", uri=True)) as state:
        try:
            return state.execute("SELECT 1 FROM batches WHERE done IS NULL").fetchone() is not None
        except sqlite3.OperationalError:
            # Killed before the schema was there.
            return False


def check_complete(folder: Path, room: Newsroom) -> None:
    assert find_rows(folder) == room.expected()
    newest = {f"Item {n}": texts for n, texts in room.items.items() if n % 5}
    events = run_query(
        folder / "data", "SELECT title, actors[1], beneficiaries[1], revision FROM events"
    ).rows
    wanted = [(t, texts[-1][:3], texts[-1][10:13], len(texts)) for t, texts in newest.items()]
    assert sorted(events) == sorted(wanted)


def finish(folder: Path, room: Newsroom) -> None:
    """Calm weather: passes until all is there, a few at most."""
    room.calm = True
    for _ in range(5):
        process = start(folder, "--once")
        assert process.wait(timeout=300) == 0, process.stderr.read() if process.stderr else ""
        if find_rows(folder) == room.expected():
            break
        time.sleep(1)
    check_complete(folder, room)
