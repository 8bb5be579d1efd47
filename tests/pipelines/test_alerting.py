"""What is new and matches a rule is told once to each target; what was there before the rule is not."""

import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from xml.etree import ElementTree

import pytest
from made_rows import NOW, at, make_article_row, make_event_row
from web_site import Answer, Site, open_site

from pipelines.alert_files import append_lines, describe, write_rss
from pipelines.alert_settings import AlertRule, AlertSettings
from pipelines.alerting import Alerting, AlertingThread, start_alerting
from pipelines.resolving import resolve_events
from pipelines.state import open_state
from transforms.commit import commit_staged, next_batch
from transforms.fetching import FetchLimits
from transforms.rows import Row
from transforms.staging import stage_batch

LIMITS = FetchLimits(user_agent="test", allow_hosts=("127.0.0.1",), seconds=2)
FILLER = (
    "The ministers met on Monday and talked a long time about what comes next for the region and all in it."
)


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


class Clock:
    """Seconds since 1970, moved on by hand."""

    def __init__(self) -> None:
        self.now = 1_750_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A data folder that news come into, and alerts out of."""

    def __init__(self, folder: Path, *rules: AlertRule) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.clock = Clock()
        self.count = 0
        settings = AlertSettings(
            rules=rules, secret_env="", rss_items=3, tries=3, retry_after=10, retry_after_max=15
        )
        self.alerting = Alerting(data=self.data, settings=settings, limits=LIMITS, clock=self.clock)

    def read(self, *sentences: str, published: str = "2025-06-01", rebuild: bool = False) -> None:
        """Sentences like 'BGR backs UKR' → an article each with its event, resolved."""
        day = date.fromisoformat(published)
        rows: dict[str, list[Row]] = {"articles": [], "events": []}
        for sentence in sentences:
            self.count += 1
            actor, verb, beneficiary = sentence.split()
            name, url = f"a{self.count}", f"https://news{self.count}.example/story"
            said = {"url": url, "title": sentence, "published_at": at(day)}
            rows["articles"].append(make_article_row(name, **said))
            kind = {"kind": "endorse", "stance": "support"}
            if verb == "blocks":
                kind = {"kind": "block", "stance": "oppose"}
            quote = {"field": "text", "start": 0, "end": len(sentence), "text": sentence}
            rows["events"].append(
                make_event_row(
                    f"e{self.count}", name, actors=[actor], beneficiaries=[beneficiary], event_date=day,
                    confidence=0.9, evidence=[quote], **kind, **said,
                )
            )  # fmt: skip
        batch = next_batch(self.data)
        stage_batch(self.data, batch, rows)
        commit_staged(self.data, batch)
        resolve_events(self.data, NOW, rebuild=rebuild)

    def tell(self) -> None:
        """As a start of `watch` that ends when all is told."""
        with closing(open_state(self.data)) as state:
            thread = start_alerting(self.alerting, state)
            if thread is not None:
                assert thread.wait(20, finish=True)
            self.outcomes = dict(
                state.execute("SELECT target || ' ' || alert, outcome FROM deliveries").fetchall()
            )

    def lines(self, name: str = "alerts.jsonl") -> list[dict]:
        path = self.data / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def rule(*to: str, name: str = "any", **fields: object) -> AlertRule:
    return AlertRule(name=name, to=to, **fields)  # type: ignore[arg-type]


def test_only_what_is_new_is_told_and_once(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule("alerts.jsonl"))
    desk.read("BGR backs UKR")
    desk.tell()
    assert desk.lines() == [], "it was there when the rule began"
    desk.read("HUN blocks SWE", "FIN backs UKR")
    desk.tell()
    desk.tell()
    assert sorted(line["event"]["actor"] for line in desk.lines()) == ["FIN", "HUN"]
    line = next(line for line in desk.lines() if line["event"]["actor"] == "HUN")
    assert (line["event"]["stance"], line["event"]["beneficiary"], line["rule"]) == ("oppose", "SWE", "any")
    assert line["evidence"][0]["text"] == "HUN blocks SWE"
    assert line["links"] == [line["evidence"][0]["url"]] and line["links"][0].startswith("https://news")
    assert line["at"] == "2025-06-15T15:06:40Z" and line["event"]["event_date"] == "2025-06-01"
    # Another report of the same is the same event, also when all is resolved anew.
    desk.read("HUN blocks SWE", rebuild=True)
    desk.tell()
    assert len(desk.lines()) == 2


RULES: list[tuple[dict[str, object], list[str]]] = [
    ({"actor": ("BGR",)}, ["BGR"]),
    ({"beneficiary": ("SWE",)}, ["HUN"]),
    ({"alliance": ("EU",)}, []),
    ({"kind": ("block",)}, ["HUN"]),
    ({"stance": ("support",)}, ["BGR", "FIN"]),
    ({"object": ("military_aid",)}, []),
    ({"factuality": ("denied",)}, []),
    ({"min_confidence": 0.9}, ["BGR", "FIN", "HUN"]),
    ({"min_confidence": 0.91}, ["FIN"]),
    ({"min_sources": 2}, ["FIN"]),
    ({"stance": ("support",), "min_sources": 2, "beneficiary": ("UKR", "POL")}, ["FIN"]),
]


def test_rules(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        *(rule(f"{i}.jsonl", name=str(i), **fields) for i, (fields, _) in enumerate(RULES)),
    )
    desk.read("TUR backs GEO")
    desk.tell()
    desk.read("BGR backs UKR", "HUN blocks SWE", "FIN backs UKR", "FIN backs UKR")
    desk.tell()
    for i, (fields, told) in enumerate(RULES):
        assert sorted(line["event"]["actor"] for line in desk.lines(f"{i}.jsonl")) == told, fields


def test_changes_and_supporters(tmp_path: Path) -> None:
    desk = Desk(
        tmp_path,
        rule("changes.jsonl", name="changes", when="changed", beneficiary=("UKR",)),
        rule("supporters.jsonl", name="supporters", when="supporter"),
    )
    desk.read("HUN blocks UKR", "BGR backs UKR", published="2025-01-01")
    desk.tell()
    desk.read("FIN backs UKR", "TUR blocks UKR", "BGR backs UKR", published="2025-03-01")
    desk.tell()
    assert desk.lines("changes.jsonl") == []
    assert [line["event"]["actor"] for line in desk.lines("supporters.jsonl")] == ["FIN"]
    desk.read("HUN backs UKR", "BGR blocks UKR", published="2025-05-01")
    desk.tell()
    changes = sorted(describe(line) for line in desk.lines("changes.jsonl"))
    assert changes == [
        "BGR block: support → oppose, UKR in NATO (membership)",
        "HUN endorse: oppose → support, UKR in NATO (membership)",
    ]
    assert [line["event"]["actor"] for line in desk.lines("supporters.jsonl")] == ["FIN", "HUN"]
    # An old report that comes late changes nothing of now.
    desk.read("FIN blocks UKR", published="2024-01-01")
    desk.tell()
    assert len(desk.lines("changes.jsonl")) == 3, "FIN is known now to have opposed before"
    desk.read("TUR backs UKR", "HUN backs UKR", published="2025-04-01")
    desk.tell()
    told = [line["event"]["actor"] for line in desk.lines("supporters.jsonl")]
    assert told == ["FIN", "HUN", "TUR"], "that HUN did so earlier than was told is no news"


def test_a_rule_that_changes_or_comes_back_begins_anew(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule("alerts.jsonl", beneficiary=("SWE",)))
    desk.read("HUN blocks SWE")
    desk.tell()
    desk.read("BGR backs UKR")
    wider = replace(desk.alerting.settings, rules=(rule("alerts.jsonl"),))
    none = replace(desk.alerting.settings, rules=())
    desk.alerting = replace(desk.alerting, settings=wider)
    desk.tell()
    assert desk.lines() == [], "it lets others through than before"
    desk.alerting = replace(desk.alerting, settings=none)
    desk.tell()
    desk.read("FIN backs UKR")
    desk.alerting = replace(desk.alerting, settings=wider)
    desk.tell()
    assert desk.lines() == [], "it came while there was no rule"
    desk.read("POL backs UKR")
    desk.tell()
    assert [line["event"]["actor"] for line in desk.lines()] == ["POL"]


def test_a_file_is_mended_after_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "alerts.jsonl"
    bodies = {name: json.dumps({"id": name, "text": "ä\u2028" * 5}, ensure_ascii=False) for name in "abc"}
    append_lines(path, {"a": bodies["a"]})
    whole = path.read_bytes()
    for torn in (whole + b'{"id": "b", "te', whole + bodies["b"].encode()[:-3], whole + "ä".encode()[:1]):
        path.write_bytes(torn)
        append_lines(path, bodies)
        assert [json.loads(line)["id"] for line in path.read_bytes().split(b"\n")[:-1]] == ["a", "b", "c"]
    # All of it was written, but for the end of the line; or all, and not noted.
    path.write_bytes(whole + bodies["b"].encode())
    append_lines(path, bodies)
    append_lines(path, bodies)
    assert [json.loads(line)["id"] for line in path.read_bytes().split(b"\n")[:-1]] == ["a", "b", "c"]


def test_a_file_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule("out/alerts.jsonl"))
    desk.read("BGR backs UKR")
    desk.tell()
    (desk.data / "out").write_text("in the way")
    desk.read("FIN backs UKR")
    desk.tell()
    (desk.data / "out").unlink()
    desk.tell()
    assert not (desk.data / "out").exists(), "not before its time"
    desk.clock.now += 11
    desk.tell()
    assert [line["event"]["actor"] for line in desk.lines("out/alerts.jsonl")] == ["FIN"]


def test_rss_is_valid_and_bounded(tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule("alerts.rss"))
    desk.read("BGR backs UKR")
    desk.tell()
    actors = ["FIN", "SWE", "POL", "EST"]
    for actor in actors:
        desk.read(f"{actor} backs UKR")
        desk.tell()
    channel = ElementTree.parse(desk.data / "alerts.rss").getroot().find("channel")
    assert channel is not None
    assert all(channel.findtext(tag) for tag in ("title", "link", "description"))
    items = channel.findall("item")
    assert [str(item.findtext("title"))[:3] for item in items] == actors[:0:-1], "the newest three"
    guids = [item.find("guid") for item in items]
    assert len({guid.text for guid in guids if guid is not None}) == 3
    assert {guid.get("isPermaLink") for guid in guids if guid is not None} == {"false"}
    assert items[0].findtext("pubDate") == "Sun, 15 Jun 2025 15:06:40 +0000"
    assert str(items[0].findtext("link")).startswith("https://news")
    with closing(sqlite3.connect(desk.data / "state.sqlite")) as state:
        kept = state.execute("SELECT count(*), count(body) FROM alerts").fetchone()
    assert kept[0] == 5 and kept[1] <= 4, "the texts of what is no longer listed are forgotten"


def test_foreign_text_stays_text_in_rss(tmp_path: Path) -> None:
    nasty = "</title><script>alert(1)</script>&amp; ]]> \x00\x0b\ud800 \u202e 'q' \"q\""
    event = {"actor": "BGR", "kind": "sign", "stance": "support", "previous_stance": None, "alliance": None}
    body = {
        "id": "0123", "rule": nasty, "at": "2025-06-15T15:06:40Z", "title": nasty,
        "links": ["javascript:alert(1)"], "event": {**event, "beneficiary": "UKR", "object": "membership"},
        "evidence": [{"text": nasty}],
    }  # fmt: skip
    write_rss(tmp_path / "alerts.rss", [json.dumps(body)])
    text = (tmp_path / "alerts.rss").read_text(encoding="utf-8")
    (item,) = ElementTree.fromstring(text).iter("item")
    assert "<script" not in text and item.find("link") is None
    assert item.findtext("description") == nasty.replace("\x00", "\ufffd").replace("\x0b", "\ufffd").replace(
        "\ud800", "\ufffd"
    )


def test_a_webhook_gets_body_id_and_signature(site: Site, tmp_path: Path) -> None:
    site.answers["/hook"] = Answer(b"", 204)
    desk = Desk(tmp_path, rule(f"{site.url}/hook", "alerts.jsonl"))
    desk.alerting = replace(desk.alerting, secret=b"key")
    desk.read("BGR backs UKR")
    desk.tell()
    desk.read("HUN blocks SWE", "FIN backs UKR")
    desk.tell()
    desk.tell()
    assert [path for path, _, _ in site.posted] == ["/hook", "/hook"]
    for (_, headers, body), line in zip(site.posted, desk.lines(), strict=True):
        assert json.loads(body) == line
        assert headers["idempotency-key"] == line["id"]
        assert headers["content-type"] == "application/json"
        signature = hmac.new(b"key", body, hashlib.sha256).hexdigest()
        assert headers["x-alliance-watch-signature"] == f"sha256={signature}"
    assert set(desk.outcomes.values()) == {"http 204", "written"}


def test_a_webhook_that_fails_is_tried_again_and_given_up(
    site: Site, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    hook = f"{site.url}/hook"
    site.answers["/hook"] = Answer(b"", 500)
    desk = Desk(tmp_path, rule(hook))
    desk.read("BGR backs UKR")
    desk.tell()
    desk.read("FIN backs UKR")
    for wait in (0, 9, 2, 14, 2, 100):
        desk.clock.now += wait
        desk.tell()
    # At once, 10 seconds after that, 15 (not 20: the longest) after that, no more.
    assert len(site.posted) == 3
    assert len({headers["idempotency-key"] for _, headers, _ in site.posted}) == 1
    assert set(desk.outcomes.values()) == {"given up: http 500"}
    site.answers["/hook"] = Answer(b"", 200)
    desk.read("POL backs UKR")
    desk.tell()
    assert json.loads(site.posted[-1][2])["event"]["actor"] == "POL"


def test_redirects_and_inner_addresses_are_refused(site: Site, tmp_path: Path) -> None:
    site.answers["/hook"] = Answer(b"", 307, {"Location": "/other"})
    site.answers["/other"] = Answer(b"", 200)
    desk = Desk(tmp_path, rule(f"{site.url}/hook", "http://10.0.0.1/x"))
    desk.read("BGR backs UKR")
    desk.tell()
    desk.read("FIN backs UKR")
    desk.tell()
    assert [path for path, _, _ in site.posted] == ["/hook"]
    assert sorted(desk.outcomes.values()) == ["blocked_address", "http 307"]


def test_a_slow_webhook_holds_up_nobody(site: Site, tmp_path: Path) -> None:
    site.answers["/slow"] = Answer(b"x" * 100, drip=0.2)
    site.answers["/hook"] = Answer(b"", 200)
    desk = Desk(tmp_path, rule(f"{site.url}/slow", f"{site.url}/hook", "alerts.jsonl"))
    desk.read("BGR backs UKR")
    desk.tell()
    desk.read("FIN backs UKR", "POL backs UKR")
    with closing(open_state(desk.data)):
        thread = AlertingThread(desk.alerting)
        try:
            assert not thread.wait(1.5)
            assert len(desk.lines()) == 2
            assert [path for path, _, _ in site.posted].count("/hook") == 2
        finally:
            began = datetime.now()
            thread.stop()
            assert (datetime.now() - began).total_seconds() < 2


def test_a_target_that_is_gone_is_given_up(site: Site, tmp_path: Path) -> None:
    desk = Desk(tmp_path, rule(f"{site.url}/none"))
    desk.read("BGR backs UKR")
    desk.tell()
    desk.read("FIN backs UKR")
    desk.tell()
    settings = replace(desk.alerting.settings, rules=(rule("alerts.jsonl"),))
    desk.alerting = replace(desk.alerting, settings=settings)
    desk.clock.now += 100
    desk.tell()
    assert set(desk.outcomes.values()) == {"no longer there"} and len(site.posted) == 1
    desk.read("POL backs UKR")
    desk.tell()
    assert [line["event"]["actor"] for line in desk.lines()] == ["POL"]
