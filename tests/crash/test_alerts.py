"""`watch` that is killed at any moment tells each alert once to a file, and at least once to a webhook.

By hand: python -m pytest tests/crash/test_alerts.py -s --kills 50
"""

import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from newsroom import Newsroom, find_rows, start, wait_for_work, write_list
from web_site import Answer, Site, open_site

from pipelines.query import run_query

RULES = """
alerts:
  tries: 1_000
  retry_after: 0.2
  retry_after_max: 1
  rules:
  - {name: all, to: [alerts.jsonl, alerts.rss, HOOK]}
  - {name: changes, when: changed, to: [alerts.jsonl, HOOK]}
"""


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def read_lines(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "data" / "alerts.jsonl").read_text("utf-8").splitlines()]


def read_all(folder: Path, room: Newsroom) -> None:
    """Calm weather: passes until all is there and told; what the process died of each time is rejected."""
    room.calm = True
    for _ in range(5):
        complete = find_rows(folder) == room.expected()
        process = start(folder, "--once")
        assert process.wait(timeout=300) == 0, process.stderr.read() if process.stderr else ""
        if complete:
            return
    raise AssertionError("not all is there after five passes")


def test_killed_at_any_moment(site: Site, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    chance = random.Random(11)
    room = Newsroom(site, seed=12)
    write_list(tmp_path, site)
    (tmp_path / "more.yaml").write_text(RULES.replace("HOOK", f"{site.url}/hook"))

    def answer() -> Answer:
        if not room.calm and chance.random() < 0.3:
            return chance.choice((Answer(b"", 503), Answer(b"x" * 20, drip=0.2)))
        return Answer(b"", 200)

    site.answers["/hook"] = answer
    amid = 0
    for _ in range(request.config.getoption("--kills")):
        room.publish(2 + room.chance.randrange(4))
        process = start(tmp_path)
        wait_for_work(tmp_path, process)
        told = len(site.posted)
        # At any moment, or when it has just begun to tell.
        deadline = time.monotonic() + chance.choice((chance.uniform(0, 8), 60))
        while time.monotonic() < deadline and len(site.posted) == told:
            time.sleep(0.01)
        time.sleep(chance.uniform(0, 0.3))
        amid += len(site.posted) > told
        process.kill()
        assert process.wait(timeout=60) == -9
    read_all(tmp_path, room)

    lines = read_lines(tmp_path)
    ids = [line["id"] for line in lines]
    assert len(ids) == len(set(ids)), "each once in the file"
    known = {row[0] for row in run_query(tmp_path / "data", "SELECT resolved_id FROM resolved_events").rows}
    assert known <= {line["event"]["resolved_id"] for line in lines if line["rule"] == "all"}, "none is lost"
    posted = [(headers["idempotency-key"], json.loads(body)) for path, headers, body in site.posted]
    assert {name for name, _ in posted} == set(ids)
    by_id = {line["id"]: line for line in lines}
    assert all(body == by_id[name] and body["id"] == name for name, body in posted), "the same each time"
    print(
        f"\n{request.config.getoption('--kills')} times killed, {amid} while it told; {len(ids)} alerts,"
        f" each once in the file, {len(posted)} posts of them"
    )
