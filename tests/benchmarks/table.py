"""Results → the table as text, and whether a row has become worse than one kept: by ratios, generously."""

from collections.abc import Sequence

from rows import Result

#: A row may be this much worse than it was before it counts as a regression: machines differ in their ratios.
MARGIN = 1.5
#: Their figures are no ratios and depend on the machine.
_NO_RATIOS = frozenset(("others", "stages", "growth"))
#: where a figure is so small that its share says nothing
_SLACK = {"quality": 0.005, "commit": 0.02}


def draw_table(results: Sequence[Result], heading: Sequence[str]) -> str:
    """Results and what stands above them → the table."""
    lines = [
        (
            _name(one),
            one.measure,
            f"{one.value:.3g}" if one.value < 1000 else f"{one.value:,.0f}",
            _promise(one),
            _verdict(one),
            one.detail,
        )
        for one in results
    ]
    titles = ("work", "measure", "value", "target", "", "made of")
    widths = [max(len(line[i]) for line in (titles, *lines)) for i in range(len(titles))]
    drawn = [*heading, ""]
    group = ""
    for row, line in ((None, titles), *((one.row, line) for one, line in zip(results, lines, strict=True))):
        if row is not None and row.partition("-")[0] != group:
            group = row.partition("-")[0]
            drawn.append("")
        numbers = (2, 3)
        cells = [
            text.rjust(width) if i in numbers else text.ljust(width)
            for i, (text, width) in enumerate(zip(line, widths, strict=True))
        ]
        drawn.append("  ".join(cells).rstrip())
    return "\n".join(drawn) + "\n"


def _name(one: Result) -> str:
    """'growth: pages' and '2,000' → 'pages: 2,000'; other rows as they are called."""
    name, _, axis = one.row.partition(": ")
    return f"{axis}: {one.work}" if name == "growth" else one.work


def _promise(one: Result) -> str:
    if one.target is None:
        return ""
    return f"{'≥' if one.at_least else '≤'} {one.target:g}"


def _verdict(one: Result) -> str:
    met = one.is_met()
    return "" if met is None else "met" if met else "MISSED"


def find_regressions(results: Sequence[Result], kept: Sequence[Result]) -> list[str]:
    """Results of now and those kept → what is worse now, in words; what meets its target isn't."""
    before = {(one.row, one.work): one for one in kept}
    found = []
    for one in results:
        was = before.get((one.row, one.work))
        if was is None or one.is_met() or one.row.partition(":")[0] in _NO_RATIOS:
            continue
        bound = was.value / MARGIN if one.at_least else was.value * MARGIN + _SLACK.get(one.row, 0.0)
        if one.value < bound if one.at_least else one.value > bound:
            found.append(f"{one.work}: {one.measure} {one.value:.3g}, was {was.value:.3g}")
    return found
