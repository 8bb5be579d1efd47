"""Answers from the tables → what a report holds, as plain values that JSON has a form for.

Takes a function that answers SELECTs, gives the events, the spells of each position, the sentences around the
evidence, the totals and the queries behind them all. A file has room for the newest events only; what is not
there is said, with the exact numbers. Nothing is drawn here: `pipelines.report_page` makes the page of it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from pipelines import __version__
from pipelines.formats import as_plain
from pipelines.query import Ask, Result
from pipelines.report_queries import (
    CHANGES,
    CLAUSES,
    EVENTS,
    FIGURES,
    HAYSTACK,
    NEWEST_EVENTS,
    NEWEST_SPELLS,
    ONLY_COUNTRIES,
    SPELLS,
    TOTALS,
)
from pipelines.sql_text import quoted

#: characters of the article shown before and after a sentence
_AROUND: Final = 280

EVENT_COLUMNS: Final = (
    "resolved_id, actor, with_actors, actor_role, beneficiary, alliance, object, kind, rung, factuality, "
    "attributed_to, condition, ordinal, day, event_date_precision, event_date_basis, place, conflicts, "
    "n_reports, n_sources, sources, agreement, confidence, CAST(round(confidence * 100) AS INTEGER) AS sure, "
    "first_reported, last_reported, title, url, source"
)
SPELL_COLUMNS: Final = (
    "resolved_id, actor, beneficiary, alliance, object, rung, kind, since, until, "
    "previous_stance AS previous, condition, n_events, n_sources, confidence, "
    "CAST(round(confidence * 100) AS INTEGER) AS sure, known, is_country(actor) AS country"
)


_CHOICES: Final = {
    "beneficiaries": "beneficiary",
    "alliances": "alliance",
    "objects": "object",
    "kinds": "kind",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """What codes are called."""

    countries: Mapping[str, str]
    alliances: Mapping[str, str]

    @property
    def all(self) -> dict[str, str]:
        """Names → code: name, of both."""
        return {**self.countries, **self.alliances}


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """From when on something counts as changed, and why then."""

    moment: datetime
    basis: str


def gather_report(ask: Ask, names: Names, now: datetime, since: Since, limit: int) -> dict[str, Any]:
    """Tables → everything a file shows.

    Args:
        ask: answers one SELECT; all of the same moment.
        names: of the codes.
        now: when the report is made.
        since: what changes are counted from.
        limit: how many events, and how many spells, the file has room for.
    """
    report = describe_tables(ask, names, now, since)
    # Sentences are wanted for what is listed and for what a position began with.
    n_events, n_spells = _count(ask, "resolved_events"), _count(ask, "positions")
    events = EVENTS if n_events <= limit else NEWEST_EVENTS.format(all=EVENTS, limit=limit)
    spells = SPELLS if n_spells <= limit else NEWEST_SPELLS.format(all=SPELLS, limit=limit)
    changes = CHANGES if n_spells <= limit else NEWEST_SPELLS.format(all=CHANGES, limit=limit)
    shown = (
        f"(SELECT *, resolved_id IN (SELECT resolved_id FROM {events}) AS listed FROM {EVENTS} "
        f"WHERE listed OR resolved_id IN (SELECT resolved_id FROM {spells}))"
    )
    found = ask(
        f"SELECT {EVENT_COLUMNS}, evidence, listed FROM {shown} "
        "ORDER BY day DESC, last_reported DESC, resolved_id"
    )
    known = ask(f"SELECT {SPELL_COLUMNS} FROM {changes} ORDER BY since DESC, last_reported DESC, resolved_id")
    around = find_context(ask, f"SELECT evidence FROM {shown}")
    report["relations"] = {"events": events, "spells": spells, "changes": changes}
    report["limit"] = {"events": [min(limit, n_events), n_events], "spells": [min(limit, n_spells), n_spells]}
    report |= with_sentences(found, around)
    report["spells"] = as_table(known)
    return report


def describe_tables(ask: Ask, names: Names, now: datetime, since: Since) -> dict[str, Any]:
    """Tables → what a page says of them whatever the reader narrows it to, and the queries it can offer."""
    coded = ask(
        "SELECT DISTINCT unnest([split_part(actor, ':', 1), beneficiary, alliance]) AS code "
        "FROM resolved_events ORDER BY code"
    )
    codes = [code for (code,) in coded.rows if code is not None]
    rejected = ask(
        "SELECT stage, reason, count(*) AS n FROM rejects GROUP BY ALL ORDER BY n DESC, stage, reason"
    )
    return {
        "program": f"alliance-watch {__version__}",
        "generated": _moment(now),
        "since": _moment(since.moment),
        "since_basis": since.basis,
        "names": {code: names.all[code] for code in codes if code in names.all},
        "choices": {
            f"{name}": [
                value for (value,) in ask(f"SELECT DISTINCT {column} FROM resolved_events ORDER BY 1").rows
            ]
            for name, column in _CHOICES.items()
        },
        "totals": [
            {"name": name, "label": label, "value": ask(sql).rows[0][0], "sql": sql}
            for name, (label, sql) in TOTALS.items()
        ],
        "rejected": [
            {
                "stage": stage,
                "reason": reason,
                "value": count,
                "sql": "SELECT count(*) FROM rejects "
                f"WHERE stage = {quoted(stage)} AND reason = {quoted(reason)}",
            }
            for stage, reason, count in rejected.rows
        ],
        "figures": dict(FIGURES),
        "clauses": dict(CLAUSES),
        "haystack": HAYSTACK,
        "only_countries": ONLY_COUNTRIES,
    }


def find_context(ask: Ask, evidence: str, articles: str = "articles") -> Result:
    """SELECT of `evidence`, and the articles → each sentence once, with the words around it and its source.

    Where the article was revised and no longer holds the sentence there, there are no words around it.
    """
    return ask(
        f"""
        SELECT article_id, field, "start", "end", quoted, title, url, source, published,
            substr(whole, greatest(1, "start" + 1 - {_AROUND}), least({_AROUND}, "start")) AS before,
            substr(whole, "end" + 1, {_AROUND}) AS after,
            "start" > {_AROUND} AS cut_before, length(whole) > "end" + {_AROUND} AS cut_after,
            coalesce(substr(whole, "start" + 1, "end" - "start") = quoted, false) AS there
        FROM (
            SELECT e.*, a.title, a.url, coalesce(a.source, regexp_extract(a.origin, '[^/]*$')) AS source,
                CAST(coalesce(a.published_at, a.first_seen) AS DATE) AS published,
                CASE e.field WHEN 'title' THEN a.title ELSE a.text END AS whole
            FROM (
                SELECT DISTINCT s.article_id, s.field, s."start" AS "start", s."end" AS "end",
                    s.text AS quoted
                FROM (SELECT unnest(evidence) AS s FROM ({evidence}))
            ) AS e
            LEFT JOIN {articles} AS a USING (article_id)
        )
        ORDER BY article_id, field, "start", "end"
        """
    )


def with_sentences(events: Result, around: Result) -> dict[str, Any]:
    """Events with evidence, and the sentences → both as tables, each sentence and article written once."""
    articles: dict[str, int] = {}
    rows: list[list[Any]] = []
    sentences: list[list[Any]] = []
    places = {}
    for row in around.rows:
        one = dict(zip(around.columns, row, strict=True))
        if one["article_id"] not in articles:
            articles[one["article_id"]] = len(rows)
            rows.append([one["title"], one["url"], one["source"], as_plain(one["published"])])
        before, after = _words_around(one)
        places[one["article_id"], one["field"], one["start"], one["end"]] = len(sentences)
        sentences.append([articles[one["article_id"]], one["field"], before, one["quoted"], after])
    table = as_table(events)
    at = table["columns"].index("evidence")
    for filled in table["rows"]:
        filled[at] = [places[s["article_id"], s["field"], s["start"], s["end"]] for s in filled[at]]
    return {"events": table, "sentences": sentences, "articles": rows}


def _words_around(one: Mapping[str, Any]) -> tuple[str, str]:
    if not one["there"]:
        return "", ""
    before, after = one["before"] or "", one["after"] or ""
    if one["cut_before"]:
        before = "… " + re.sub(r"^\S*\s+", "", before)
    if one["cut_after"]:
        after = re.sub(r"\s+\S*$", "", after) + " …"
    return before, after


def as_table(result: Result) -> dict[str, Any]:
    """Result → columns and rows of plain values; JSON says each name once."""
    return {"columns": list(result.columns), "rows": [[as_plain(v) for v in row] for row in result.rows]}


def _count(ask: Ask, table: str) -> int:
    return int(ask(f"SELECT count(*) FROM {table}").rows[0][0])


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"
