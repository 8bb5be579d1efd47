"""Layers of configuration → one mapping and where each value came from. Rejects nothing.

A later layer states only what differs. Mappings are merged key by key. Lists of named things (alliances,
countries, leaders, …) are merged entry by entry: a new name is a new entry; a known one has its stated fields
replaced, or, where they are lists, extended. Any other list is replaced as a whole.
"""

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str, ...]
Sources = dict[Path, str]

ENVIRONMENT_PREFIX = "ALLIANCE_WATCH_"

#: List → the fields that name an entry of it.
IDENTITIES: dict[str, tuple[str, ...]] = {
    "alliances": ("id",),
    "causes": ("id",),
    "countries": ("code",),
    "leaders": ("name", "speaks_for", "office"),
    "offices": ("title",),
    "groups": ("name",),
    "members": ("country", "since"),
    "aspirants": ("country", "since"),
    "bodies": ("name",),
    "topics": ("name",),
    "frames": ("id",),
    "rules": ("name",),
}


def name_entry(section: str, entry: Any) -> str | None:
    """Entry of a list → its name in paths and messages ('NATO', 'BGR'), or None where it has none."""
    fields = IDENTITIES.get(section)
    if fields is None or not isinstance(entry, Mapping) or fields[0] not in entry:
        return None
    return "/".join(str(entry[field]) for field in fields if field in entry)


def merge_layer(
    base: Mapping[str, Any], layer: Mapping[str, Any], source: str, sources: Sources, path: Path = ()
) -> dict[str, Any]:
    """Settings so far and a layer over them → the merged ones; `sources` learns where each came from."""
    merged = dict(base)
    for key, value in layer.items():
        here = (*path, str(key))
        merged[key] = _merge_value(merged.get(key), value, source, sources, here, extend=False)
    return merged


def _merge_value(old: Any, new: Any, source: str, sources: Sources, path: Path, *, extend: bool) -> Any:
    if isinstance(new, Mapping) and (old is None or isinstance(old, Mapping)):
        if old is None and not new:
            sources[path] = source
        return merge_layer(old or {}, new, source, sources, path)
    if isinstance(new, list) and new and all(name_entry(path[-1], entry) for entry in new):
        return _merge_entries(old if isinstance(old, list) else [], new, source, sources, path)
    sources[path] = source
    if extend and isinstance(new, list) and isinstance(old, list):
        return [*old, *(item for item in new if item not in old)]
    return new


def _merge_entries(
    old: list[Any], new: list[Any], source: str, sources: Sources, path: Path
) -> list[dict[str, Any]]:
    section = path[-1]
    merged = {name_entry(section, entry) or str(index): dict(entry) for index, entry in enumerate(old)}
    for entry in new:
        name = name_entry(section, entry) or ""
        known = merged.setdefault(name, {})
        for key, value in entry.items():
            here = (*path, name, str(key))
            known[key] = _merge_value(known.get(key), value, source, sources, here, extend=True)
    return list(merged.values())


def read_environment(environ: Mapping[str, str], defaults: Mapping[str, Any]) -> list[tuple[str, Path, Any]]:
    """Environment and default settings → (variable, path, value) for each of ours, in order of their names.

    `ALLIANCE_WATCH_RUN__WORKERS=2` is `run.workers`. Where the default is a list, text is split at commas.
    """
    found = []
    for variable in sorted(environ):
        if not variable.startswith(ENVIRONMENT_PREFIX):
            continue
        path = tuple(variable[len(ENVIRONMENT_PREFIX) :].lower().split("__"))
        default: Any = defaults
        for key in path:
            default = default.get(key) if isinstance(default, Mapping) else None
        text = environ[variable]
        value: Any = text
        if isinstance(default, list | tuple):
            value = [item.strip() for item in text.split(",") if item.strip()]
        elif text == "" or text.lower() == "null":
            value = None
        found.append((variable, path, value))
    return found


def nest(path: Path, value: Any) -> dict[str, Any]:
    """Path and value → the mapping that states just that."""
    for key in reversed(path):
        value = {key: value}
    return dict(value)


def find_source(path: Path, sources: Sources) -> str | None:
    """Path → where its value came from; for one nobody stated, where what lies nearest came from."""
    for length in range(len(path), 0, -1):
        near = path[:length]
        if near in sources:
            return sources[near]
        if inside := [source for known, source in sources.items() if known[:length] == near]:
            return inside[-1]
    return None


def suggest(name: str, names: Iterable[str]) -> str:
    """Wrong name and the right ones → '; did you mean …?', or '' where none is near."""
    known = list(names)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if not near:
        tails = [path for path in known if path.rpartition(".")[2] == name.rpartition(".")[2]]
        near = tails[:1]
    return f"; did you mean {near[0]}?" if near else ""
