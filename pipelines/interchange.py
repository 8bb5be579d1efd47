"""A scheme that others use for events (GDELT, PLOVER) → the SELECT that gives our events in its columns.

Takes the name of a file in `configs/interchange`, which says where each column comes from; gives macros and
SQL. What has no equivalent stays empty. Rejects nothing: the files are part of the program.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pipelines.settings import read_yaml
from pipelines.sql_text import quoted
from transforms.knowledge import World


@dataclass(frozen=True, slots=True, kw_only=True)
class MappedColumn:
    """A column of the scheme."""

    name: str
    #: expression over a resolved event `r`; None where there is no equivalent
    sql: str | None = None
    means: str = "No equivalent: empty."


@dataclass(frozen=True, slots=True, kw_only=True)
class Scheme:
    """How resolved events are written for people who know another scheme."""

    #: a line of values that tabs part, or a JSON object
    form: Literal["tsv", "jsonl"]
    columns: tuple[MappedColumn, ...]
    #: our code → theirs, by the name of the macro that looks it up
    codes: Mapping[str, Mapping[str, str | float]]
    macros: tuple[str, ...]
    #: SELECT of the events
    rows: str


@cache
def read_scheme(name: str) -> Scheme:
    """Name of a scheme (gdelt, plover) → the scheme."""
    stated: dict[str, Any] = read_yaml(files("configs") / "interchange" / f"{name}.yaml")
    return Scheme(
        form=stated["form"],
        columns=tuple(MappedColumn(**column) for column in stated["columns"]),
        codes=stated["codes"],
        macros=tuple(stated["macros"]),
        rows=stated["rows"],
    )


def list_macros(scheme: Scheme, world: World) -> Iterator[str]:
    """Scheme and world → the statements that make its macros: ours first, as its own build on them."""
    countries = {country.code: country.name for country in world.countries}
    alliances = {alliance.id: alliance.name for alliance in world.alliances}
    # Part of an alliance is no alliance, but it has a name.
    parts = {f"{code}:members": f"{name} members" for code, name in alliances.items()}
    yield _look_up("called", {**parts, **alliances, **countries})
    yield f"CREATE TEMP MACRO names_country(code) AS code IN ({', '.join(map(quoted, countries))})"
    yield f"CREATE TEMP MACRO names_alliance(code) AS code IN ({', '.join(map(quoted, alliances))})"
    for name, codes in scheme.codes.items():
        yield _look_up(name, codes)
    for macro in scheme.macros:
        yield f"CREATE TEMP MACRO {macro}"


def select_lines(scheme: Scheme) -> str:
    """Scheme → SELECT with one column `line`, which holds an event as it is written to the file."""
    if scheme.form == "jsonl":
        fields = ", ".join(f'"{column.name}" := {column.sql or "NULL"}' for column in scheme.columns)
        return f"SELECT CAST(to_json(struct_pack({fields})) AS VARCHAR) AS line FROM ({scheme.rows}) AS r"
    # These files know no quotes: a value must not part the line.
    values = ", ".join(
        f"translate(coalesce(CAST({column.sql} AS VARCHAR), ''), chr(9) || chr(10) || chr(13), '   ')"
        if column.sql
        else "''"
        for column in scheme.columns
    )
    return f"SELECT concat_ws(chr(9), {values}) AS line FROM ({scheme.rows}) AS r"


def _look_up(name: str, codes: Mapping[str, str | float]) -> str:
    pairs = ", ".join(
        f"{quoted(code)}: {quoted(value) if isinstance(value, str) else value}"
        for code, value in codes.items()
    )
    return f"CREATE TEMP MACRO {name}(code) AS MAP {{{pairs}}}[code]"
