"""The live page: this machine only, the same as a file, and new when a batch is committed."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from made_news import NOW, make_news

from pipelines.command import main
from pipelines.report import Names
from pipelines.report_session import list_names
from pipelines.serve import LiveTables, answer_with, is_loopback
from pipelines.settings import load_settings
from pipelines.view import count_bins
from transforms.commit import open_tables


@pytest.fixture(scope="module")
def names() -> Names:
    return list_names(load_settings(None, {}).settings.build_world())


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_news(tmp_path / "data", 40)
    return tmp_path / "data"


def open_live(data: Path, names: Names) -> LiveTables:
    return LiveTables(data, names, None, lambda: NOW)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8080", "localhost:1", "[::1]:80", "LOCALHOST"])
def test_own_names_are_loopback(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host",
    ["", "evil.example", "127.0.0.1.evil.example", "localhost.evil", "127.0.0.1:80:80", "0.0.0.0", "x@[::1]"],
)  # fmt: skip
def test_other_names_are_refused(host: str, data: Path, names: Names) -> None:
    assert not is_loopback(host)
    assert answer_with(open_live(data, names), names)("/", host).status == 403


def test_answers(data: Path, names: Names) -> None:
    answer = answer_with(open_live(data, names), names)

    def ask(path: str) -> Any:
        given = answer(path, "localhost")
        assert given.status == 200, given.body
        return json.loads(given.body)

    page = answer("/", "localhost")
    assert b"connect-src 'self'" in page.body and page.headers["X-Content-Type-Options"] == "nosniff"
    view = ask("/view.json?since=2025-01-01&events_sort=actor&ledger_page=0")
    assert view["figures"]["events"] == view["events"]["total"] == 40
    assert [row["actor"] for row in view["events"]["rows"]] != []
    assert ask("/view.json?since=2025-01-01&events_page=9")["events"]["rows"] == []
    event = ask(f"/event.json?id={view['events']['rows'][0]['resolved_id']}")
    assert event["sentences"][0]["text"] and event["sentences"][0]["before"].startswith("Ministers")
    assert ask("/event.json?id=none") is None
    assert ask("/tables.json")["version"] == answer("/version", "localhost").body.decode()


@pytest.mark.parametrize(
    "path",
    [
        "/view.json", "/view.json?since=x", "/view.json?since=2025-01-01&from=2025-13-01",
        "/view.json?since=2025-01-01&sure=x", "/view.json?since=2025-01-01&events_sort=1;DROP",
        "/view.json?since=2025-01-01&events_page=-1", "/view.json?" + "a=1&" * 60,
    ],
)  # fmt: skip
def test_senseless_requests_are_refused(path: str, data: Path, names: Names) -> None:
    assert answer_with(open_live(data, names), names)(path, "localhost").status == 400


def test_unknown_pages_are_not_found(data: Path, names: Names) -> None:
    answer = answer_with(open_live(data, names), names)
    assert {answer(path, "localhost").status for path in ("/x", "/../etc/passwd", "/page.css")} == {404}


def test_quotes_and_hostile_words_find_nothing_and_break_nothing(data: Path, names: Names) -> None:
    answer = answer_with(open_live(data, names), names)
    for words in ("'", "';SELECT 1--", "{where}", "%00", "a'%20OR%20'1'='1"):
        given = answer(f"/view.json?since=2025-01-01&search=zzz{words}&beneficiary={words}", "localhost")
        assert given.status == 200 and json.loads(given.body)["figures"]["events"] == 0


def test_a_commit_is_seen_and_a_maintained_folder_is_read_again(data: Path, names: Names) -> None:
    tables = open_live(data, names)
    answer = answer_with(tables, names)
    before = answer("/version", "localhost").body
    assert not tables.refresh()
    make_news(data, 20, first=40)
    assert tables.refresh()
    assert answer("/version", "localhost").body != before
    assert json.loads(answer("/view.json?since=2025-01-01", "localhost").body)["figures"]["events"] == 60
    # Files that are gone before the thread has seen it are listed again.
    name = find_name(answer)
    assert main(["maintain", "--data", str(data)]) == 0
    assert answer(f"/event.json?id={name}", "localhost").status == 200
    tables.refresh()
    name = find_name(answer)
    assert json.loads(answer(f"/event.json?id={name}", "localhost").body)["event"]["resolved_id"] == name


def find_name(answer: Any) -> str:
    view = json.loads(answer("/view.json?since=2025-01-01", "localhost").body)
    return str(view["events"]["rows"][0]["resolved_id"])


def test_empty_tables_are_shown(tmp_path: Path, names: Names) -> None:
    open_tables(tmp_path)
    given = answer_with(open_live(tmp_path, names), names)("/view.json?since=2025-01-01", "localhost")
    assert json.loads(given.body)["bins"] == {"unit": "month", "list": []}


def test_bins_fit_the_span() -> None:
    def units(first: str, last: str) -> tuple[str, list[str]]:
        days = [datetime.fromisoformat(day).date() for day in (first, last)]
        bins = count_bins([(day, "support", 1) for day in days])
        return bins["unit"], [one["start"] for one in bins["list"]]

    assert units("2024-05-15", "2024-05-16") == ("day", ["2024-05-15", "2024-05-16"])
    assert units("2024-01-03", "2024-05-15") == ("week", ["2024-01-01", "2024-05-13"])
    assert units("2022-01-03", "2024-05-15") == ("month", ["2022-01-01", "2024-05-01"])
    assert units("1999-01-03", "2024-05-15") == ("year", ["1999-01-01", "2024-01-01"])


def test_command_serves_and_ends_with_130(data: Path) -> None:
    # A shell may start its background jobs deaf to Ctrl-C: the command listens all the same.
    process = subprocess.Popen(
        [sys.executable, "-m", "pipelines", "serve", "--data", str(data), "--port", "0"],
        stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )  # fmt: skip
    try:
        assert process.stderr is not None
        address = process.stderr.readline().split(" ")[0]
        with urllib.request.urlopen(f"{address}version", timeout=10) as answer:
            assert answer.status == 200
        foreign = urllib.request.Request(
            f"{address}view.json?since=2025-01-01", headers={"Host": "evil.example"}
        )
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(foreign, timeout=10)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=15) == 130
    finally:
        process.kill()
        process.communicate()


def test_a_taken_port_and_no_folder_are_errors(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert main(["serve", "--data", str(data), "--port", port]) == 2
        assert f"--port {port}" in capsys.readouterr().err
    assert main(["serve", "--data", str(tmp_path / "none")]) == 2
