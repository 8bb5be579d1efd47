"""Tables and a rule → the resolved events that match it, and the words in which each is told.

Takes a DuckDB connection to the tables and rules, gives matches and bodies; rejects nothing. A match is named
by the rule, the event and what of it is told, so that the same is the same after a restart and after `resolve
--rebuild`.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from pipelines.alert_settings import AlertRule
from pipelines.sql_text import quoted

#: characters of a text that are told
_MAX_TEXT: Final = 2_000
_ROWS_AT_ONCE: Final = 10_000
_TOLD: Final = (
    "actor with_actors actor_role beneficiary alliance object kind factuality attributed_to condition"
    " ordinal event_date event_date_precision place place_country n_reports n_sources agreement confidence"
    " first_reported"
).split()


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """An event that a rule lets through."""

    #: 16 hex digits
    id: str
    rule: str
    resolved_id: str
    stance: str
    #: of the same actor toward the same, where the rule is about changes
    previous_stance: str | None
    #: names rule, actor, stance and toward whom, where the rule is about changes
    about: str | None
    #: day on which the stance began, ISO 8601
    since: str | None


def find_matches(connection: Any, rule: AlertRule) -> Iterator[Match]:
    """Connection and rule → what matches now, new or not."""
    reader = connection.sql(_select(rule)).to_arrow_reader(_ROWS_AT_ONCE)
    for batch in reader:
        for row in batch.to_pylist():
            key = row.pop("key")
            yield Match(
                id=_hash(rule.name, row["resolved_id"], row["stance"]),
                rule=rule.name,
                about=_hash(rule.name, key, row["stance"]) if key else None,
                **row,
            )


def _hash(*words: str) -> str:
    return hashlib.sha256("\0".join(words).encode()).hexdigest()[:16]


def digest_rule(rule: AlertRule) -> str:
    """Rule → names what it lets through: with another, what matches already is not told."""
    stated = {name: value for name, value in asdict(rule).items() if name != "to"}
    return _hash(json.dumps(stated, sort_keys=True))


def _select(rule: AlertRule) -> str:
    if rule.when == "event":
        start = (
            "SELECT resolved_id, stance, CAST(NULL AS VARCHAR) AS previous_stance,"
            " CAST(NULL AS VARCHAR) AS key, CAST(NULL AS VARCHAR) AS since"
            " FROM resolved_events AS e WHERE true"
        )
        table, sources, sure = "e", "e.n_sources", "e.confidence"
    else:
        # What was over before it was reported is no change of now.
        start = (
            "SELECT p.resolved_id, p.stance, p.previous_stance, concat_ws(' ', p.actor, p.beneficiary,"
            " coalesce(p.alliance, '-'), p.object) AS key, CAST(p.since AS VARCHAR) AS since"
            " FROM positions AS p JOIN resolved_events AS e USING (resolved_id) WHERE p.until IS NULL"
        )
        table, sources, sure = "p", "p.n_sources", "p.confidence"
    if rule.when == "changed":
        start += " AND p.previous_stance IS NOT NULL"
    if rule.when == "supporter":
        start += (
            " AND p.stance IN ('support', 'conditional', 'ratified')"
            " AND coalesce(p.previous_stance, 'oppose') = 'oppose'"
        )
    parts = [start]
    for column in ("actor", "beneficiary", "alliance", "object", "kind", "stance"):
        if some := getattr(rule, column):
            parts.append(f"{table}.{column} IN ({', '.join(map(quoted, some))})")
    parts.append(f"e.factuality IN ({', '.join(map(quoted, rule.factuality))})")
    # As decimals: a float32 of 0.7 is less than a double of 0.7.
    parts.append(f"round(CAST({sure} AS DOUBLE), 6) >= {rule.min_confidence:f}")
    parts.append(f"{sources} >= {rule.min_sources}")
    return " AND ".join(parts)


def write_bodies(connection: Any, matches: Sequence[Match], now: float) -> dict[str, dict[str, Any]]:
    """Connection, matches and the moment → by id what is told: event, evidence and links, for JSON."""
    if not matches:
        return {}
    names = ", ".join(quoted(match.resolved_id) for match in matches)
    columns = ", ".join(("resolved_id", *_TOLD, "evidence", "title", "url", "source"))
    found = connection.sql(f"SELECT {columns} FROM resolved_events WHERE resolved_id IN ({names})")
    events = {row["resolved_id"]: row for row in found.to_arrow_table().to_pylist()}
    articles = {quote["article_id"] for row in events.values() for quote in row["evidence"]}
    listed = ", ".join(quoted(one) for one in sorted(articles)) or "NULL"
    read = connection.sql(f"SELECT article_id, url, source FROM articles WHERE article_id IN ({listed})")
    known = {row["article_id"]: row for row in read.to_arrow_table().to_pylist()}
    return {match.id: _body(match, events[match.resolved_id], known, now) for match in matches}


def _body(match: Match, event: Mapping[str, Any], articles: Mapping[str, Any], now: float) -> dict[str, Any]:
    evidence = [
        {
            "text": _plain(quote["text"]),
            "article_id": quote["article_id"],
            "url": articles.get(quote["article_id"], {}).get("url"),
            "source": articles.get(quote["article_id"], {}).get("source"),
        }
        for quote in event["evidence"]
    ]
    links = [event["url"], *(quote["url"] for quote in evidence)]
    return {
        "id": match.id,
        "rule": match.rule,
        "at": _plain(datetime.fromtimestamp(now, UTC)),
        "event": {
            "resolved_id": match.resolved_id,
            "stance": match.stance,
            "previous_stance": match.previous_stance,
            **{name: _plain(event[name]) for name in _TOLD},
        },
        "title": _plain(event["title"]),
        "source": event["source"],
        "evidence": evidence,
        "links": [link for link in dict.fromkeys(links) if link],
    }


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(f"{value:.7g}")
    if isinstance(value, str):
        return value if len(value) <= _MAX_TEXT else value[: _MAX_TEXT - 1] + "…"
    return value
