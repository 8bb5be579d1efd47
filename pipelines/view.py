"""Filters and an order → what the page shows under them, counted over all rows by the tables themselves.

The live page asks this for every look at it; a file counts its own rows (`pipelines/page/local.js`) and shows
the same. Takes a function that answers SELECTs, gives plain values; rejects senseless filters (`BadRequest`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

from pipelines.formats import as_plain
from pipelines.query import Ask, Result
from pipelines.report import EVENT_COLUMNS, SPELL_COLUMNS, find_context, with_sentences
from pipelines.report_queries import (
    EVENTS,
    HAYSTACK,
    ONLY_COUNTRIES,
    RUNGS,
    Filters,
    fill,
    find_known,
    join_spells,
    known_after,
    list_conditions,
)
from pipelines.sql_text import quoted

#: as in `tables.js` and `local.js`
_PAGE: Final = 25
_LATEST: Final = 9
_LONGEST: Final = 200
#: how long a list of questions, and of countries on one, may get
_QUESTIONS: Final = 500

_ORDER: Final = {
    "actor": "actor_name",
    "beneficiary": "beneficiary_name",
    "rung": f"list_position({list(RUNGS)!r}, rung)",
    "kind": "kind",
    "since": "day",
    "day": "day",
    "n_sources": "n_sources",
    "sure": "sure",
}


class BadRequest(Exception):
    """A filter or an order that there is none of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """How a table is sorted, and which page of it is wanted."""

    by: str
    down: bool
    page: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One look at the page."""

    filters: Filters
    since: datetime
    ledger: Order
    events: Order


def read_request(given: Mapping[str, str]) -> Request:
    """Parameters of an address → the request.

    Raises:
        BadRequest: one has a value that it can't have.
    """
    try:
        filters = Filters(
            beneficiary=given.get("beneficiary"),
            alliance=given.get("alliance"),
            object=given.get("object"),
            kind=given.get("kind"),
            stance=given.get("stance"),
            since=date.fromisoformat(given["from"]) if given.get("from") else None,
            until=date.fromisoformat(given["to"]) if given.get("to") else None,
            sure=int(given.get("sure", 0)),
            search=given.get("search", "")[:_LONGEST],
        )
        since = datetime.fromisoformat(given["since"])
    except (ValueError, KeyError) as error:
        raise BadRequest(f"no such filter: {error}") from None
    if since.tzinfo is None:
        since = since.replace(tzinfo=UTC)
    return Request(
        filters=filters,
        since=since,
        ledger=_order(given, "ledger", "since"),
        events=_order(given, "events", "day"),
    )


def _order(given: Mapping[str, str], table: str, usual: str) -> Order:
    by, page = given.get(f"{table}_sort", usual), given.get(f"{table}_page", "0")
    if by not in _ORDER or not page.isdecimal() or len(page) > 9:
        raise BadRequest(f"no such order: {by}, page {page}")
    return Order(by=by, down=given.get(f"{table}_down", "") == "1", page=int(page))


def keep_tables(names: Mapping[str, str]) -> dict[str, str]:
    """Names of the codes → the tables that `look` asks: name and SELECT, each made of those before it.

    A million events take 0.8 gigabytes; most of it is the text that words are looked for in.
    """
    codes = ", ".join(f"({quoted(code)}, {quoted(name)})" for code, name in sorted(names.items()))
    named = (
        "coalesce(a.name, x.actor) AS actor_name, coalesce(b.name, x.beneficiary) AS beneficiary_name, "
        "CAST(round(x.confidence * 100) AS INTEGER) AS sure"
    )
    joined = (
        "LEFT JOIN kept_names AS a ON a.code = x.actor LEFT JOIN kept_names AS b ON b.code = x.beneficiary"
    )
    return {
        "kept_names": f"FROM (VALUES {codes}) AS t (code, name)",
        "kept_events": "SELECT resolved_id, actor, beneficiary, alliance, object, kind, rung, day, "
        "x.confidence, n_reports, n_sources, sources, last_reported, event_month, "
        f"{HAYSTACK} AS haystack, {named} "
        f"FROM {EVENTS} AS x {joined}",
        "kept_positions": "FROM positions",
        "kept_spells": "SELECT x.*, known, r.ordinal, x.evidence[1].text AS sentence, "
        f"{HAYSTACK} AS haystack, "
        f"r.event_date_precision AS precision, r.event_date_basis IS NOT NULL AS dated, {named} "
        f"FROM {join_spells('kept_positions')} AS x JOIN {find_known('kept_positions')} USING (resolved_id) "
        "JOIN (SELECT resolved_id, ordinal, event_date_precision, event_date_basis "
        f"FROM resolved_events) AS r USING (resolved_id) {joined}",
    }


def look(ask: Ask, request: Request, names: Mapping[str, str]) -> dict[str, Any]:
    """Tables and a request → the view.

    Args:
        ask: answers one SELECT; has the tables of `keep_tables`.
        request: what is wanted.
        names: of the codes, to look for words in.
    """
    where = list_conditions(request.filters, names, "haystack")
    holds = [*where, "until IS NULL"]
    fresh = known_after(request.since)
    spell = f"SELECT {SPELL_COLUMNS}, sentence, ordinal, precision, dated"
    found = _look_at_events(ask, where, request.events)
    questions = _ask_questions(ask, holds)
    on_map = [*holds, *_of_question(questions[0])] if questions else ["false"]
    ((ledger, changes),) = ask(
        _select(
            f"SELECT count(*) FILTER (WHERE until IS NULL), count(*) FILTER (WHERE {fresh})", _SPELLS, where
        )
    ).rows
    latest = f"ORDER BY known DESC, day DESC, resolved_id LIMIT {_LATEST}"
    return {
        "figures": {**found["figures"], "ledger": ledger, "changes": changes},
        "questions": questions,
        "map": _rows(ask(_select(spell, _SPELLS, on_map, f"ORDER BY actor LIMIT {_QUESTIONS}"))),
        "changes": _rows(ask(_select(f"{spell}, {fresh} AS fresh", _SPELLS, where, latest))),
        "ledger": {
            "rows": _rows(ask(_select(spell, _SPELLS, holds, _sorted(request.ledger)))),
            "total": ledger,
        },
        "events": {"rows": found["rows"], "total": found["figures"]["events"]},
        "bins": found["bins"],
    }


_EVENTS: Final = "kept_events"
_SPELLS: Final = "kept_spells"


def _select(what: str, relation: str, conditions: Sequence[str], tail: str = "") -> str:
    return fill(f"{what} FROM {relation} {{where}} {tail}", {}, conditions)


def _look_at_events(ask: Ask, where: list[str], order: Order) -> dict[str, Any]:
    # One pass over the events: with a word to look for, each pass costs the better part of a second.
    hits = _select("SELECT * EXCLUDE (haystack)", _EVENTS, where)
    ((events, reports, outlets, days, page),) = ask(
        f"""
        WITH hits AS MATERIALIZED ({hits})
        SELECT
            (SELECT count(*) FROM hits),
            (SELECT coalesce(sum(n_reports), 0) FROM hits),
            (SELECT count(DISTINCT outlet) FROM (SELECT unnest(sources) AS outlet FROM hits)),
            (SELECT list((day, rung, n) ORDER BY day) FROM (
                SELECT day, rung, count(*) AS n FROM hits GROUP BY day, rung
            )),
            (SELECT list((resolved_id, event_month)) FROM (SELECT * FROM hits {_sorted(order)}))
        """
    ).rows
    return {
        "figures": {"events": int(events), "reports": int(reports), "outlets": int(outlets)},
        "bins": count_bins([tuple(one.values()) for one in days or ()]),
        "rows": _rows_of(ask, [tuple(one.values()) for one in page or ()]),
    }


def _rows_of(ask: Ask, page: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    if not page:
        return []
    found = _rows(ask(_select(f"SELECT {EVENT_COLUMNS}", EVENTS, [_one_of(page)])))
    by_id = {row["resolved_id"]: row for row in found}
    return [by_id[name] for name, _ in page]


def _one_of(page: Sequence[tuple[str, str]]) -> str:
    # With the months only their files are read.
    names, months = ({quoted(pair[i]) for pair in page} for i in (0, 1))
    return f"event_month IN ({', '.join(sorted(months))}) AND resolved_id IN ({', '.join(sorted(names))})"


def find_event(ask: Ask, name: str) -> dict[str, Any] | None:
    """Identity of a resolved event → it, its sentences, and how many countries are in favour of the same."""
    page = ask(_select("SELECT resolved_id, event_month", _EVENTS, [f"resolved_id = {quoted(name)}"])).rows
    if not page:
        return None
    (this,) = [_one_of([(found, month) for found, month in page])]
    found = ask(_select(f"SELECT {EVENT_COLUMNS}, evidence", EVENTS, [this]))
    evidence = found.rows[0][found.columns.index("evidence")]
    names = ", ".join(sorted({quoted(one["article_id"]) for one in evidence})) or "NULL"
    context = find_context(
        ask,
        f"SELECT evidence FROM resolved_events WHERE {this}",
        # The view `articles` would look for revisions of all others, too.
        f"(FROM articles_all WHERE article_id IN ({names}) "
        "QUALIFY row_number() OVER (PARTITION BY article_id ORDER BY revision DESC) = 1)",
    )
    shown = with_sentences(found, context)
    event = dict(zip(shown["events"]["columns"], shown["events"]["rows"][0], strict=True))
    sentences = []
    for i in event["evidence"]:
        article, field, before, text, after = shown["sentences"][i]
        title, url, source, published = shown["articles"][article]
        sentences.append(
            {"field": field, "before": before, "text": text, "after": after, "title": title, "url": url,
             "source": source, "published": published}
        )  # fmt: skip
    favour = [*_of_question(event), "until IS NULL", ONLY_COUNTRIES, "rung <> 'oppose'"]
    backing = ask(_select("SELECT count(DISTINCT actor)", _SPELLS, favour)).rows[0][0]
    return {"event": event, "sentences": sentences, "backing": backing}


def _ask_questions(ask: Ask, holds: list[str]) -> list[dict[str, Any]]:
    counts = ", ".join(
        f"count(DISTINCT actor) FILTER (WHERE rung = {quoted(rung)}) AS {rung}" for rung in RUNGS
    )
    found = ask(
        _select(
            f"SELECT beneficiary, alliance, object, {counts}",
            _SPELLS,
            [*holds, ONLY_COUNTRIES],
            f"GROUP BY beneficiary, alliance, object ORDER BY object <> 'membership', "
            f"{' + '.join(RUNGS)} DESC, beneficiary, coalesce(alliance, ''), object LIMIT {_QUESTIONS}",
        )
    )
    questions = []
    for beneficiary, alliance, object_, *numbers in found.rows:
        tally = dict(zip(RUNGS, numbers, strict=True))
        one = {"beneficiary": beneficiary, "alliance": alliance, "object": object_}
        questions.append({**one, "counts": tally, "total": sum(numbers)})
    return questions


def _of_question(question: Mapping[str, Any]) -> list[str]:
    filters = Filters(
        beneficiary=question["beneficiary"], alliance=question["alliance"] or "-", object=question["object"]
    )
    return list_conditions(filters, {})


def count_bins(days: Sequence[tuple[date, str, int]]) -> dict[str, Any]:
    """How many events of each stance a day had, in order → the same in steps that fit the time they span."""
    if not days:
        return {"unit": "month", "list": []}
    span = (days[-1][0] - days[0][0]).days
    # As `unitFor` of local.js.
    unit = "day" if span <= 45 else "week" if span <= 270 else "month" if span <= 3660 else "year"
    bins: dict[str, dict[str, int]] = {}
    for day, rung, number in days:
        bins.setdefault(_start_of(day, unit).isoformat(), dict.fromkeys(RUNGS, 0))[rung] += number
    return {"unit": unit, "list": [{"start": start, "counts": counts} for start, counts in bins.items()]}


def _start_of(day: date, unit: str) -> date:
    if unit == "week":
        return day - timedelta(days=day.weekday())
    return {"day": day, "month": day.replace(day=1), "year": day.replace(month=1, day=1)}[unit]


def _sorted(order: Order) -> str:
    direction = "DESC" if order.down else "ASC"
    return (
        f"ORDER BY {_ORDER[order.by]} {direction} NULLS LAST, day DESC, last_reported DESC, resolved_id "
        f"LIMIT {_PAGE} OFFSET {_PAGE * order.page}"
    )


def _rows(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, map(as_plain, row), strict=True)) for row in result.rows]
