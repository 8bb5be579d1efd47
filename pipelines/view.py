"""Filters and an order → what the page shows under them, counted over all rows by the tables themselves.

The live page asks this for every look at it; a file counts its own rows (`pipelines/page/local.js`) and shows the
same. Takes a function that answers SELECTs, gives plain values; rejects filters that make no sense (`BadRequest`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from pipelines.formats import as_plain
from pipelines.query import Ask, Result
from pipelines.report import EVENT_COLUMNS, SPELL_COLUMNS, find_context, with_sentences
from pipelines.report_queries import (
    FIGURES,
    ONLY_COUNTRIES,
    RUNGS,
    Filters,
    fill,
    known_after,
    list_conditions,
    quote,
)

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
        filters=filters, since=since, ledger=_order(given, "ledger", "since"), events=_order(given, "events", "day")
    )


def _order(given: Mapping[str, str], table: str, usual: str) -> Order:
    by, page = given.get(f"{table}_sort", usual), given.get(f"{table}_page", "0")
    if by not in _ORDER or not page.isdecimal() or len(page) > 9:
        raise BadRequest(f"no such order: {by}, page {page}")
    return Order(by=by, down=given.get(f"{table}_down", "") == "1", page=int(page))


def look(ask: Ask, request: Request, names: Mapping[str, str], relations: Mapping[str, str]) -> dict[str, Any]:
    """Tables and a request → the view.

    Args:
        ask: answers one SELECT; all of the same moment.
        request: what is wanted.
        names: of the codes, to look for words in.
        relations: `events`, `spells` and `changes` as the server keeps them, with names to sort by.
    """
    where = list_conditions(request.filters, names)
    holds = [*where, "until IS NULL"]

    def run(template: str, conditions: list[str]) -> Result:
        return ask(fill(template, relations, conditions))

    def count(figure: str, conditions: list[str]) -> int:
        return int(run(FIGURES[figure], conditions).rows[0][0])

    questions = _ask_questions(run, holds)
    fresh = [*where, known_after(request.since)]
    figures = {
        "events": count("events", where),
        "reports": count("reports", where),
        "outlets": count("outlets", where),
        "ledger": count("ledger", holds),
        "changes": count("changes", fresh),
    }
    spell = f"SELECT {SPELL_COLUMNS}, sentence, ordinal, precision, dated"
    on_map = (
        _rows(run(f"{spell} FROM {{changes}} {{where}} ORDER BY actor LIMIT {_QUESTIONS}",
                  [*holds, *_of_question(questions[0])]))
        if questions
        else []
    )  # fmt: skip
    latest = run(
        f"{spell}, {known_after(request.since)} AS fresh FROM {{changes}} {{where}} "
        f"ORDER BY known DESC, day DESC, resolved_id LIMIT {_LATEST}",
        where,
    )
    return {
        "figures": figures,
        "questions": questions,
        "map": on_map,
        "changes": _rows(latest),
        "ledger": {
            "rows": _rows(run(f"{spell} FROM {{changes}} {{where}} {_sorted(request.ledger)}", holds)),
            "total": figures["ledger"],
        },
        "events": {
            "rows": _rows(run(f"SELECT {EVENT_COLUMNS} FROM {{events}} {{where}} {_sorted(request.events)}", where)),
            "total": figures["events"],
        },
        "bins": _count_bins(run, where),
    }  # fmt: skip


def find_event(ask: Ask, name: str, relations: Mapping[str, str]) -> dict[str, Any] | None:
    """Identity of a resolved event → it, with its sentences and how many countries are in favour of the same."""
    this = f"resolved_id = {quote(name)}"
    found = ask(fill(f"SELECT {EVENT_COLUMNS}, evidence FROM {{events}} {{where}}", relations, [this]))
    if not found.rows:
        return None
    evidence = f"SELECT evidence FROM resolved_events WHERE {this}"
    shown = with_sentences(found, find_context(ask, evidence))
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
    backing = ask(fill(FIGURES["standing"], relations, favour)).rows[0][0]
    return {"event": event, "sentences": sentences, "backing": backing}


def _ask_questions(run: Any, holds: list[str]) -> list[dict[str, Any]]:
    counts = ", ".join(f"count(DISTINCT actor) FILTER (WHERE rung = {quote(rung)}) AS {rung}" for rung in RUNGS)
    found = run(
        f"SELECT beneficiary, alliance, object, {counts} FROM {{spells}} {{where}} GROUP BY beneficiary, alliance, object "
        f"ORDER BY object <> 'membership', {' + '.join(RUNGS)} DESC, beneficiary, coalesce(alliance, ''), object "
        f"LIMIT {_QUESTIONS}",
        [*holds, ONLY_COUNTRIES],
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


def _count_bins(run: Any, where: list[str]) -> dict[str, Any]:
    first, last = run("SELECT min(day), max(day) FROM {events} {where}", where).rows[0]
    if first is None:
        return {"unit": "month", "list": []}
    days = (last - first).days
    # As `unitFor` of local.js.
    unit = "day" if days <= 45 else "week" if days <= 270 else "month" if days <= 3660 else "year"
    found = run(
        f"SELECT CAST(date_trunc('{unit}', day) AS DATE) AS start, rung, count(*) FROM {{events}} {{where}} "
        "GROUP BY ALL ORDER BY start",
        where,
    )
    bins: dict[str, dict[str, int]] = {}
    for start, rung, number in found.rows:
        bins.setdefault(start.isoformat(), dict.fromkeys(RUNGS, 0))[rung] = number
    return {"unit": unit, "list": [{"start": start, "counts": counts} for start, counts in bins.items()]}


def _sorted(order: Order) -> str:
    direction = "DESC" if order.down else "ASC"
    return (
        f"ORDER BY {_ORDER[order.by]} {direction} NULLS LAST, day DESC, last_reported DESC, resolved_id "
        f"LIMIT {_PAGE} OFFSET {_PAGE * order.page}"
    )


def _rows(result: Result) -> list[dict[str, Any]]:
    return [dict(zip(result.columns, map(as_plain, row), strict=True)) for row in result.rows]
