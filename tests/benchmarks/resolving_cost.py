"""A million events → what it costs to resolve them, to resolve one batch more, and to ask for the ledger.

Called as `python tests/benchmarks/resolving_cost.py [ROWS] [FOLDER]`; a folder that is given is kept, and
what is in it is not made again. The rows are made by chance from a fixed seed: some actors much busier than
others, an event reported by one to six articles within days, one article in ten with copies.
"""

import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

sys.path.insert(0, str(Path(__file__).parents[1] / "stand_ins"))

from made_rows import at, make_article_row, make_event_row

from pipelines.query import run_query
from pipelines.resolving import Resolved, resolve_events
from transforms.commit import commit_staged, next_batch, read_snapshot
from transforms.compaction import maintain
from transforms.staging import stage_batch

T = TypeVar("T")

NOW = datetime(2026, 1, 1, tzinfo=UTC)
FIRST = date(2022, 1, 1)
DAYS = 4 * 365
AT_ONCE = 50_000

ACTORS = (
    "USA DEU GBR FRA POL HUN TUR SVK ITA ESP NLD BEL DNK NOR SWE FIN EST LVA LTU CZE ROU BGR GRC HRV SVN AUT"
    " IRL PRT LUX CAN AUS JPN KOR NATO EU NATO:members EU:members G7 ISL MNE ALB MKD CHE SRB IND BRA ZAF CHN"
).split()
GAINERS = "UKR SWE FIN MDA GEO BIH MKD TUR ALB SRB".split()
KINDS = "endorse pledge_aid provide_aid sign ratify oppose block condition withdraw threaten".split()
AGAINST = {"oppose", "block", "threaten", "withdraw"}


def make_events(count: int, seed: int, first: date, days: int) -> Iterator[tuple[dict[str, Any], list[Any]]]:
    """So many rows of events, and with each the rows of the copies of its article."""
    chance = random.Random(seed)
    weights = [1 / (rank + 1) for rank in range(len(ACTORS))]
    made = 0
    while made < count:
        actor = chance.choices(ACTORS, weights)[0]
        gainer = chance.choices(GAINERS, weights[: len(GAINERS)])[0]
        kind = chance.choice(KINDS)
        aid = kind in ("pledge_aid", "provide_aid", "withdraw")
        day = first + timedelta(days=chance.randrange(days))
        for _ in range(min(chance.choice([1, 1, 1, 2, 3, 6]), count - made)):
            made += 1
            name = f"s{seed}-{made}"
            lag = chance.choice([0, 0, 0, 1, 1, 20])
            told = chance.random()
            conditional = kind == "condition" or told > 0.9
            stance = "oppose" if kind in AGAINST else "conditional" if conditional else "support"
            fields: dict[str, Any] = {
                "actors": [actor] if told < 0.9 or actor == "POL" else [actor, "POL"],
                "beneficiaries": [gainer],
                "kind": kind,
                "object": "military_aid" if aid else "membership",
                "alliance": None if aid and told < 0.5 else "NATO",
                "stance": stance,
                "condition": "once the reforms are done" if conditional else None,
                "event_date": None if lag == 20 else day,
                "event_date_basis": None if lag == 20 else "relative" if told < 0.5 else "publication",
                "published_at": at(day + timedelta(days=lag)),
                "first_seen": at(day + timedelta(days=lag), 13),
                "source": f"site{chance.randrange(300)}.example",
                "url": f"https://news.example/{name}",
                "confidence": round(chance.uniform(0.5, 1), 3),
                "evidence": [{"field": "text", "start": 0, "end": 120, "text": f"{name} " * 14}],
                "title": f"{actor} and {gainer}: what was said and done, {name}",
            }
            copies = [
                make_article_row(f"{name}-c{i}", duplicate_of=name, published_at=fields["published_at"])
                for i in range(chance.choice([0] * 9 + [3]))
            ]
            yield make_event_row(name, name, **fields), copies


def write_events(data: Path, count: int, seed: int, first: date, days: int) -> None:
    """Rows by chance, through the writer of the tables, so many in a batch."""
    waiting: tuple[list[Any], list[Any]] = ([], [])
    for position, (event, copies) in enumerate(make_events(count, seed, first, days), 1):
        waiting[0].append(event)
        waiting[1].extend(copies)
        if position % AT_ONCE == 0 or position == count:
            batch = next_batch(data)
            stage_batch(data, batch, {"events": waiting[0], "articles": waiting[1]})
            commit_staged(data, batch)
            waiting = ([], [])


def measure(name: str, act: Callable[[], T], note: Callable[[T], object]) -> T:
    """An act → its result; a line of what it cost."""
    wall, cpu = time.perf_counter(), time.process_time()
    result = act()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:36} {wall:8.2f} s {cpu:8.2f} s of processor {peak:7.0f} MB  {note(result)}", flush=True)
    return result


def show(done: Resolved) -> str:
    """What resolving did → words."""
    return f"{done.mentions:,} mentions, {done.written:,} written, {done.dropped:,} replaced"


def run(data: Path, rows: int) -> None:
    """Write, resolve, add, resolve again, ask."""
    if not (data / "events").exists():
        measure(f"write {rows:,} events", lambda: write_events(data, rows, 1, FIRST, DAYS), str)
        measure("join the files", lambda: maintain(data, NOW), lambda _: "")
    if not (data / "resolved_events").exists():
        measure("resolve from nothing", lambda: resolve_events(data, NOW), show)
        measure("join the files", lambda: maintain(data, NOW), lambda _: "")
    measure("resolve, nothing new", lambda: resolve_events(data, NOW), show)
    for seed, more in ((2, 20), (3, 1000)):
        seed += 10 * next_batch(data)
        last = FIRST + timedelta(days=DAYS - 3)
        write_events(data, more, seed, last, 3)
        measure(f"resolve {more:,} events more", lambda: resolve_events(data, NOW), show)
    for name in ("ledger", "changes", "ordinals", "resolved"):
        measure(f"query {name}", lambda name=name: run_query(data, name), lambda r: f"{len(r.rows):,} rows")
    files = {name: len(some) for name, some in read_snapshot(data).items()}
    print(f"files: {files}")


def main() -> None:
    """Arguments → the measurements."""
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    if len(sys.argv) > 2:
        run(Path(sys.argv[2]), rows)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder) / "data", rows)


if __name__ == "__main__":
    main()
