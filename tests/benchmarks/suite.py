"""What the project costs against the floor and against what a user would pick instead: `make bench`.

Measures the chosen rows, keeps their figures in results.json and draws results.txt and results.svg from all
that are kept. Absolute times mean little on a machine that others use: the ratios are of CPU seconds of
processes that ran in turns. `--check` keeps nothing, and its exit code is 1 where a ratio has become worse.

    make bench                                        # every row: about an hour on two cores
    make bench ARGS="--rows warc --pages 2000 --rounds 5"
    make bench ARGS="--rows memory --gigabytes 0.5 5"
    make bench-check                                  # a few minutes
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from chart import draw_chart
from measuring import HERE, ROOT
from rows import ROWS, Result, Sizes
from table import draw_table, find_regressions

_KEPT = HERE / "results.json"


def main(arguments: Sequence[str] | None = None) -> int:
    """Arguments → exit code."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--rows", nargs="+", choices=ROWS, default=list(ROWS), metavar="ROW", help=", ".join(ROWS)
    )
    parser.add_argument("--pages", type=int, help="instead of each row's own number")
    parser.add_argument("--scale", type=float, default=1.0, help="of each row's own number of pages")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--gigabytes", type=float, nargs=2, default=(0.5, 5.0), metavar=("SMALL", "LARGE"))
    parser.add_argument("--folder", type=Path, help="where the inputs are made; a temporary one by default")
    parser.add_argument("--check", action="store_true", help="exit code 1 where a ratio has become worse")
    parser.add_argument("--draw", action="store_true", help="measure nothing, draw what is kept")
    options = parser.parse_args(arguments)
    sizes = Sizes(
        rounds=options.rounds, scale=options.scale, pages=options.pages, gigabytes=tuple(options.gigabytes)
    )
    measured: list[Result] = []
    for row in () if options.draw else options.rows:
        found = _measure(row, sizes, options.folder)
        measured += found
        if not options.check:
            # At once: rows may be measured side by side, and a later one may fail.
            kept = _merge(_read_kept(), found)
            _KEPT.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    kept = _read_kept()
    if options.check:
        worse = find_regressions(measured, [_restore(one) for one in kept["results"]])
        print(draw_table(measured, _heading(_describe_machine())))
        print("\n".join(("worse than before:", *worse)) if worse else "nothing is worse than before")
        return 1 if worse else 0
    results = [_restore(one) for one in kept["results"]]
    table = draw_table(results, _heading(kept["machine"]))
    (HERE / "results.txt").write_text(table, encoding="utf-8")
    heading = "cost against its target: each bar as a share of the most that was promised"
    (HERE / "results.svg").write_text(draw_chart(results, heading), encoding="utf-8")
    print(table)
    return 0


def _measure(row: str, sizes: Sizes, folder: Path | None) -> list[Result]:
    print(row, file=sys.stderr, flush=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="bench-", dir=folder) as inputs:
        measured = list(ROWS[row](sizes, Path(inputs)))
    print(f"  {time.monotonic() - started:.0f} s", file=sys.stderr, flush=True)
    return measured


def _merge(kept: dict[str, Any], measured: Sequence[Result]) -> dict[str, Any]:
    """What is kept and what was measured now → both: rows measured anew take the place of the old."""
    anew = {one.row for one in measured}
    machine = _describe_machine()
    lines = [one for one in kept["results"] if one["row"] not in anew]
    lines += [{**asdict(one), "commit": machine["commit"]} for one in measured]
    order = {row: place for place, row in enumerate(ROWS)}

    def place(line: dict[str, Any]) -> int:
        return order.get(line["row"].partition(":")[0], len(order))

    return {"machine": machine, "results": sorted(lines, key=place)}


def _restore(line: dict[str, Any]) -> Result:
    fields = {name: line[name] for name in Result.__dataclass_fields__}
    result = Result(**fields)
    return replace(result, detail=f"{result.detail} [{line['commit']}]") if line.get("commit") else result


def _read_kept() -> dict[str, Any]:
    if not _KEPT.exists():
        return {"machine": _describe_machine(), "results": []}
    kept: dict[str, Any] = json.loads(_KEPT.read_text(encoding="utf-8"))
    return kept


def _describe_machine() -> dict[str, Any]:
    """The commit, with a plus where files differ from it, and the cores there are."""

    def git(*words: str) -> str:
        done = subprocess.run(["git", *words], capture_output=True, text=True, cwd=ROOT, check=False)
        return done.stdout.strip()

    changed = git("status", "--porcelain", "--", "pipelines", "transforms", "configs")
    return {
        "cores": os.cpu_count(),
        "commit": git("rev-parse", "--short=9", "HEAD") + ("+" if changed else ""),
    }


def _heading(machine: dict[str, Any]) -> list[str]:
    return [
        f"Benchmarks of alliance-watch, {machine['cores']} cores, last at commit {machine['commit']}, by",
        "`make bench`. Medians of rounds run in turns; [commit] says what a row was measured at.",
    ]


if __name__ == "__main__":
    sys.exit(main())
