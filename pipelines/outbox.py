"""Alerts ↔ the state: what was told, what is still to be told to whom; each once, whatever the restarts.

Takes alerts and outcomes of deliveries, gives what is due; every change is one transaction, on disk when it
returns. An alert is recorded before it is delivered, together with whom it goes to.
"""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pipelines.alert_matches import Match
from pipelines.state import transaction

_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS alert_rules (
    name TEXT PRIMARY KEY, digest TEXT NOT NULL, at REAL NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS alerts (
    id TEXT PRIMARY KEY, at REAL NOT NULL, about TEXT, since TEXT, body TEXT
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS alerts_about ON alerts (about, since) WHERE about IS NOT NULL;
CREATE INDEX IF NOT EXISTS alerts_texts ON alerts (id) WHERE body IS NOT NULL;
CREATE TABLE IF NOT EXISTS deliveries (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    alert TEXT NOT NULL, target TEXT NOT NULL,
    due REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, done REAL, outcome TEXT NOT NULL DEFAULT '',
    UNIQUE (alert, target)
);
CREATE INDEX IF NOT EXISTS deliveries_due ON deliveries (target, number) WHERE done IS NULL;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """An alert that is to be told to a target."""

    number: int
    id: str
    target: str
    tries: int
    body: str


def open_outbox(connection: sqlite3.Connection) -> None:
    """Connection to the state → the same with the tables of the outbox."""
    for statement in _SCHEMA.split(";"):
        connection.execute(statement)


def find_begun(connection: sqlite3.Connection) -> dict[str, str]:
    """State → the rules that have begun: their names and digests."""
    return dict(connection.execute("SELECT name, digest FROM alert_rules"))


def is_known(connection: sqlite3.Connection, match: Match) -> bool:
    """State and a match → whether it was told, is about to be, or was there before its rule began.

    A stance that is found to have begun earlier than was told is the same stance.
    """
    found = connection.execute(
        "SELECT 1 FROM alerts WHERE id = ? UNION ALL SELECT 1 FROM alerts WHERE about = ? AND since >= ?",
        (match.id, match.about, match.since),
    )
    return found.fetchone() is not None


def begin_rule(
    connection: sqlite3.Connection, name: str, digest: str, matches: Iterable[Match], now: float
) -> None:
    """Rule that is new, or lets other events through than before → begun: what matches now is not told."""
    with transaction(connection):
        connection.executemany(
            "INSERT OR IGNORE INTO alerts VALUES (?, ?, ?, ?, NULL)",
            ((match.id, now, match.about, match.since) for match in matches),
        )
        connection.execute("INSERT OR REPLACE INTO alert_rules VALUES (?, ?, ?)", (name, digest, now))


def record_alerts(
    connection: sqlite3.Connection,
    alerts: Iterable[tuple[Match, Mapping[str, Any], Sequence[str]]],
    now: float,
) -> None:
    """Matches, each with its body and targets → alerts that wait for their delivery."""
    with transaction(connection):
        for match, body, targets in alerts:
            text = json.dumps(body, ensure_ascii=False)
            row = (match.id, now, match.about, match.since, text)
            connection.execute("INSERT INTO alerts VALUES (?, ?, ?, ?, ?)", row)
            connection.executemany(
                "INSERT INTO deliveries (alert, target, due) VALUES (?, ?, ?)",
                [(match.id, target, now) for target in dict.fromkeys(targets)],
            )


def list_due(connection: sqlite3.Connection, target: str, now: float, limit: int) -> list[Delivery]:
    """State and a target → what may be told to it now, oldest first."""
    rows = connection.execute(
        "SELECT number, alert, target, tries, body FROM deliveries JOIN alerts ON alerts.id = alert"
        " WHERE target = ? AND done IS NULL AND due <= ? ORDER BY number LIMIT ?",
        (target, now, limit),
    ).fetchall()
    return [Delivery(number=row[0], id=row[1], target=row[2], tries=row[3], body=row[4]) for row in rows]


def list_newest(connection: sqlite3.Connection, target: str, limit: int) -> list[str]:
    """State and a target → the bodies of the newest alerts that go to it, newest first."""
    rows = connection.execute(
        "SELECT body FROM deliveries JOIN alerts ON alerts.id = alert"
        " WHERE target = ? AND body IS NOT NULL ORDER BY number DESC LIMIT ?",
        (target, limit),
    )
    return [body for (body,) in rows]


def mark_done(
    connection: sqlite3.Connection, deliveries: Iterable[Delivery], now: float, outcome: str
) -> None:
    """Deliveries → done, with what came of them."""
    with transaction(connection):
        connection.executemany(
            "UPDATE deliveries SET done = ?, outcome = ?, tries = tries + 1 WHERE number = ?",
            [(now, outcome[:200], delivery.number) for delivery in deliveries],
        )


def postpone(
    connection: sqlite3.Connection, delivery: Delivery, due: float, outcome: str, *, target_down: bool
) -> None:
    """Delivery that failed → to be tried again when it is due.

    Where its target can't be reached at all, the others that wait for it are not tried before either: an
    outage costs the tries of one alert at a time.
    """
    with transaction(connection):
        connection.execute(
            "UPDATE deliveries SET due = ?, tries = tries + 1, outcome = ? WHERE number = ?",
            (due, outcome[:200], delivery.number),
        )
        if target_down:
            connection.execute(
                "UPDATE deliveries SET due = ? WHERE target = ? AND done IS NULL AND due < ?",
                (due, delivery.target, due),
            )


def keep_only(
    connection: sqlite3.Connection, rules: Iterable[str], targets: Iterable[str], now: float
) -> int:
    """Rules and targets there are → how many deliveries were given up, as they went to others.

    A rule that is no longer there begins anew when it comes back: what came meanwhile is not told.
    """
    with transaction(connection):
        gone_rules = set(find_begun(connection)) - set(rules)
        connection.executemany("DELETE FROM alert_rules WHERE name = ?", [(name,) for name in gone_rules])
        known = set(targets)
        waiting = connection.execute("SELECT DISTINCT target FROM deliveries WHERE done IS NULL").fetchall()
        gone = [target for (target,) in waiting if target not in known]
        return sum(
            connection.execute(
                "UPDATE deliveries SET done = ?, outcome = 'no longer there'"
                " WHERE target = ? AND done IS NULL",
                (now, target),
            ).rowcount
            for target in gone
        )


def forget_bodies(connection: sqlite3.Connection, rss_targets: Sequence[str], kept: int) -> None:
    """State → the same without the texts of alerts that all have been told and no RSS file lists any more.

    Their ids stay: they are what makes an alert come only once.
    """
    with transaction(connection):
        listed = {
            alert
            for target in rss_targets
            for (alert,) in connection.execute(
                "SELECT alert FROM deliveries WHERE target = ? ORDER BY number DESC LIMIT ?", (target, kept)
            )
        }
        told = connection.execute(
            "SELECT id FROM alerts WHERE body IS NOT NULL AND NOT EXISTS"
            " (SELECT 1 FROM deliveries WHERE alert = id AND done IS NULL)"
        ).fetchall()
        connection.executemany(
            "UPDATE alerts SET body = NULL WHERE id = ?", [(name,) for (name,) in told if name not in listed]
        )
