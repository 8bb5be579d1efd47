"""Writes numbered batches into a data folder until it is killed, or until it has written enough.

Called as `python write_batches.py FOLDER LAST SEED`. The rows follow from the number alone, so that
who counts them later knows what must be there.
"""

import random
import sys
from datetime import UTC, datetime
from pathlib import Path

from pipelines.resolving import resolve_events
from transforms.commit import commit_staged, next_batch, recover
from transforms.compaction import maintain
from transforms.data_folder import write_lock
from transforms.rows import Row
from transforms.staging import stage_batch

NOW = datetime(2025, 5, 6, 7, 8, 9, tzinfo=UTC)


def rows_of(batch: int) -> dict[str, list[Row]]:
    """Batch number → its rows: any number from none up, in a few months."""
    chance = random.Random(batch)
    articles: list[Row] = []
    events: list[Row] = []
    rejects: list[Row] = []
    for i in range(chance.choice([0, 1, 5, 20])):
        month = f"2024-{chance.randint(1, 4):02d}"
        articles.append(
            {
                "article_id": f"a{batch}-{i}", "title": "A title", "text": "A text. " * 20, "language": "en",
                "authors": [], "first_seen": NOW, "topics": [{"name": "enlargement", "score": 0.5}],
                "stance": "support", "stance_score": 0.5, "n_events": 1, "content_sha256": "0",
                "origin": "test", "key": f"k{batch}-{i}", "notes": [], "published_month": month,
            }
        )  # fmt: skip
        events.append(
            {
                "event_id": f"e{batch}-{i}", "article_id": f"a{batch}-{i}", "actors": ["BGR"],
                "actor_role": "HEAD", "beneficiaries": ["UKR"], "object": "membership", "kind": "sign",
                "plover": "SUPPORT", "cameo": "057", "stance": "support", "factuality": "asserted",
                "evidence": [{"field": "text", "start": 0, "end": 7, "text": "A text."}],
                "confidence": 0.9, "rule": "r", "title": "A title", "first_seen": NOW, "detector": "d",
                "event_month": month,
            }
        )  # fmt: skip
    for i in range(chance.choice([0, 3])):
        rejects.append(
            {
                "key": f"r{batch}-{i}", "stage": "read", "reason": "empty", "detail": "", "origin": "test",
                "first_seen": NOW, "seen_month": "2025-05",
            }
        )  # fmt: skip
    return {"articles": articles, "events": events, "rejects": rejects}


def main() -> None:
    """Recover, then go on with the batch after the last one that was committed."""
    data, last, chance = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    with write_lock(data):
        recover(data)
        batch = next_batch(data)
        print("ready", flush=True)
        while batch <= last:
            rows = rows_of(batch)
            if any(rows.values()):
                stage_batch(data, batch, rows)
                commit_staged(data, batch)
            if chance.random() < 0.5:
                resolve_events(data, NOW)
            if chance.random() < 0.15:
                maintain(data, NOW)
            batch += 1
    print("done", flush=True)


if __name__ == "__main__":
    main()
