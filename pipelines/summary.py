"""Counters of a run → its summary: how many documents ended as what. Plain values and one readable table."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rich.console import Console
from rich.table import Table

from transforms.rejections import ERROR


@dataclass(frozen=True, slots=True)
class RunCounts:
    """What was counted; batches are added up with `+`."""

    #: read, known (left out: a row is there already), originals, copies
    documents: Counter[str] = field(default_factory=Counter)
    #: by reason
    rejected: Counter[str] = field(default_factory=Counter)
    #: by 'kind stance'
    events: Counter[str] = field(default_factory=Counter)
    #: records of web archives that are counted only, by outcome
    passed_over: Counter[str] = field(default_factory=Counter)

    def __add__(self, other: "RunCounts") -> "RunCounts":
        return RunCounts(
            self.documents + other.documents,
            self.rejected + other.rejected,
            self.events + other.events,
            self.passed_over + other.passed_over,
        )

    @property
    def read(self) -> int:
        """Documents read, whatever became of them."""
        return self.documents["read"]

    @property
    def accepted(self) -> int:
        """Articles written, copies among them."""
        return self.documents["originals"] + self.documents["copies"]

    @property
    def errors(self) -> int:
        """Documents in which something happened that nobody expected."""
        return self.rejected[ERROR]


def collect_counts(counters: Mapping[tuple[str, str], int]) -> RunCounts:
    """Counters by (group, name) → counts; groups that are not ours are left out."""
    counts = RunCounts()
    for (group, name), value in counters.items():
        tally = {
            "documents": counts.documents,
            "rejected": counts.rejected,
            "events": counts.events,
            "passed over": counts.passed_over,
        }.get(group)
        if tally is not None and value:
            tally[name] += value
    return counts


def list_counts(counts: RunCounts, seconds: float) -> list[tuple[str, int | str]]:
    """Counts → (what, how many) for each line of the summary; indented lines are part of the one above."""
    lines: list[tuple[str, int | str]] = [
        ("documents read", counts.read),
        ("already known", counts.documents["known"]),
        ("accepted", counts.accepted),
        ("  of them near-duplicates", counts.documents["copies"]),
        ("rejected", counts.rejected.total()),
    ]
    lines += [(f"  {reason}", number) for reason, number in counts.rejected.most_common()]
    if counts.passed_over:
        lines.append(("passed over in archives", counts.passed_over.total()))
        lines += [(f"  {outcome}", number) for outcome, number in counts.passed_over.most_common()]
    lines += list_events(counts)
    rate = f" ({counts.read / seconds:,.0f} documents a second)" if seconds > 1 and counts.read else ""
    lines.append(("seconds", f"{seconds:,.1f}{rate}"))
    return lines


def list_events(counts: RunCounts) -> list[tuple[str, int | str]]:
    """Counts → the lines of the summary that tell of events."""
    lines: list[tuple[str, int | str]] = [("events", counts.events.total())]
    kinds: dict[str, Counter[str]] = {}
    for name, number in counts.events.items():
        kind, _, stance = name.partition(" ")
        kinds.setdefault(kind, Counter())[stance] += number
    for kind, stances in sorted(kinds.items(), key=lambda item: (-item[1].total(), item[0])):
        detail = ", ".join(f"{number} {stance}" for stance, number in stances.most_common())
        lines.append((f"  {kind}", detail))
    return lines


def print_summary(lines: Iterable[tuple[str, int | str]], console: Console, heading: str) -> None:
    """Lines of a summary → a table on the console."""
    console.print(heading, style="bold", soft_wrap=True, highlight=False)
    table = Table(show_header=False, box=None)
    table.add_column()
    table.add_column()
    for what, number in lines:
        style = "" if not what.startswith("  ") else "dim"
        table.add_row(what, f"{number:,}" if isinstance(number, int) else number, style=style)
    console.print(table)
