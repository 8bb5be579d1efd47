"""Type of the settings → the paths in it, so that a wrong one can be answered with the nearest right one."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

from pipelines.layers import Path


def known_keys(kind: Any, location: tuple[int | str, ...]) -> list[str]:
    """Type of the settings and a location in them → the names of the keys that may stand there."""
    for part in location:
        kind = _inner_type(kind, part)
    kind = _bare_type(kind)
    return [known.name for known in fields(kind)] if is_dataclass(kind) else []


def scalar_paths(kind: Any, path: Path = ()) -> Iterator[Path]:
    """Type → the paths of its plain values and lists of plain values: what the environment may set."""
    for name, hint in get_type_hints(kind, include_extras=True).items():
        if name.startswith("_"):
            continue
        inner = _bare_type(hint)
        if is_dataclass(inner):
            yield from scalar_paths(inner, (*path, name))
            continue
        if get_origin(inner) is tuple:
            inner = _bare_type(get_args(inner)[0])
        if not is_dataclass(inner) and get_origin(inner) in (None, Literal):
            yield (*path, name)


def _inner_type(kind: Any, part: int | str) -> Any:
    kind = _bare_type(kind)
    if is_dataclass(kind):
        return get_type_hints(kind, include_extras=True).get(str(part), object)
    arguments = get_args(kind)
    return arguments[0 if get_origin(kind) is tuple else -1] if arguments else object


def _bare_type(kind: Any) -> Any:
    """Type → itself without annotations and without 'or None'."""
    if get_origin(kind) is Annotated:
        return _bare_type(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        return _bare_type(next(part for part in get_args(kind) if part is not type(None)))
    return kind
