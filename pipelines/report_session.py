"""`report` from its options to its file: what the tables hold, as one page."""

import os
import sys
from argparse import Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pipelines.command import DONE
from pipelines.query import with_tables
from pipelines.report import Names, Since, gather_report
from pipelines.report_page import find_earlier, render_page
from pipelines.settings import load_settings
from transforms.data_folder import os_errors_as_unwritable
from transforms.knowledge import World

#: where there is no earlier report, what became known in this time before the newest event counts as new
_FIRST_LOOK = timedelta(days=30)


def write_report(options: Namespace) -> int:
    """Options of `report` → exit code.

    Raises:
        SettingsError, MissingData, UnwritableData, BadQuery: as their words say.
    """
    names = list_names(load_settings(options.config, os.environ).settings.build_world())
    now = options.now or datetime.now(UTC)
    since = find_since(options.since, find_earlier(options.out), now)

    def gather(ask: Any) -> dict[str, Any]:
        return gather_report(ask, names, now, since, options.limit)

    report = with_tables(options.data, gather)
    page = render_page({"mode": "file", **report}).encode()
    _replace(options.out, page)
    events, spells = (report["limit"][name] for name in ("events", "spells"))
    print(
        f"{options.out}: {events[0]:,} of {events[1]:,} events, "
        f"{spells[0]:,} of {spells[1]:,} spells of positions, "
        f"changes since {report['since']} ({since.basis}), {len(page) / 1e6:.1f} MB",
        file=sys.stderr,
    )
    return DONE


def list_names(world: World) -> Names:
    """World → what its codes are called."""
    return Names(
        countries={country.code: country.name for country in world.countries},
        alliances={alliance.id: alliance.name for alliance in world.alliances},
    )


def find_since(asked: datetime | None, earlier: datetime | None, now: datetime) -> Since:
    """What the user asked for, the moment of an earlier report, and now → from when on changes are told."""
    if asked is not None:
        return Since(moment=asked, basis="as asked")
    if earlier is not None and earlier <= now:
        return Since(moment=earlier, basis="the earlier report")
    return Since(moment=now - _FIRST_LOOK, basis="no earlier report: 30 days")


def _replace(path: Path, content: bytes) -> None:
    """Path and content → the file, whole or as it was before."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with os_errors_as_unwritable(path):
        try:
            draft.write_bytes(content)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)
