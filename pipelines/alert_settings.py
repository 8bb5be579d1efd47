"""The section `alerts` of the settings: which new resolved events are told to whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Annotated, Literal

from annotated_types import Ge, Le, MinLen

from transforms.codebook import Factuality, Kind, Object, Stance

Rung = Literal[Stance, "ratified"]
Form = Literal["webhook", "jsonl", "rss"]

_Share = Annotated[float, Ge(0), Le(1)]
_Count = Annotated[int, Ge(1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRule:
    """What is told, and to whom; an empty list lets everything through."""

    #: part of the identity of its alerts: under another name all is told anew
    name: Annotated[str, MinLen(1)]
    #: http or https addresses, and files that end in .jsonl or .rss, relative to the data folder
    to: Annotated[tuple[str, ...], MinLen(1)]
    #: any event; an actor whose stance changed; one that came to support and did not before
    when: Literal["event", "changed", "supporter"] = "event"
    actor: tuple[str, ...] = ()
    beneficiary: tuple[str, ...] = ()
    alliance: tuple[str, ...] = ()
    object: tuple[Object, ...] = ()
    kind: tuple[Kind, ...] = ()
    #: the new one; `ratified` only where `when` is not `event`
    stance: tuple[Rung, ...] = ()
    factuality: tuple[Factuality, ...] = ("asserted", "planned")
    min_confidence: _Share = 0.0
    min_sources: _Count = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSettings:
    """What is told, and how."""

    rules: tuple[AlertRule, ...]
    #: name of the environment variable with the key that webhooks are signed with; empty for none
    secret_env: str
    #: items of an RSS file, the newest
    rss_items: _Count
    #: of a webhook: how often it is tried; seconds after the first failure, twice as many after each other
    tries: _Count
    retry_after: Annotated[float, Ge(0.1)]
    retry_after_max: Annotated[float, Ge(0.1)]


def form_of(target: str) -> Form | None:
    """Target as it is stated → what it is; None where it is nothing that can be told."""
    if target.lower().startswith(("http://", "https://")):
        return "webhook"
    return {".jsonl": "jsonl", ".rss": "rss"}.get(PurePath(target).suffix)  # type: ignore[return-value]


def find_alert_mistakes(settings: AlertSettings) -> Iterator[tuple[tuple[str, ...], str]]:
    """Settings → path and words of what types can't tell: targets of no known form."""
    for rule in settings.rules:
        for target in rule.to:
            if form_of(target) is None:
                words = "is neither an http or https address nor a file that ends in .jsonl or .rss"
                yield ("alerts", "rules", rule.name, "to"), f"{target!r} {words}"
        if rule.when == "event" and "ratified" in rule.stance:
            words = "'ratified' is a stance of positions; say kind: [ratify], or when: changed"
            yield ("alerts", "rules", rule.name, "stance"), words
