"""Seed, number and whether it is on topic → a made-up article: title, paragraphs, days; nothing is rejected.

The sentences come from grammar.yaml. The same seed and number give the same article, on every machine.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import cycle
from pathlib import Path
from random import Random

import yaml

_SLOT = re.compile(r"\{(\w+)(?:\.(capital|people))?\}")
_FORMS = {None: 0, "capital": 1, "people": 2}
#: slots in slots in slots: deeper than any line of the grammar
_DEPTH = 4
#: of the sentences of an article on topic, how many are about it
_DENSE = 0.35
_FIRST_DAY = datetime(2023, 1, 9, 6, tzinfo=UTC)

Grammar = dict[str, list[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeArticle:
    """An article whose text is known."""

    number: int
    on_topic: bool
    title: str
    paragraphs: tuple[str, ...]
    author: str
    published: datetime

    @property
    def text(self) -> str:
        """A paragraph a line."""
        return "\n".join(self.paragraphs)


@cache
def load_grammar() -> Grammar:
    """The lines of grammar.yaml, by their name."""
    path = Path(__file__).with_name("grammar.yaml")
    grammar: Grammar = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {name: [str(line) for line in lines] for name, lines in grammar.items()}


def random_of(*names: object) -> Random:
    """Names → a source of chance of their own: what one page draws changes nothing on another."""
    return Random("/".join(map(str, names)))


def draw_cast(random: Random) -> dict[str, str]:
    """Source of chance → who and where an article is about."""
    grammar = load_grammar()
    return {name: random.choice(grammar[name]) for name in grammar["cast"]}


def say(name: str, random: Random, cast: dict[str, str]) -> str:
    """Name of some lines of the grammar → one of them, its slots filled."""
    return fill_slots(random.choice(load_grammar()[name]), random, cast)


def fill_slots(text: str, random: Random, cast: dict[str, str]) -> str:
    """Line of the grammar → the sentence: slots are filled by the cast, or else by chance."""
    grammar = load_grammar()

    def fill(match: re.Match[str]) -> str:
        slot, form = match.groups()
        line = cast.get(slot) or random.choice(grammar[slot])
        return line.split("|")[_FORMS[form]] if "|" in line else line

    for _ in range(_DEPTH):
        if "{" not in text:
            break
        text = _SLOT.sub(fill, text)
    return text[0].upper() + text[1:]


def _shuffle(name: str, random: Random) -> Iterator[str]:
    """Name of some lines → all of them by chance, and again when they are used up."""
    lines = load_grammar()[name]
    return cycle(random.sample(lines, len(lines)))


def make_text(seed: int, number: int, on_topic: bool) -> MadeArticle:
    """Seed and number → an article of 350 to 800 words, on topic or about anything else."""
    random = random_of("article", seed, number, on_topic)
    cast = draw_cast(random)
    topic, rest = ("on_topic", "background") if on_topic else ("off_topic", "off_topic")
    paragraphs = [say(f"{topic}_lead", random, cast)]
    decks = {name: _shuffle(name, random) for name in (topic, rest)}
    for _ in range(random.randint(9, 18)):
        names = [topic if random.random() < _DENSE else rest for _ in range(random.randint(2, 4))]
        paragraphs.append(" ".join(fill_slots(next(decks[name]), random, cast) for name in names))
    return MadeArticle(
        number=number,
        on_topic=on_topic,
        title=say(f"{topic}_title", random, cast),
        paragraphs=tuple(paragraphs),
        author=cast["expert"],
        published=_FIRST_DAY + timedelta(minutes=random.randrange(600_000)),
    )
