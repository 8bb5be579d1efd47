"""How long `serve` takes to answer, over few events in the suite and over a million by hand.

python -m pytest tests/load -s -n 0 --limits -k million
"""

import statistics
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from made_news import make_news

from pipelines.report_session import list_names
from pipelines.serve import LiveTables, answer_with
from pipelines.settings import load_settings

_SINCE = "since=2025-02-01"
PATHS = (
    f"/view.json?{_SINCE}",
    f"/view.json?{_SINCE}&beneficiary=UKR&stance=oppose&ledger_sort=sure&events_sort=n_sources&events_down=1",
    f"/view.json?{_SINCE}&search=denmark+reforms",
    f"/view.json?{_SINCE}&from=2023-01-01&to=2023-12-31&events_page=40",
    "/event.json?id=r0000007",
    "/",
)
#: seconds that are promised over a million events
_PROMISED = 2.0
_BATCH = 50_000


def test_answers_over_a_million_events(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    limits = request.config.getoption("--limits")
    events = 1_000_000 if limits else 2_000
    for first in range(0, events, _BATCH):
        make_news(tmp_path / "data", min(_BATCH, events - first), first=first, seed=first)
    names = list_names(load_settings(None, {}).settings.build_world())
    started = time.monotonic()
    tables = LiveTables(tmp_path / "data", names, None, lambda: datetime.now(UTC))
    print(f"\n{events:,} events, read in {time.monotonic() - started:.1f} s")
    answer = answer_with(tables, names)
    for path in PATHS:
        took, spent = [], []
        for _ in range(5):
            wall, cpu = time.monotonic(), time.process_time()
            given = answer(path, "localhost")
            took.append(time.monotonic() - wall)
            spent.append(time.process_time() - cpu)
            assert given.status == 200, given.body
        print(
            f"{statistics.median(took):6.2f} s, {statistics.median(spent):5.2f} s of processor  {path[:90]}"
        )
        if limits:
            assert statistics.median(took) < _PROMISED
