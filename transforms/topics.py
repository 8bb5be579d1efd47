"""Title and text → the topics that hold, each with a score; rejects nothing, the fallback always holds.

Cues (words that speak for a topic, given as data) are counted in the title, the lead and the rest. A
topic with trained weights is a logistic model over the counts of all topics; one without is judged by
its own counts alone. So a topic is added by naming its words.
"""

import math
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from transforms.records import SupportEvent, Topic

#: A topic holds from this score on.
THRESHOLD = 0.5
#: Words of the text that count as its lead.
LEAD_WORDS = 60
#: Words read at most: what an article is about stands in its first few pages.
MAX_WORDS = 3000
#: Words between a cue and its neighbour.
NEAR_WORDS = 6

_WORD = re.compile(r"(?:[€$£]\w*|\w+)(?:[-.’']\w+)*%?")
#: Weights of title, lead and rest where nothing is trained.
_UNTRAINED = {"title": 0.7, "lead": 0.5, "rest": 0.2}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that speak for a topic."""

    #: phrases in lower case; a single word may end in `*`
    words: tuple[str, ...]
    #: counts only where one of these stands within `NEAR_WORDS`
    near: tuple[str, ...] = ()
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicCues:
    """A topic and its cues."""

    name: str
    cues: tuple[Cue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicWeights:
    """A trained topic: score = logistic(bias + sum of weight x feature)."""

    bias: float
    features: Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicModel:
    """Topics as configured, with the weights of those that are trained."""

    topics: tuple[TopicCues, ...]
    #: the topic of an article that has no other
    fallback: str = "other"
    #: object of an event -> the topic it speaks for
    objects: Mapping[str, str] = field(default_factory=dict)
    weights: Mapping[str, TopicWeights] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Phrases:
    """Phrases ready for lookup: whole words, beginnings, and longer ones by their first word."""

    single: frozenset[str]
    prefixes: tuple[str, ...]
    longer: Mapping[str, tuple[tuple[str, ...], ...]]


@dataclass(frozen=True, slots=True)
class _Placed:
    """Words of a text, ready to look phrases up in: each different word is looked at once."""

    words: Sequence[str]
    places: Mapping[str, list[int]]
    #: the different words in alphabetical order, for beginnings
    ordered: list[str]


@dataclass(frozen=True, slots=True)
class CompiledTopics:
    """A topic model ready to classify; made once for each process."""

    model: TopicModel
    cues: tuple[tuple[str, tuple[tuple[_Phrases, _Phrases | None, float], ...]], ...]


def compile_topics(model: TopicModel) -> CompiledTopics:
    """Topic model → the same with its phrases indexed: done once, used for every article."""
    return CompiledTopics(
        model,
        tuple(
            (
                topic.name,
                tuple((_index(c.words), _index(c.near) if c.near else None, c.weight) for c in topic.cues),
            )
            for topic in model.topics
        ),
    )


def classify_topics(title: str, text: str, topics: CompiledTopics) -> tuple[Topic, ...]:
    """Title and text → topics that score at least `THRESHOLD`, best first; the fallback where none does."""
    features = extract_features(title, text, topics)
    names = (topic.name for topic in topics.model.topics if topic.name != topics.model.fallback)
    scored = (Topic(name=name, score=_score(name, features, topics.model)) for name in names)
    holding = sorted((t for t in scored if t.score >= THRESHOLD), key=lambda t: (-t.score, t.name))
    return tuple(holding) or (Topic(name=topics.model.fallback, score=1.0),)


def refine_topics(
    topics: tuple[Topic, ...], events: Iterable[SupportEvent], model: TopicModel
) -> tuple[Topic, ...]:
    """Topics of an article and its events → the topics with those that its likely events speak for.

    An event at least as likely as not gives its object's topic, the fallback then goes.
    """
    scores = {topic.name: topic.score for topic in topics}
    for event in events:
        name = model.objects.get(event.object)
        if name and event.confidence >= THRESHOLD and event.factuality != "denied":
            scores[name] = max(scores.get(name, 0.0), event.confidence)
    if len(scores) > 1:
        scores.pop(model.fallback, None)
    refined = (Topic(name=name, score=score) for name, score in scores.items())
    return tuple(sorted(refined, key=lambda t: (-t.score, t.name)))


def extract_features(title: str, text: str, topics: CompiledTopics) -> dict[str, float]:
    """Title and text → features (`enlargement:title`): log(1 + sum of cues) of each topic and zone.

    `enlargement:all` is their sum: what the zones have in common is learned from fewer documents.
    """
    heading, body = split_words(title), split_words(text)
    parts = {"title": heading, "lead": body[:LEAD_WORDS], "rest": body[LEAD_WORDS:]}
    zones = {zone: _place(words) for zone, words in parts.items()}
    features: dict[str, float] = {}
    for name, cues in topics.cues:
        for zone, placed in zones.items():
            total = sum(weight * _count(placed, phrases, near) for phrases, near, weight in cues)
            if total > 0:
                features[f"{name}:{zone}"] = math.log1p(total)
                features[f"{name}:all"] = features.get(f"{name}:all", 0.0) + math.log1p(total)
    return features


def split_words(text: str) -> list[str]:
    """Text → its first `MAX_WORDS` words in lower case, without possessive endings."""
    words: list[str] = []
    for match in _WORD.finditer(text.lower()):
        words.append(re.sub(r"['’]s$", "", match.group()))
        if len(words) == MAX_WORDS:
            break
    return words


def _score(name: str, features: Mapping[str, float], model: TopicModel) -> float:
    weights = model.weights.get(name)
    if weights is None:
        sums = {zone: math.expm1(features.get(f"{name}:{zone}", 0.0)) for zone in _UNTRAINED}
        evidence = sum(share * sums[zone] for zone, share in _UNTRAINED.items())
        return 1.0 - 2.0**-evidence
    total = weights.bias + sum(w * features.get(f, 0.0) for f, w in weights.features.items())
    return 1.0 / (1.0 + math.exp(-max(-30.0, min(30.0, total))))


def _index(phrases: Iterable[str]) -> _Phrases:
    single, prefixes = set(), set()
    longer: dict[str, list[tuple[str, ...]]] = {}
    for phrase in phrases:
        first, *rest = split_words(phrase)
        if phrase.endswith("*") and not rest:
            prefixes.add(first)
        elif rest:
            longer.setdefault(first, []).append(tuple(rest))
        else:
            single.add(first)
    return _Phrases(frozenset(single), tuple(sorted(prefixes)), {k: tuple(v) for k, v in longer.items()})


def _place(words: Sequence[str]) -> _Placed:
    places: dict[str, list[int]] = {}
    for i, word in enumerate(words):
        places.setdefault(word, []).append(i)
    return _Placed(words, places, sorted(places))


def _count(placed: _Placed, phrases: _Phrases, near: _Phrases | None) -> int:
    places = _find(placed, phrases)
    if near is None or not places:
        return len(places)
    neighbours = _find(placed, near)
    return sum(any(0 < abs(n - place) <= NEAR_WORDS for n in neighbours) for place in places)


def _find(placed: _Placed, phrases: _Phrases) -> set[int]:
    """Words and phrases → where one of the phrases begins."""
    words = placed.words
    found = {i for word in placed.places.keys() & phrases.single for i in placed.places[word]}
    for prefix in phrases.prefixes:
        for word in placed.ordered[bisect_left(placed.ordered, prefix) :]:
            if not word.startswith(prefix):
                break
            found.update(placed.places[word])
    for word in placed.places.keys() & phrases.longer.keys():
        for i in placed.places[word]:
            if any(tuple(words[i + 1 : i + 1 + len(rest)]) == rest for rest in phrases.longer[word]):
                found.add(i)
    return found
