"""What is found doesn't depend on how an article is written down, and follows the configuration."""

import html
import json
import textwrap
from pathlib import Path

import pytest

from pipelines.command import main
from pipelines.query import run_query

SEEDS = Path(__file__).parents[2] / "seeds"
EVENTS = """
    SELECT actors, actor_role, beneficiaries, alliance, object, kind, stance, factuality, attributed_to,
        condition, ordinal, place, place_country
    FROM events ORDER BY ALL
"""


def events_of(source: Path, data: Path, *options: str) -> list[tuple[object, ...]]:
    assert main(["run", str(source), "--data", str(data), "--now", "2024-07-01", *options]) == 0
    return list(run_query(data, EVENTS).rows)


@pytest.fixture(scope="module")
def seed_events(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[object, ...]]:
    return events_of(SEEDS, tmp_path_factory.mktemp("seeds") / "data")


def test_wrapped_lines(tmp_path: Path, seed_events: list[tuple[object, ...]]) -> None:
    (tmp_path / "in").mkdir()
    for seed in SEEDS.glob("*.txt"):
        lines = ["\n".join(textwrap.wrap(line, 72)) for line in seed.read_text(encoding="utf-8").split("\n")]
        (tmp_path / "in" / seed.name).write_text("\n".join(lines), encoding="utf-8")
    assert events_of(tmp_path / "in", tmp_path / "data") == seed_events


def test_html(tmp_path: Path, seed_events: list[tuple[object, ...]]) -> None:
    (tmp_path / "in").mkdir()
    for seed in SEEDS.glob("*.txt"):
        first, *rest = seed.read_text(encoding="utf-8").split("\n")
        headline = len(first) < 120
        head = f"<h1>{html.escape(first)}</h1>" if headline else ""
        body = "".join(
            f"<p>{html.escape(line)}</p>" for line in (rest if headline else [first, *rest]) if line
        )
        page = f"<!doctype html><html><body><article>{head}{body}</article></body></html>"
        (tmp_path / "in" / f"{seed.stem}.html").write_text(page, encoding="utf-8")
    assert events_of(tmp_path / "in", tmp_path / "data") == seed_events


def test_an_alliance_that_is_not_shipped(tmp_path: Path) -> None:
    (tmp_path / "mine.yaml").write_text(
        "alliances: [{id: LAKES, name: Lakes Pact, members: [{country: CHE, since: 2020-01-01}]}]"
    )
    article = {
        "title": "Swiss back Austria",
        "text": "Switzerland supports Austria's bid to join the Lakes Pact.",
    }
    (tmp_path / "news.jsonl").write_text(json.dumps(article))
    assert events_of(tmp_path / "news.jsonl", tmp_path / "without") == []
    config = ("--config", str(tmp_path / "mine.yaml"))
    events = events_of(tmp_path / "news.jsonl", tmp_path / "with", *config)
    assert [(row[0], row[2], row[3], row[4], row[5]) for row in events] == [
        (["CHE"], ["AUT"], "LAKES", "membership", "endorse")
    ]
