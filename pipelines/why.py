"""Name of an article → why its events are what they are: the text with its evidence marked, and each step.

Takes a data folder and a URL, an id or a file's name; reads the article from the tables and runs the detector
over it again. Of a rejected document it tells the reason; rejects a name that no row has
(`UnknownArticle`) or that several have (`AmbiguousName`).
Articles are foreign text: nothing of it reaches a terminal as a control character.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipelines.examination import Examination
from pipelines.query import run_query
from pipelines.sql_text import quoted
from transforms.identity import canonical_url
from transforms.records import Article, SupportEvent

Row = Mapping[str, Any]

#: C0 and C1 controls but the line's end, and what turns the line's direction.
_CONTROLS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]")
_ID = re.compile("[0-9a-f]{6,32}")
_COLORS = {"support": "30;42", "conditional": "30;43", "oppose": "30;41", "neutral": "30;47"}
#: What is compared between an event as stored and as found now.
_COMPARED = ("stance", "factuality", "attributed_to", "condition", "ordinal", "event_date", "place_country")


class UnknownArticle(Exception):
    """No row has this name; says which are nearest."""

    def __init__(self, name: str, nearest: Sequence[str]) -> None:
        hint = "".join(f"\n  {one}" for one in nearest)
        super().__init__(
            f"no article or reject is called {name}" + (f"; the nearest are{hint}" if hint else "")
        )


class AmbiguousName(Exception):
    """Several documents have this name; says which."""

    def __init__(self, name: str, documents: Sequence[str]) -> None:
        super().__init__(f"{name} names several documents:" + "".join(f"\n  {one}" for one in documents))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """What the tables hold of one document: an article with its events, or a reject."""

    article: Row | None = None
    events: tuple[Row, ...] = ()
    reject: Row | None = None


def find_stored(data: Path, name: str) -> Stored:
    """Data folder and a name → what is stored under it: its URL, its id or how that begins, its file.

    Raises:
        UnknownArticle: nothing is; it names the nearest.
        AmbiguousName: several documents are; it names them.
        MissingData: there is no data folder.
    """
    urls = ", ".join(quoted(url) for url in dict.fromkeys((name, canonical_url(name) or name)))
    places = f"url IN ({urls}) OR origin = {quoted(name)} OR ends_with(origin, {quoted('/' + name)})"
    key, article_id = (
        f"starts_with({column}, {quoted(name)})" if _ID.fullmatch(name) else "false"
        for column in ("key", "article_id")
    )
    order = f"ORDER BY url IN ({urls}) DESC NULLS LAST, first_seen DESC, key LIMIT 6"
    articles = _rows(data, f"SELECT * FROM articles WHERE {places} OR {key} OR {article_id} {order}")
    rejects = _rows(data, f"SELECT * FROM rejects WHERE {places} OR {key} {order}")
    found = articles or rejects
    if not found:
        raise UnknownArticle(plain(name), [plain(near) for near in _find_nearest(data, name)])
    if len({row["url"] or row["key"] for row in found}) > 1:
        ids = (f"{row.get('article_id') or row['key']}  {plain(row['title'] or '')}" for row in found)
        raise AmbiguousName(plain(name), list(ids))
    if not articles:
        return Stored(reject=rejects[0])
    sql = f"SELECT * FROM events WHERE article_id = {quoted(articles[0]['article_id'])} ORDER BY event_id"
    return Stored(article=articles[0], events=tuple(_rows(data, sql)))


def _find_nearest(data: Path, name: str) -> list[str]:
    article, reject = ("article_id", "key") if _ID.fullmatch(name) else ("coalesce(url, origin)",) * 2
    rows = _rows(
        data,
        f"SELECT name FROM (SELECT {article} AS name FROM articles UNION SELECT {reject} FROM rejects) "
        f"ORDER BY jaro_winkler_similarity(name, {quoted(name)}) DESC, name LIMIT 3",
    )
    return [row["name"] for row in rows]


def _rows(data: Path, sql: str) -> list[dict[str, Any]]:
    found = run_query(data, sql)
    return [dict(zip(found.columns, row, strict=True)) for row in found.rows]


def restore_article(row: Row) -> Article:
    """Row of `articles` → the article as detection read it."""
    return Article(
        article_id=row["article_id"],
        key=row["key"],
        order=0,
        origin=row["origin"],
        url=row["url"],
        source=row["source"],
        title=row["title"],
        text=row["text"],
        language=row["language"],
        authors=tuple(row["authors"]),
        published_at=row["published_at"],
        published_basis=row["published_basis"],
        content_sha256=row["content_sha256"],
        duplicate_of=row["duplicate_of"],
        notes=tuple(row["notes"]),
    )


def explain_reject(row: Row) -> Iterator[str]:
    """Row of `rejects` → lines: where it stopped, and why."""
    yield f"{plain(row['title'] or '(no title)')}"
    yield f"  rejected at   {row['stage']}"
    yield f"  reason        {row['reason']}"
    for number, line in enumerate(plain(row["detail"]).split("\n")):
        yield f"  {'detail' if number == 0 else '':14}{line}"
    yield f"  read from     {plain(row['origin'])}"
    yield f"  key           {row['key']}"


def explain_article(
    stored: Stored, article: Article, found: Examination, detector: str, color: bool
) -> Iterator[str]:
    """Stored article and its examination → lines for a reader: text, events, what gave none, what differs.

    Args:
        stored: its rows.
        article: the same as a record.
        found: what the detector makes of it now.
        detector: name and version of that detector.
        color: mark the evidence with colour; else with [[…]].
    """
    row = stored.article or {}
    events = found.events if article.duplicate_of is None else ()
    yield from mark_evidence(article, events, color)
    yield ""
    for name in ("url", "source", "published_at", "article_id", "origin"):
        if row.get(name):
            yield f"  {name:14}{plain(str(row[name]))}"
    topics = ", ".join(f"{topic['name']} {topic['score']:.2f}" for topic in row.get("topics") or ())
    yield f"  {'topics':14}{topics}"
    yield f"  {'stance':14}{row.get('stance')} toward {row.get('stance_target') or 'nobody'}"
    if article.duplicate_of is not None:
        yield f"  a copy of {article.duplicate_of}, which has the events of both"
        return
    for number, event in enumerate(events, start=1):
        yield ""
        yield from _explain_event(number, event)
    if not events:
        yield ""
        yield "no events"
    if found.stopped:
        yield ""
        yield "looked relevant, gave none"
    for stopped in found.stopped:
        yield f"  “{plain(' '.join(stopped.sentence.text.split()))}”"
        for reason in stopped.reasons:
            yield f"    - {plain(reason)}"
    yield ""
    yield from _compare_stored(stored.events, events, detector)


def mark_evidence(article: Article, events: Sequence[SupportEvent], color: bool) -> Iterator[str]:
    """Article and events → its title and paragraphs, each quoted stretch marked, with its events' numbers."""
    for field in ("title", "text"):
        content: str = getattr(article, field)
        spans: dict[tuple[int, int], list[int]] = {}
        for number, event in enumerate(events, start=1):
            for quote in event.evidence:
                if quote.field == field:
                    spans.setdefault((quote.start, quote.end), []).append(number)
        shown, last = "", 0
        for (start, end), numbers in sorted(spans.items()):
            if start < last:
                continue
            marked = plain(content[start:end])
            names = ", ".join(map(str, numbers))
            code = _COLORS[events[numbers[0] - 1].stance]
            mark = f"\x1b[{code}m{marked}\x1b[0m" if color else f"[[{marked}]]"
            shown += plain(content[last:start]) + f"{mark} ({names})"
            last = end
        yield from (shown + plain(content[last:])).split("\n")
        if field == "title":
            yield ""


def _explain_event(number: int, event: SupportEvent) -> Iterator[str]:
    toward = f"{', '.join(event.beneficiaries)} {event.object}"
    alliance = f" ({event.alliance})" if event.alliance else ""
    yield f"{number}  {', '.join(event.actors)} {event.kind} {toward}{alliance}"
    yield f"   {'confidence':14}{event.confidence:.2f}"
    yield f"   {'stance':14}{event.stance}, {event.factuality}"
    yield f"   {'actor role':14}{event.actor_role}"
    if event.event_date:
        yield f"   {'date':14}{event.event_date} (by {event.event_date_basis}, {event.event_date_precision})"
    for name in ("attributed_to", "condition", "ordinal", "place", "place_country"):
        value = getattr(event, name)
        if value is not None:
            yield f"   {name.replace('_', ' '):14}{plain(str(value))}"
    for rule in event.rule.split(" | "):
        steps, _, how = rule.partition(" [")
        yield f"   {'rule':14}{plain(steps)}"
        yield f"   {'':14}  {plain(_name_slots(how.removesuffix(']')))}"


def _name_slots(how: str) -> str:
    """'actor by agent, actor_ref by office' → 'actor by agent (office)': where, and how it is known who."""
    ways = dict(part.partition(" by ")[::2] for part in how.split(", "))
    return ", ".join(
        f"{slot} by {way}" + (f" ({ways[slot + '_ref']})" if slot + "_ref" in ways else "")
        for slot, way in ways.items()
        if not slot.endswith("_ref")
    )


def _compare_stored(stored: Sequence[Row], found: Sequence[SupportEvent], detector: str) -> Iterator[str]:
    """Stored events and those of now → what differs, and between which detectors."""
    before = {row["event_id"]: row for row in stored}
    now = {event.event_id: event for event in found}
    lines = [
        f"  {sign} {', '.join(actors)} {kind} {', '.join(beneficiaries)} {object}"
        for sign, actors, kind, beneficiaries, object in (
            *(
                ("+", e.actors, e.kind, e.beneficiaries, e.object)
                for name, e in now.items()
                if name not in before
            ),
            *(
                ("-", row["actors"], row["kind"], row["beneficiaries"], row["object"])
                for name, row in before.items()
                if name not in now
            ),
        )
    ]
    for name in sorted(before.keys() & now.keys()):
        for field in _COMPARED:
            old, new = before[name][field], getattr(now[name], field)
            if old != new:
                event = now[name]
                parties = f"{', '.join(event.actors)} {event.kind} {', '.join(event.beneficiaries)}"
                lines.append(f"  ~ {parties}: {field} {plain(str(old))} → {plain(str(new))}")
    names = sorted({row["detector"] for row in stored} - {detector})
    if not lines:
        yield f"the stored events are the same{' (no event is stored)' if not stored else ''}"
    else:
        yield "the stored events differ (+ found now, - stored only, ~ changed):"
        yield from lines
    yield f"  detector now     {detector}"
    yield from (f"  detector stored  {plain(name)}" for name in names)


def plain(text: str) -> str:
    """Foreign text → the same, every control character but the line's end shown as �: one for one."""
    return _CONTROLS.sub("\ufffd", text)
