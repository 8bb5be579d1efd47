"""Cluster of mentions → its row of `resolved_events`: what most sources say, and what some say beside it.

Takes the mentions of one event, gives the row; rejects nothing. Sources vote: a newsroom has one voice for
each value, however often it reports, and copies have none, as they repeat what another wrote.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import prod
from typing import Any, Final

from transforms.claims import Mention
from transforms.clusters import RESOLVER
from transforms.codebook import KIND_CODES
from transforms.rows import Row

#: Sentences kept of a cluster.
MAX_EVIDENCE: Final = 5
#: No number of reports makes it certain: they were read by the same program.
_MAX_CONFIDENCE: Final = 0.999
#: Share of the shorter one's words that two wordings of a condition have in common.
_SAME_CONDITION: Final = 0.5

_WORD = re.compile(r"\w+")
_EMPTY_WORDS: Final = frozenset(
    "a an and as at be been by can do for from has have if in is it its of on once only or that the their"
    " them they this to unless until when will with would".split()
)


def resolve_cluster(mentions: Sequence[Mention]) -> Row:
    """Mentions of one event, its leader first → the row."""
    ordered = sorted(mentions, key=lambda m: (m.first_seen, m.event_id))
    stance = _vote(ordered, lambda m: m.stance)
    kind = _vote(ordered, lambda m: m.kind)
    factuality = _vote(_still_valid(ordered), lambda m: m.factuality)
    ordinal = _vote(ordered, lambda m: m.ordinal)
    place = _vote(ordered, lambda m: m.place and (m.place, m.place_country))
    dated = _choose_dated(ordered)
    best = max(ordered, key=lambda m: (m.stance == stance, m.kind == kind, m.confidence, -ordered.index(m)))
    conditional = _choose_condition(ordered, best)
    first_reported = min(m.reported for m in ordered)
    witnesses = {m.witness for m in ordered}
    agreeing = {m.witness for m in ordered if m.stance == stance}
    day = dated.event_date if dated else None
    return {
        "resolved_id": resolved_id(ordered[0]),
        "actor": best.actor,
        "with_actors": sorted({other for m in ordered for other in m.with_actors}),
        "actor_role": _vote(ordered, lambda m: m.actor_role),
        "beneficiary": best.beneficiary,
        "alliance": mentions[0].alliance,
        "object": best.object,
        "kind": kind,
        "plover": KIND_CODES[kind].plover,
        "cameo": KIND_CODES[kind].cameo,
        "stance": stance,
        "factuality": factuality,
        "attributed_to": _vote(ordered, lambda m: m.attributed_to)
        if all(m.attributed_to for m in ordered)
        else None,
        "condition": conditional.condition if conditional else None,
        "ordinal": ordinal,
        "event_date": day,
        "event_date_precision": dated.precision if dated else None,
        "event_date_basis": dated.basis if dated else None,
        "place": place[0] if place else None,
        "place_country": place[1] if place else None,
        "conflicts": [
            *_conflicts("stance", ordered, lambda m: m.stance, stance),
            *_conflicts("kind", ordered, lambda m: m.kind, kind),
            *_conflicts("condition", ordered, lambda m: _other_condition(m, conditional), None),
            *_conflicts("date", ordered, lambda m: _other_date(m, dated), None),
            *_conflicts("ordinal", ordered, lambda m: m.ordinal, ordinal),
            *_conflicts("factuality", ordered, lambda m: m.factuality, factuality),
        ],
        "n_reports": len({m.article_id for m in ordered})
        + sum({m.article_id: m.copies for m in ordered}.values()),
        "n_sources": len(witnesses),
        "sources": sorted({name for m in ordered for name in (m.outlet, *m.copy_sources) if name}),
        "agreement": len(agreeing) / len(witnesses),
        "confidence": _combine_confidence(ordered, stance),
        "first_reported": first_reported,
        "last_reported": max(m.reported for m in ordered),
        "evidence": _choose_evidence(best, ordered),
        "title": best.title,
        "url": best.url,
        "source": best.source,
        "mentions": [mentions[0].event_id, *(m.event_id for m in ordered if m is not mentions[0])],
        "resolver": RESOLVER,
        "event_month": f"{(day or first_reported):%Y-%m}".zfill(7),
    }


def resolved_id(first: Mention) -> str:
    """Mention of a cluster that was processed first → identity of the cluster: 16 hex digits."""
    claim = "\0".join((first.event_id, first.actor, first.beneficiary))
    return hashlib.sha256(claim.encode()).hexdigest()[:16]


def _vote(mentions: Sequence[Mention], value: Callable[[Mention], Any]) -> Any:
    """Mentions → the value that most newsrooms report, else the surest, else the one processed first."""
    if len(mentions) == 1:
        return value(mentions[0])
    votes = _count(mentions, value)
    if len(votes) < 2:
        return next(iter(votes), None)
    sure: dict[Any, float] = defaultdict(float)
    for mention in mentions:
        sure[value(mention)] = max(sure[value(mention)], mention.confidence)
    return max(votes, key=lambda one: (votes[one], sure[one]))


def _count(mentions: Iterable[Mention], value: Callable[[Mention], Any]) -> dict[Any, int]:
    witnesses: dict[Any, set[str]] = {}
    for mention in mentions:
        if (said := value(mention)) is not None:
            witnesses.setdefault(said, set()).add(mention.witness)
    return {said: len(some) for said, some in witnesses.items()}


def _still_valid(mentions: Sequence[Mention]) -> Sequence[Mention]:
    """Mentions → those whose factuality counts: a report that it was done overtakes what announced it."""
    done = [m.reported for m in mentions if m.factuality == "asserted"]
    if not done:
        return mentions
    return [m for m in mentions if m.factuality not in ("planned", "possible") or m.reported > min(done)]


def _choose_dated(mentions: Sequence[Mention]) -> Mention | None:
    dated = [m for m in mentions if m.event_date]
    if not dated:
        return None
    exact = min(_vagueness(m) for m in dated)
    some = [m for m in dated if _vagueness(m) == exact]
    day = _vote(some, lambda m: m.event_date)
    return max((m for m in some if m.event_date == day), key=lambda m: (m.confidence, -mentions.index(m)))


def _vagueness(mention: Mention) -> int:
    return mention.priority[1]


def _other_date(mention: Mention, chosen: Mention | None) -> str | None:
    """Mention → its date where it can't be meant the same day as the chosen one."""
    if chosen is None or chosen.event_date is None or mention.event_date is None:
        return None
    if mention.earliest <= chosen.latest and chosen.earliest <= mention.latest:
        return None
    return mention.event_date.isoformat()


def _choose_condition(mentions: Sequence[Mention], best: Mention) -> Mention | None:
    if best.condition:
        return best
    having = [m for m in mentions if m.condition]
    return max(having, key=lambda m: (m.confidence, -mentions.index(m)), default=None)


def _other_condition(mention: Mention, chosen: Mention | None) -> str | None:
    if chosen is None or not mention.condition:
        return None
    ours, theirs = _telling_words(chosen.condition or ""), _telling_words(mention.condition)
    common = len(ours & theirs)
    return None if common >= _SAME_CONDITION * min(len(ours), len(theirs)) else mention.condition


def _telling_words(text: str) -> set[str]:
    words = set(_WORD.findall(text.lower()))
    return words - _EMPTY_WORDS or words


def _conflicts(
    field: str, mentions: Sequence[Mention], value: Callable[[Mention], Any], chosen: Any
) -> list[Mapping[str, object]]:
    if len(mentions) == 1:
        return []
    counted = _count(mentions, value).items()
    return [
        {"field": field, "value": str(said), "n_sources": n}
        for said, n in sorted(counted, key=lambda one: (-one[1], str(one[0])))
        if said != chosen
    ]


def _combine_confidence(mentions: Sequence[Mention], stance: str) -> float:
    """Mentions → probability that the claim holds: not all who say so err, and those who deny it do."""
    sure: dict[tuple[bool, str], float] = defaultdict(float)
    for mention in mentions:
        key = (mention.stance == stance, mention.witness)
        sure[key] = max(sure[key], mention.confidence)
    right, wrong = (
        min(1 - prod(1 - c for (agrees, _), c in sure.items() if agrees == side), _MAX_CONFIDENCE)
        for side in (True, False)
    )
    # Both can't be right; neither may be.
    return right * (1 - wrong) / (1 - right * wrong)


def _choose_evidence(best: Mention, mentions: Sequence[Mention]) -> list[Mapping[str, object]]:
    rest = sorted(
        (m for m in mentions if m is not best), key=lambda m: (m.witness == best.witness, -m.confidence)
    )
    chosen: dict[str, Mapping[str, object]] = {}
    for mention in (best, *rest):
        for field, start, end, text in mention.evidence:
            if len(chosen) < MAX_EVIDENCE:
                quote = {"field": field, "start": start, "end": end, "text": text}
                of = {"event_id": mention.event_id, "article_id": mention.article_id}
                chosen.setdefault(text, {**of, **quote})
    return list(chosen.values())
