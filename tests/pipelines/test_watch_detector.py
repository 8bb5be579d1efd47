"""`watch` with the detector that is shipped: what a feed says in plain English, asked of the tables."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from web_site import Answer, Site, open_site

from pipelines.command import main

BID = (
    "SOFIA, July 12 - Bulgarian Prime Minister Nikolai Denkov said on Wednesday that his country supports"
    " Ukraine's accession to NATO. He spoke after a meeting of the cabinet, which also talked about the"
    " budget and about new roads in the north of the country. The visit of the delegation ends on Friday."
)
VETO = (
    "BUDAPEST, July 12 - Hungary's government said on Wednesday that it would block Sweden's bid to join NATO"
    " until Stockholm apologises. Members of parliament are to debate the matter in the autumn, when they"
    " come back from their summer holidays. A spokesman gave no further details on the plans."
)
RAIN = (
    "Heavy rain fell over the valley on Wednesday and rivers rose fast. Schools stayed closed for a second"
    " day, and the mayor asked people to stay at home until the water had gone down in the streets."
)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def test_events_of_a_followed_feed(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__ALLOW_HOSTS", "127.0.0.1")
    summary = f"{BID[:110]} …"
    site.feed("/f", ("/bid", "Talks in Sofia", summary), ("/veto", "A veto", VETO), ("/rain", "Rain", RAIN))
    site.page("/bid", *(part.strip() + "." for part in BID.split(". ")))
    site.answers["/robots.txt"] = Answer(b"", 404)
    (tmp_path / "feeds.csv").write_text(f"url,outlet\n{site.url}/f,The Gazette\n")
    data = ("--data", str(tmp_path / "data"))
    watch = ("watch", "--once", "--feeds", str(tmp_path / "feeds.csv"), *data)
    assert main(watch) == 0
    assert ask(
        "SELECT title, actors, beneficiaries, alliance, object, stance, source FROM events ORDER BY kind",
        data, capsys,
    ) == [
        ["A veto", ["HUN"], ["SWE"], "NATO", "membership", "oppose", "The Gazette"],
        ["Talks in Sofia", ["BGR"], ["UKR"], "NATO", "membership", "support", "The Gazette"],
    ]  # fmt: skip
    # The newspaper corrects itself.
    site.feed(
        "/f", ("/veto", "No veto", VETO.replace("it would block", "it supports").partition(" until")[0] + ".")
    )
    assert main(watch) == 0
    assert ask("SELECT title, stance, revision FROM events WHERE actors = ['HUN']", data, capsys) == [
        ["No veto", "support", 2]
    ]
    assert ask("SELECT title, reason FROM rejects", data, capsys) == [["Rain", "off_topic"]]


def ask(sql: str, data: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> list[list[object]]:
    capsys.readouterr()
    assert main(["query", sql, *data, "--format", "json"]) == 0
    return [list(row.values()) for row in json.loads(capsys.readouterr().out)]
