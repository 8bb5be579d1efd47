"""Size and seed → a data folder with made-up articles, events, resolved events and rejects.

No sentence here was ever in the news. The same arguments give the same rows.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.settings import load_settings
from transforms.codebook import KIND_CODES
from transforms.commit import commit_staged, next_batch
from transforms.staging import stage_batch

FIRST_DAY = date(2022, 3, 1)
NOW = datetime(2025, 3, 1, 12, tzinfo=UTC)

#: Text that would be more than text in a page that is careless with it.
HOSTILE = (
    '<script>window.broken=1</script><img src=x onerror="window.broken=1"> \'q\' "q" </script> & &lt; '
    "\u202eright to left\u202c מדינה حلف \u2028 $& {where}"
)

_QUESTIONS = (
    ("UKR", "NATO", "membership", 30),
    ("UKR", "EU", "membership", 26),
    ("MDA", "EU", "membership", 14),
    ("SWE", "NATO", "membership", 12),
    ("UKR", None, "military_aid", 16),
    ("GEO", "EU", "membership", 8),
    ("FIN", "NATO", "membership", 9),
    ("BIH", "EU", "membership", 6),
)
_WEIGHTS = {"UKR": 5, "SWE": 2}
_ACTS = {
    "support": (("endorse", "backed"), ("endorse", "spoke up for"), ("sign", "signed a declaration on")),
    "ratified": (("ratify", "ratified"),),
    "conditional": (
        ("condition", "tied its yes to reforms before"),
        ("sign", "signed, with conditions, a paper on"),
    ),
    "oppose": (("oppose", "spoke against"), ("block", "held up"), ("threaten", "threatened to veto")),
}
_AID = (("pledge_aid", "pledged"), ("provide_aid", "delivered"))
_CONDITIONS = (
    "once the courts are reformed", "as soon as the fighting has ended", "if the minority law is changed",
    "when all criteria are met", "after a referendum",
)  # fmt: skip
_OUTLETS = (
    "Made-up Times",
    "Invented Post",
    "Example Courier",
    "Sample Gazette",
    "Fictional Herald",
    "Mock Daily",
)
_PLACES = ("Sofia", "Warsaw", "Brussels", "Vilnius", "Ankara", "Kyiv")
_MEMBERS = (
    "BGR POL LTU LVA EST ROU CZE SVK HUN DEU FRA GBR ITA ESP PRT NLD BEL DNK NOR SWE FIN TUR GRC HRV SVN ALB "
    "MKD MNE CAN USA ISL LUX AUT IRL MLT CYP UKR"
).split()


def make_news(data: Path, events: int, *, seed: int = 1, hostile: bool = False, first: int = 0) -> None:
    """Folder → the same with tables of this many resolved events more, numbered from `first`."""
    names = load_settings(None, {}).settings.build_world()
    called = {one.code: one.name for one in names.countries} | {one.id: one.name for one in names.alliances}
    rows: dict[str, list[dict[str, Any]]] = {
        "articles": [],
        "events": [],
        "resolved_events": [],
        "rejects": [],
    }
    for claim in _make_claims(range(first, first + events), random.Random(seed), called, hostile):
        for table, row in claim:
            rows[table].append(row)
    rows["rejects"] = [_reject(i) for i in range(40)]
    commit_rows(data, rows)


def commit_rows(data: Path, rows: Mapping[str, Sequence[dict[str, Any]]]) -> None:
    """Folder and rows by table → the same with them, as one batch."""
    batch = next_batch(data)
    stage_batch(data, batch, rows)
    commit_staged(data, batch)


def _make_claims(
    numbers: range, chance: random.Random, called: Mapping[str, str], hostile: bool
) -> Iterator[list[tuple[str, dict[str, Any]]]]:
    weights = [_WEIGHTS.get(question[0], 1) for question in _QUESTIONS]
    for i in numbers:
        beneficiary, alliance, object_, actors = chance.choices(_QUESTIONS, weights)[0]
        actor = chance.choice([one for one in _MEMBERS[:actors] if one != beneficiary])
        day = FIRST_DAY + timedelta(days=int(1090 * (i - numbers.start + chance.random()) / len(numbers)))
        late = (day - FIRST_DAY).days / 1090
        stances = ("support", "ratified", "conditional", "oppose")
        if alliance is None:
            stance, (kind, verb) = "support", chance.choice(_AID)
        else:
            hungry = actor in ("HUN", "TUR", "SVK")
            shares = (0.5 + late / 3, 0.1 * late, 0.35 - late / 6, 0.6 if hungry else 0.04)
            stance = chance.choices(stances, shares)[0]
            kind, verb = chance.choice(_ACTS[stance])
        condition = chance.choice(_CONDITIONS) if stance == "conditional" else None
        yield _claim(i, chance, called, hostile and i % 7 == 0, {
            "actor": actor, "beneficiary": beneficiary, "alliance": alliance, "object": object_, "kind": kind,
            "stance": "support" if stance == "ratified" else stance, "condition": condition,
            "event_date": day,
        }, verb)  # fmt: skip


def _claim(
    i: int, chance: random.Random, called: Mapping[str, str], hostile: bool, fields: dict[str, Any], verb: str
) -> list[tuple[str, dict[str, Any]]]:
    day: date = fields["event_date"]
    theme = f"{called[fields['beneficiary']]}'s " + (
        f"way into {called[fields['alliance']]}" if fields["alliance"] else "requests for help"
    )
    said = f" {fields['condition']}" if fields["condition"] else ""
    sentence = f"{called[fields['actor']]} {verb} {theme}{said}."
    if hostile:
        sentence = f"{HOSTILE} {sentence}"
    lead = "Ministers met for talks that had been planned for weeks. Nobody expected much of them. "
    text = f"{lead}{sentence}\nAfter the meeting they took questions, and left for dinner. More is to follow."
    place, outlet = chance.choice(_PLACES), chance.choice(_OUTLETS)
    title = f"{called[fields['actor']]} {verb} {theme}"
    if hostile:
        title, outlet = f"{title} {HOSTILE}", f"{outlet} {HOSTILE}"
    seen = datetime(day.year, day.month, day.day, 15, tzinfo=UTC)
    reports = chance.choice((1, 1, 1, 2, 3, 6))
    # Whole hundredths: what is compared in SQL and in the page has one form.
    confidence = chance.randrange(45, 100) / 100
    name, month = f"{i:07d}", f"{day.year}-{day.month:02d}"
    url = "javascript:window.broken=1" if hostile else f"https://news.example/{i}"
    quoted = {"field": "text", "start": len(lead), "end": len(lead) + len(sentence), "text": sentence}
    codes = KIND_CODES[fields["kind"]]
    shared = fields | {
        "actor_role": "GOV", "plover": codes.plover, "cameo": codes.cameo, "factuality": "asserted",
        "attributed_to": None, "ordinal": 22 if i % 50 == 7 else None, "event_date_precision": "day",
        "event_date_basis": "explicit", "place": place, "place_country": None, "confidence": confidence,
        "title": title, "url": url, "source": outlet, "event_month": month,
    }  # fmt: skip
    event = shared | {
        "event_id": f"e{name}", "article_id": f"a{name}", "actors": [shared["actor"]],
        "beneficiaries": [shared["beneficiary"]], "evidence": [quoted], "rule": "made up",
        "published_at": seen, "first_seen": seen, "detector": "stand-in", "revision": 1,
    }  # fmt: skip
    del event["actor"], event["beneficiary"]
    resolved = shared | {
        "resolved_id": f"r{name}", "with_actors": [], "n_reports": reports + i % 3, "n_sources": reports,
        "conflicts": [{"field": "stance", "value": "conditional", "n_sources": 1}] if reports > 5 else [],
        "sources": sorted({outlet, *chance.sample(_OUTLETS, min(reports, 4))}), "agreement": 0.75,
        "first_reported": seen, "last_reported": seen + timedelta(hours=reports),
        "evidence": [{"event_id": f"e{name}", "article_id": f"a{name}", **quoted}], "mentions": [f"e{name}"],
        "resolver": "stand-in",
    }  # fmt: skip
    article = {
        "article_id": f"a{name}", "url": url, "source": outlet, "title": title, "text": text,
        "language": "en",
        "authors": [], "published_at": seen, "published_basis": "given", "first_seen": seen, "topics": [],
        "stance": "support", "stance_target": None, "stance_score": 1.0, "n_events": 1, "duplicate_of": None,
        "content_sha256": name, "origin": "made up", "key": name, "notes": [], "revision": 1,
        "text_basis": None, "published_month": month,
    }  # fmt: skip
    return [("articles", article), ("events", event), ("resolved_events", resolved)]


def _reject(i: int) -> dict[str, Any]:
    stage, reason = (("gate", "off_topic"), ("extract", "paywall"), ("extract", "language"))[i % 3]
    return {
        "key": f"k{i}", "stage": stage, "reason": reason, "detail": "made up", "url": None,
        "origin": "made up",
        "title": None, "first_seen": NOW, "seen_month": "2025-03",
    }  # fmt: skip
