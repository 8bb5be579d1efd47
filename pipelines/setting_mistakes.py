"""What is wrong with a configuration → sentences that name the path, the file and the nearest right key."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pipelines.layers import Path, Sources, find_source, name_entry, suggest
from pipelines.setting_paths import known_keys, scalar_paths


def explain_errors(
    details: Iterable[Mapping[str, Any]],
    kind: Any,
    values: Mapping[str, Any],
    sources: Sources,
    otherwise: str,
) -> Iterator[str]:
    """Pydantic's errors → a sentence each: where the value came from, its path, what is wrong, what is near.

    Args:
        details: as `ValidationError.errors` gives them.
        kind: type of the settings.
        values: the settings that were refused.
        sources: where each came from.
        otherwise: where those came from that nobody stated.
    """
    everywhere = [".".join(known) for known in scalar_paths(kind)]
    for detail in details:
        path = _name_path(detail["loc"], values)
        source = find_source(path, sources) or otherwise
        dotted = ".".join(path)
        if detail["type"] in ("extra_forbidden", "unexpected_keyword_argument"):
            beside = [".".join((*path[:-1], name)) for name in known_keys(kind, detail["loc"][:-1])]
            near = suggest(dotted, beside) or suggest(dotted, everywhere)
            yield f"{source}: {dotted}: no such setting{near}"
        elif detail["type"] in ("missing", "missing_argument", "missing_keyword_only_argument"):
            yield f"{source}: {dotted}: is required"
        else:
            message = detail["msg"][0].lower() + detail["msg"][1:]
            near = ""
            if detail["type"] == "literal_error":
                near = suggest(str(detail["input"]), detail["ctx"]["expected"].replace("'", "").split(", "))
            yield f"{source}: {dotted}: {message}, is {_shorten(detail['input'])}{near}"


def _shorten(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _name_path(location: tuple[int | str, ...], values: Any) -> Path:
    """Pydantic's location (with list indexes) → our path (with the names of entries)."""
    path: list[str] = []
    for part in location:
        inside = None
        if isinstance(values, Mapping):
            inside = values.get(part)
        elif isinstance(values, list) and isinstance(part, int) and part < len(values):
            inside = values[part]
        name = name_entry(path[-1], inside) if isinstance(part, int) and path else None
        path.append(name or str(part))
        values = inside
    return tuple(path)
