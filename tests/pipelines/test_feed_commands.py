"""`feeds check|import|export|status`, and the list that is shipped."""

import json
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import pytest
from web_site import Answer, Site, open_site

from pipelines.command import main
from transforms.feed_list import read_feed_list


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def test_the_shipped_list() -> None:
    feeds = read_feed_list((files("configs") / "feeds.opml").read_bytes(), "feeds.opml")
    assert len(feeds) >= 40
    assert len({feed.url for feed in feeds}) == len(feeds)
    assert all(feed.outlet and feed.language and len(feed.country) == 3 for feed in feeds)
    assert all(feed.url.startswith("https://") for feed in feeds)


def test_check(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ALLIANCE_WATCH_FETCH__ALLOW_HOSTS", "127.0.0.1")
    site.feed("/f", ("/1", "One", "text"))
    site.answers["/old"] = Answer(b"", 301, {"Location": "/f"})
    (tmp_path / "feeds.csv").write_text(
        f"url,outlet\n{site.url}/f,The F\n{site.url}/old,\n{site.url}/none,\n"
    )
    assert main(["feeds", "check", str(tmp_path / "feeds.csv"), "--format", "json"]) == 1
    rows = json.loads(capsys.readouterr().out)
    assert [(row["outlet"], row["answer"], row["entries"]) for row in rows] == [
        ("The F", "200 1 entries", 1),
        ("", f"200 1 entries, now at {site.url}/f", 1),
        ("", "http 404", 0),
    ]


def test_import_and_export(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "other.txt").write_text("https://a.example/f\nhttps://b.example/f\n")
    mine = tmp_path / "mine.csv"
    mine.write_text("url,outlet,country\nhttps://a.example/f,The A,GBR\n")
    assert main(["feeds", "import", str(tmp_path / "other.txt"), "--feeds", str(mine)]) == 0
    assert "2 feeds, 1 of them new" in capsys.readouterr().out
    assert main(["feeds", "export", "--feeds", str(mine), "--format", "opml"]) == 0
    feeds = read_feed_list(capsys.readouterr().out.encode(), "out")
    assert [(feed.url, feed.outlet, feed.country) for feed in feeds] == [
        ("https://a.example/f", "The A", "GBR"), ("https://b.example/f", "", "")
    ]  # fmt: skip
    assert main(["feeds", "import", str(tmp_path / "other.txt"), "--feeds", str(tmp_path / "new.opml")]) == 0
    assert len(read_feed_list((tmp_path / "new.opml").read_bytes(), "new")) == 2


def test_status_without_a_state(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["feeds", "status", "--data", str(tmp_path)]) == 2
    assert "state.sqlite" in capsys.readouterr().err
