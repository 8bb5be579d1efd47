"""Configuration files, environment and flags → Settings and the source of each; rejects what doesn't fit.

The only place that knows YAML and pydantic. A key that doesn't exist and a value that doesn't fit are errors
that name their path, the file and the nearest right key.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path as FilePath
from typing import Annotated, Any, ClassVar

import yaml
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from pipelines.alert_settings import AlertSettings, find_alert_mistakes
from pipelines.cooccurrence import KeywordWords
from pipelines.fetch_settings import FetchSettings
from pipelines.layers import (
    Path,
    Sources,
    find_source,
    merge_layer,
    nest,
    read_environment,
    suggest,
)
from pipelines.setting_mistakes import explain_errors
from pipelines.setting_paths import known_keys, scalar_paths
from transforms.detection.lexicon import Lexicon
from transforms.furniture import Furniture
from transforms.knowledge import Alliance, Cause, Country, CountryGroup, Leader, Office, World
from transforms.read_limits import ReadLimits
from transforms.text import PageLimits
from transforms.topics import TopicModel

SHIPPED = "shipped default"

#: Data file → the section it fills; () where its keys are sections of their own.
DATA_FILES: dict[str, Path] = {
    "alliances": (),
    "causes": (),
    "actors": (),
    "topics": ("topics",),
    "topic_weights": ("topics", "weights"),
    "furniture": ("furniture",),
    "lexicon": ("lexicon",),
    "confidence": ("detection",),
    "baseline": ("baseline",),
}


class SettingsError(Exception):
    """A configuration that can't be used: one sentence for each mistake, the first twenty."""

    def __init__(self, *mistakes: str) -> None:
        rest = [f"… and {len(mistakes) - 20} more"] if len(mistakes) > 20 else []
        super().__init__("\n".join([*mistakes[:20], *rest]))
        self.mistakes = mistakes


Share = Annotated[float, Field(ge=0, le=1)]
Count = Annotated[int, Field(ge=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """How a run goes about its work; none of it changes a row."""

    batch_documents: Count
    #: bytes of a web archive that are read in one go
    archive_part_bytes: Count
    workers: Count
    max_error_share: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicateSettings:
    """When two texts are the same article."""

    threshold: Share


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings:
    """How events are found."""

    #: an installed spaCy pipeline, or the path of one
    model: str
    #: events less sure than this are left out
    min_confidence: Share
    #: feature → weight of the confidence; trained
    weights: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFiles:
    """Where the data files are."""

    alliances: str
    causes: str
    actors: str
    topics: str
    topic_weights: str
    furniture: str
    lexicon: str
    confidence: str
    baseline: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings, checked. Sections are plain values that transforms take as they are."""

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    languages: tuple[Annotated[str, Field(pattern="^[a-z]{2}$")], ...]
    reading: ReadLimits
    pages: PageLimits
    duplicates: DuplicateSettings
    detection: DetectionSettings
    run: RunSettings
    fetch: FetchSettings
    alerts: AlertSettings
    data_files: DataFiles
    furniture: Furniture
    topics: TopicModel
    lexicon: Lexicon
    baseline: KeywordWords
    alliances: tuple[Alliance, ...]
    causes: tuple[Cause, ...]
    countries: tuple[Country, ...]
    leaders: tuple[Leader, ...]
    offices: tuple[Office, ...]
    groups: tuple[CountryGroup, ...]

    def build_world(self) -> World:
        """Settings → the world as the detector knows it."""
        return World(
            alliances=self.alliances,
            countries=self.countries,
            leaders=self.leaders,
            offices=self.offices,
            groups=self.groups,
            causes=self.causes,
        )


_ADAPTER = TypeAdapter(Settings)


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, the plain values they were made from, and where each came from."""

    settings: Settings
    values: Mapping[str, Any]
    sources: Sources


def load_settings(
    config: FilePath | None = None,
    environ: Mapping[str, str] | None = None,
    flags: Mapping[str, object] | None = None,
) -> Loaded:
    """User's file, environment and flags ('run.workers': 2) → effective settings over the shipped defaults.

    Raises:
        SettingsError: a file can't be read, a key doesn't exist or a value doesn't fit.
    """
    sources: Sources = {}
    values = merge_layer({}, _read_shipped("monitor.yaml"), SHIPPED, sources)
    stated = _expand_shorthand(read_yaml(config)) if config is not None else {}
    own_files = stated.get("data_files") if isinstance(stated.get("data_files"), Mapping) else {}
    for name, section in DATA_FILES.items():
        if config is not None and isinstance(own := (own_files or {}).get(name), str):
            source, content = own, read_yaml(config.parent / own)
        else:
            source, content = SHIPPED, _read_shipped(values["data_files"][name])
        values = merge_layer(values, nest(section, content), source, sources)
    values = merge_layer(values, stated, str(config), sources)
    mistakes: list[str] = []
    settable = list(scalar_paths(Settings))
    for variable, path, value in read_environment(environ or {}, values):
        if path not in settable:
            near = suggest(".".join(path), (".".join(known) for known in settable))
            mistakes.append(f"environment variable {variable}: no such setting as {'.'.join(path)}{near}")
            continue
        values = merge_layer(values, nest(path, value), f"environment variable {variable}", sources)
    for flag, value in (flags or {}).items():
        path = tuple(flag.split("."))
        values = merge_layer(values, nest(path, value), f"flag --{path[-1].replace('_', '-')}", sources)
    if mistakes:
        raise SettingsError(*mistakes)
    try:
        settings = _ADAPTER.validate_python(values)
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise SettingsError(*explain_errors(details, Settings, values, sources, SHIPPED)) from None
    if mistakes := list(_find_dangling(settings, sources)):
        raise SettingsError(*mistakes)
    return Loaded(settings, values, sources)


@cache
def _read_shipped(name: str) -> dict[str, Any]:
    return read_yaml(files("configs") / name)


def _expand_shorthand(stated: dict[str, Any]) -> dict[str, Any]:
    """User's mapping → the same with `topics: [...]` written out as `topics: {topics: [...]}`."""
    if isinstance(stated.get("topics"), list):
        return {**stated, "topics": {"topics": stated["topics"]}}
    return stated


class _UniqueKeyLoader(yaml.CSafeLoader):
    """YAML's safe loader, with a key that stands twice in a mapping as an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[object] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} stands twice", key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)


def read_yaml(path: FilePath | Traversable) -> dict[str, Any]:
    """YAML or JSON file → its mapping; an empty file is an empty mapping.

    Raises:
        SettingsError: it can't be read, isn't YAML, or isn't a mapping.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{path}: can't be read: {error.strerror or error}") from None
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: isn't UTF-8 text: {error.reason} at byte {error.start}") from None
    try:
        # The loader is a subclass of YAML's safe one.
        content = json.loads(text) if path.name.endswith(".json") else yaml.load(text, _UniqueKeyLoader)
    except (yaml.YAMLError, json.JSONDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f", line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise SettingsError(f"{path}{where}: {getattr(error, 'problem', None) or error}") from None
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise SettingsError(f"{path}: should be a mapping of settings, is a {type(content).__name__}")
    return content


def _find_dangling(settings: Settings, sources: Sources) -> Iterator[str]:
    """Settings → a sentence for each code that nothing else defines."""
    countries = {country.code for country in settings.countries}
    actors = countries | {alliance.id for alliance in settings.alliances}

    def judge(path: Path, code: str, known: set[str]) -> Iterator[str]:
        if code not in known:
            source = find_source(path, sources) or SHIPPED
            near = suggest(code, known)
            yield f"{source}: {'.'.join(path)}: no country or alliance has the code {code}{near}"

    for alliance in settings.alliances:
        for part in ("members", "aspirants"):
            for membership in getattr(alliance, part):
                yield from judge(("alliances", alliance.id, part), membership.country, countries)
    for leader in settings.leaders:
        name = "/".join((leader.name, leader.speaks_for, leader.office))
        yield from judge(("leaders", name, "speaks_for"), leader.speaks_for, actors)
    for group in settings.groups:
        for code in group.countries:
            yield from judge(("groups", group.name, "countries"), code, countries)
    alliances = actors - countries
    for rule in settings.alerts.rules:
        for field_name, known in (("actor", actors), ("beneficiary", actors), ("alliance", alliances)):
            for code in getattr(rule, field_name):
                where = ("alerts", "rules", rule.name, field_name)
                yield from judge(where, code.removesuffix(":members"), known)
    for stated, words in find_alert_mistakes(settings.alerts):
        yield f"{find_source(stated, sources) or SHIPPED}: {'.'.join(stated)}: {words}"


def describe_settings(loaded: Loaded) -> Iterator[tuple[str, str, str]]:
    """Loaded settings → (path, value, source) for each plain setting and each list of entries."""
    for path in scalar_paths(Settings):
        value: Any = loaded.values
        for key in path:
            value = value.get(key) if isinstance(value, Mapping) else None
        if value is None:
            value = _default_of(loaded.settings, path)
        source = find_source(path, loaded.sources) or SHIPPED
        words = json.dumps(value, default=str, ensure_ascii=False)
        if isinstance(value, list | tuple) and len(value) > 5:
            words = f"{len(value)} entries"
        yield ".".join(path), words, source
    for name in known_keys(Settings, ()):
        entries = loaded.values.get(name)
        if isinstance(entries, list) and entries and isinstance(entries[0], Mapping):
            own = {
                path[1]
                for path, source in loaded.sources.items()
                if path[0] == name and len(path) > 1 and source != SHIPPED
            }
            yield name, f"{len(entries)} entries", f"changed: {', '.join(sorted(own))}" if own else SHIPPED


def _default_of(settings: Settings, path: Path) -> Any:
    value: Any = settings
    for key in path:
        value = getattr(value, key)
    return value
