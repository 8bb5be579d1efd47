"""What a report shows → the SQL behind each figure; the one place for both the page and the server.

A template names relations (`{events}`, `{spells}`) and leaves room for `{where}`. The page fills it to offer
the query to whoever wants to check a figure: `pipelines/page/queries.js` does the same as `fill` and
`list_conditions` here, and the tests hold the two against each other in a browser.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from pipelines.sql_text import quoted

#: Stances in the order of what they grant, and what else an event may have.
RUNGS: Final = ("ratified", "support", "conditional", "oppose", "neutral")

#: The day of an event is that of the act, else of the first report; to have ratified is a rung of its own.
EVENTS: Final = (
    "(SELECT *, coalesce(event_date, CAST(first_reported AS DATE)) AS day, "
    "CASE WHEN kind = 'ratify' AND stance = 'support' THEN 'ratified' ELSE stance END AS rung "
    "FROM resolved_events)"
)

#: Events of a file that has room for the newest only.
NEWEST_EVENTS: Final = (
    "(SELECT * FROM {all} ORDER BY day DESC, last_reported DESC, resolved_id LIMIT {limit})"
)


def join_spells(positions: str) -> str:
    """Relation of the positions → its spells with what their first event says."""
    return (
        "(SELECT p.*, p.stance AS rung, p.since AS day, r.title, r.place, r.sources, r.evidence "
        f"FROM {positions} AS p JOIN resolved_events AS r USING (resolved_id))"
    )


def find_known(positions: str) -> str:
    """Relation of the positions → when this program first processed a report of each spell's beginning."""
    return (
        "(SELECT resolved_id, min(first_seen) AS known "
        "FROM (SELECT resolved_id, unnest(mentions) AS event_id "
        f"FROM resolved_events WHERE resolved_id IN (SELECT resolved_id FROM {positions})) "
        "JOIN events USING (event_id) GROUP BY resolved_id)"
    )


SPELLS: Final = join_spells("positions")
CHANGES: Final = f"(FROM {SPELLS} JOIN {find_known('positions')} USING (resolved_id))"

#: Spells of a file that has room for some only: those that hold, then the latest.
NEWEST_SPELLS: Final = (
    "(SELECT * FROM {all} ORDER BY until IS NOT NULL, since DESC, resolved_id, actor LIMIT {limit})"
)

#: Where a word is looked for, without capitals and accents. The page looks in the same fields.
HAYSTACK: Final = (
    "strip_accents(lower(concat_ws(' ', title, condition, place, array_to_string(sources, ' '), "
    "array_to_string(list_transform(evidence, lambda s: s.text), ' '))))"
)

#: Filter → condition; `{}` is the value as SQL.
CLAUSES: Final[Mapping[str, str]] = {
    "beneficiary": "beneficiary = {}",
    "alliance": "alliance IS NOT DISTINCT FROM {}",
    "object": "object = {}",
    "kind": "kind = {}",
    "stance": "rung = {}",
    "from": "day >= DATE {}",
    "to": "day <= DATE {}",
    "sure": "round(confidence * 100) >= {}",
}

#: Figure → how it is counted.
FIGURES: Final[Mapping[str, str]] = {
    "events": "SELECT count(*) FROM {events} {where}",
    "reports": "SELECT coalesce(sum(n_reports), 0) FROM {events} {where}",
    "outlets": "SELECT count(DISTINCT outlet) FROM (SELECT unnest(sources) AS outlet FROM {events} {where})",
    "ledger": "SELECT count(*) FROM {spells} {where}",
    "standing": "SELECT count(DISTINCT actor) FROM {spells} {where}",
    "changes": "SELECT count(*) FROM {changes} {where}",
    "spell": "SELECT n_sources, n_events, round(confidence * 100) FROM {spells} {where}",
    "event": "SELECT n_sources, n_reports, round(confidence * 100) FROM {events} {where}",
}

#: Figures that no filter changes: name → (what it is called, query).
TOTALS: Final[Mapping[str, tuple[str, str]]] = {
    "articles": ("articles read", "SELECT count(*) FROM articles"),
    "copies": ("of them copies", "SELECT count(*) FROM articles WHERE duplicate_of IS NOT NULL"),
    "mentions": ("mentions of events", "SELECT count(*) FROM events"),
    "events": ("events they report", "SELECT count(*) FROM resolved_events"),
    "rejects": ("documents rejected", "SELECT count(*) FROM rejects"),
}


#: Where figures count countries: an alliance, or some of its members, is none.
ONLY_COUNTRIES: Final = "is_country(actor)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What the reader narrowed the report to; None or an empty value is everything."""

    beneficiary: str | None = None
    #: an id, or `-` for none
    alliance: str | None = None
    object: str | None = None
    kind: str | None = None
    stance: str | None = None
    since: date | None = None
    until: date | None = None
    #: per cent
    sure: int = 0
    search: str = ""


def list_conditions(filters: Filters, names: Mapping[str, str], haystack: str = HAYSTACK) -> list[str]:
    """Filters, names of the codes and where words are looked for → SQL conditions; all must hold."""
    values = {
        "beneficiary": filters.beneficiary,
        "alliance": filters.alliance,
        "object": filters.object,
        "kind": filters.kind,
        "stance": filters.stance,
        "from": filters.since and filters.since.isoformat(),
        "to": filters.until and filters.until.isoformat(),
    }
    found = [
        CLAUSES[name].replace("{}", "NULL" if value == "-" else quoted(value))
        for name, value in values.items()
        if value
    ]
    if filters.sure:
        found.append(CLAUSES["sure"].replace("{}", str(int(filters.sure))))
    return found + [_find_word(word, names, haystack) for word in fold(filters.search).split()[:8]]


def _find_word(word: str, names: Mapping[str, str], haystack: str) -> str:
    codes = [quoted(code) for code, name in sorted(names.items()) if word in fold(f"{code} {name}")]
    found = f"contains({haystack}, {quoted(word)})"
    if not codes:
        return found
    listed = f"({', '.join(codes)})"
    columns = ("split_part(actor, ':', 1)", "beneficiary", "alliance")
    return f"({' OR '.join([found, *(f'{column} IN {listed}' for column in columns)])})"


def fold(text: str) -> str:
    """Text → the same without capitals and accents."""
    return re.sub(r"\s+", " ", "".join(c for c in unicodedata.normalize("NFD", text.lower()) if not _mark(c)))


def _mark(character: str) -> bool:
    return unicodedata.category(character).startswith("M")


def known_after(moment: datetime) -> str:
    """Moment → the condition that something became known after it."""
    return f"known > TIMESTAMPTZ {quoted(moment.isoformat())}"


def fill(template: str, relations: Mapping[str, str], conditions: Sequence[str]) -> str:
    """Template, relations and conditions → SQL."""
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    parts = {**relations, "where": where}
    return re.sub(r"\{(\w+)\}", lambda found: parts[found[1]], template).strip()
