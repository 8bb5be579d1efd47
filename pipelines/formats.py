"""A result → text: an aligned table, CSV, JSON or JSON lines.

Takes columns and rows, writes to a stream; rejects nothing: every value has a form.
Dates are ISO 8601 and times end in Z. A table is never cut off: cells wrap, and where the columns can't
fit side by side each row becomes a block of lines.
"""

import csv
import json
import math
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, Final, Literal, TextIO, get_args

from rich import box
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipelines.query import Result

Format = Literal["table", "csv", "json", "jsonl"]
FORMATS: Final = get_args(Format)

#: No column of words gets narrower than this before a table turns into blocks.
_NARROWEST: Final = 12
_GAP: Final = 2
#: Places where a code may be broken when room is short: `military_` `aid`, `NATO:` `members`.
_JOINTS: Final = re.compile("(?<=[a-z]_)(?=[a-z])|(?<=[A-Z]:)(?=[a-z])")
_CODES: Final = re.compile(r"[\w:, ]{1,80}")
_STANCE_STYLES: Final = {"support": "green", "oppose": "red", "conditional": "yellow"}
# C0 and C1 controls and the bidirectional overrides: they could move the cursor or turn the line.
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


def render(
    result: Result, format: Format, stream: TextIO, *, width: int | None = None, color: bool = False
) -> None:
    """Result → the same in a format, written to a stream.

    Args:
        result: columns and rows.
        format: `table`, `csv` (RFC 4180), `json` (an array of objects) or `jsonl`.
        stream: text, opened with newline='' where the platform would change line ends.
        width: of the terminal; None for a pipe: one line a row, however long.
        color: whether the table may use colours.
    """
    if format == "csv":
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(result.columns)
        writer.writerows([_flat(value) for value in row] for row in result.rows)
    elif format == "json":
        lines = ",\n".join(_objects(result))
        stream.write(f"[\n{lines}\n]\n" if lines else "[]\n")
    elif format == "jsonl":
        stream.writelines(line + "\n" for line in _objects(result))
    elif width is None:
        _write_lines(result, stream)
    else:
        _write_table(result, stream, width, color)


def _objects(result: Result) -> Iterable[str]:
    for row in result.rows:
        fields = {name: as_plain(value) for name, value in zip(result.columns, row, strict=True)}
        yield json.dumps(fields, ensure_ascii=False, allow_nan=False)


def as_plain(value: Any) -> Any:
    """Value of a row → what JSON has a form for."""
    if isinstance(value, (datetime, date)):
        return _moment(value)
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, (list, tuple)):
        return [as_plain(item) for item in value]
    if isinstance(value, dict):
        return {str(name): as_plain(item) for name, item in value.items()}
    if value is None or isinstance(value, (str, int, float)):
        return value
    return str(value)


def _moment(value: date) -> str:
    if not isinstance(value, datetime):
        return value.isoformat()
    if value.tzinfo is None:
        return value.isoformat()
    return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"


def _flat(value: Any) -> str:
    plain = as_plain(value)
    if plain is None:
        return ""
    if isinstance(plain, bool):
        return "true" if plain else "false"
    if isinstance(plain, list) and all(isinstance(item, str) for item in plain):
        return ";".join(plain)
    return plain if isinstance(plain, str) else json.dumps(plain, ensure_ascii=False)


def _cell(value: Any) -> str:
    if isinstance(value, datetime):
        shown = _moment(value.replace(microsecond=0))
        return shown.replace("T", " ").removesuffix(":00Z").removesuffix("Z")
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        text = ", ".join(value)
    else:
        text = _flat(value)
    return _CONTROLS.sub("\ufffd", text.replace("\r\n", "\n").replace("\t", " "))


def _write_lines(result: Result, stream: TextIO) -> None:
    cells = [[_cell(value).replace("\n", " ") for value in row] for row in result.rows]
    widths = [max([len(name), *(len(row[i]) for row in cells)]) for i, name in enumerate(result.columns)]
    numeric = _numeric(result)
    for line in [list(result.columns), ["-" * width for width in widths], *cells]:
        parts = [
            text.rjust(width) if right else text.ljust(width)
            for text, width, right in zip(line, widths, numeric, strict=True)
        ]
        stream.write("  ".join(parts).rstrip() + "\n")


def _write_table(result: Result, stream: TextIO, width: int, color: bool) -> None:
    console = Console(
        file=stream,
        width=width,
        force_terminal=color,
        color_system="standard" if color else None,
        no_color=not color,
        highlight=False,
        markup=False,
        emoji=False,
    )
    cells = [[_cell(value) for value in row] for row in result.rows]
    least = _least_widths(result, cells)
    tight = sum(least) + _GAP * len(least) > width
    if tight:
        broken = [[_JOINTS.sub("\n", t) if _CODES.fullmatch(t) else t for t in row] for row in cells]
        least = _least_widths(result, broken)
        if sum(least) + len(least) - 1 > width:
            _print_blocks(result, cells, console)
            return
        cells = broken
    table = Table(
        box=None if tight else box.SIMPLE_HEAD, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold"
    )
    room = width - (len(least) - 1 if tight else _GAP * len(least))
    widths = _share_room(least, _natural_widths(result, cells), room)
    for name, given, right in zip(result.columns, widths, _numeric(result), strict=True):
        table.add_column(Text(name), justify="right" if right else "left", width=given, overflow="fold")
    for row in cells:
        table.add_row(*(_styled(name, text) for name, text in zip(result.columns, row, strict=True)))
    console.print(table)
    console.print(f"{len(cells)} row{'' if len(cells) == 1 else 's'}", style="dim")


def _print_blocks(result: Result, cells: list[list[str]], console: Console) -> None:
    for number, row in enumerate(cells, 1):
        console.print(f"─── {number} of {len(cells)} ───", style="dim")
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(overflow="fold")
        for name, text in zip(result.columns, row, strict=True):
            grid.add_row(Text(name), _styled(name, text))
        console.print(grid)
    if not cells:
        console.print(", ".join(result.columns))
        console.print("0 rows", style="dim")


def _least_widths(result: Result, cells: list[list[str]]) -> list[int]:
    return [_least_width(name, [row[i] for row in cells]) for i, name in enumerate(result.columns)]


def _least_width(name: str, texts: list[str]) -> int:
    words = max((cell_len(word) for text in texts for word in text.split()), default=0)
    # Short words stay whole; long ones (addresses, hashes) may fold.
    return max(cell_len(name), min(words, _NARROWEST))


def _natural_widths(result: Result, cells: list[list[str]]) -> list[int]:
    return [
        max([cell_len(name), *(cell_len(line) for row in cells for line in row[i].splitlines())])
        for i, name in enumerate(result.columns)
    ]


def _share_room(least: list[int], natural: list[int], room: int) -> list[int]:
    # Rich's own sharing falls below the least width and then cuts columns off at the right.
    widths = list(least)
    left = room - sum(widths)
    while left > 0 and (hungry := [i for i, n in enumerate(natural) if n > widths[i]]):
        share = max(1, left // len(hungry))
        for i in hungry[:left]:
            more = min(share, natural[i] - widths[i])
            widths[i] += more
            left -= more
    return widths


def _styled(column: str, text: str) -> Text:
    return Text(text, style=_STANCE_STYLES.get(text, "") if column == "stance" else "")


def _numeric(result: Result) -> list[bool]:
    flags = []
    for i in range(len(result.columns)):
        values = [row[i] for row in result.rows if row[i] is not None]
        flags.append(
            bool(values)
            and all(isinstance(v, (int, float, Decimal)) and not isinstance(v, bool) for v in values)
        )
    return flags
