"""Text of a page or feed → title and text without its furniture: teasers, captions, other headlines."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from transforms.paragraphs import ends_sentence, split_paragraphs, tidy_characters, tidy_line

MAX_HEADLINE = 200
MAX_LABEL = 160
#: a text this short is a feed's summary: of 'Talks go on. Read more' the sentence is kept
FEW_PARAGRAPHS = 3

_WORD = re.compile(r"\w+(?:['’]\w+)*")
_EDGES = " \t.,:;!?…-–—|·•*_\"'“”‘’«»()[]<>→›▶⏳"


@dataclass(frozen=True, slots=True, kw_only=True)
class Furniture:
    """What surrounds an article on a page, as people wrote it; case and outer punctuation don't matter."""

    #: lines that are furniture as a whole, also several of them in one line
    lines: tuple[str, ...] = ()
    #: how short lines of furniture start
    starts: tuple[str, ...] = ()
    #: what only short lines of furniture contain
    contains: tuple[str, ...] = ()
    #: links at the end of a line; the headline before them is another article's
    tails: tuple[str, ...] = ()
    #: labels before a second headline of the same article
    teasers: tuple[str, ...] = ()
    #: labels before one headline of another article; also glued to the end of a line, then in this very case
    navigation: tuple[str, ...] = ()
    #: labels before a list of other articles' headlines
    link_lists: tuple[str, ...] = ()
    #: words before the name of a photographer
    credit_labels: tuple[str, ...] = ()
    #: agencies whose name ends a photo credit
    agencies: tuple[str, ...] = ()
    #: what a page says in place of the article until its cookies are accepted
    consent: tuple[str, ...] = ()
    #: … until one pays or logs in
    paywall: tuple[str, ...] = ()
    #: … until one proves to be human
    bot_check: tuple[str, ...] = ()


def clean_plain_text(text: str, title: str, furniture: Furniture) -> tuple[str, str]:
    """Text and its title, '' for none → title and text without furniture, a paragraph a line.

    Without a title the first line is taken as one where it looks like a headline.
    """
    rules = _rules_of(furniture)
    paragraphs = split_paragraphs(tidy_characters(text), rules.is_label)
    return _clean(paragraphs, tidy_line(title), rules)


def clean_paragraphs(paragraphs: Sequence[str], title: str, furniture: Furniture) -> tuple[str, str]:
    """Paragraphs that markup told apart → title and text without furniture; the title is never guessed."""
    tidied = [tidy_line(paragraph) for paragraph in paragraphs]
    title = tidy_line(title)
    return _clean([line for line in tidied if line], title, _rules_of(furniture), guess_title=False)


def is_headline_like(line: str) -> bool:
    """Line → whether it could be a headline: a few words that don't end as a sentence does."""
    return (
        len(line.split()) >= 2
        and len(line) <= MAX_HEADLINE
        and line[-1] not in ".;:,-–—_"
        and not line.endswith(('."', ".”", ".'", ".’", ".)"))
    )


def _clean(
    paragraphs: Sequence[str], title: str, rules: "_Rules", guess_title: bool = True
) -> tuple[str, str]:
    lines = _without_navigation(paragraphs, rules)
    few = len(lines) <= FEW_PARAGRAPHS
    trimmed = (
        line if rules.is_furniture(line) else rules.trim(line, alone=few or place == 0)
        for place, line in enumerate(lines)
    )
    lines = [line for line in trimmed if line]
    kept: list[str] = []
    after_teaser = False
    for place, line in enumerate(lines):
        if rules.is_teaser(line):
            after_teaser = True
        elif rules.is_furniture(line):
            continue
        elif not title and guess_title and not kept and _opens_with_headline(line, lines):
            title = line
        elif len(kept) < 3 and place + 1 < len(lines) and _repeats(title, line, loosely=after_teaser):
            after_teaser = False
        else:
            kept.append(_without_glued_headline(title, line) if after_teaser else line)
            after_teaser = False
    return title, "\n".join(kept)


def _opens_with_headline(line: str, lines: Sequence[str]) -> bool:
    later = lines[lines.index(line) + 1 :]
    starts_well = not line[0].islower() and line[0] not in "•-*–—"
    has_body = any(ends_sentence(other) or len(other) > MAX_HEADLINE for other in later)
    return starts_well and has_body and is_headline_like(line)


def _repeats(title: str, line: str, loosely: bool) -> bool:
    """Headline and line → whether the line says it again, in the same words or (loosely) nearly the same."""
    if not title or not line or (line[-1] in ".;:," and not title.endswith(line[-1])):
        return False
    ours, theirs = _words(title), _words(line)
    if not ours or not theirs or len(line) > MAX_HEADLINE + 50:
        return False
    shared = len(ours & theirs) / len(ours | theirs)
    return shared >= (0.35 if loosely else 0.85)


def _without_glued_headline(title: str, line: str) -> str:
    """Headline and line → the line without the headline at its start, where line ends were lost."""
    last = title.rsplit(" ", 1)[-1]
    end = line.find(last, 0, MAX_HEADLINE) + len(last) if title and last in line[:MAX_HEADLINE] else 0
    head, rest = line[:end], line[end:].lstrip()
    return rest if rest[:1].isupper() and _repeats(title, head, loosely=True) else line


def _words(text: str) -> set[str]:
    return {word.replace("’", "'").removesuffix("'s") for word in _WORD.findall(text.casefold())}


def _without_navigation(paragraphs: Sequence[str], rules: "_Rules") -> list[str]:
    """Paragraphs → those that don't belong to other articles: their labels, and the headlines after them."""
    kept: list[str] = []
    # How many headlines of other articles may still follow.
    others = 0
    for line in (part for paragraph in paragraphs for part in rules.split_at_teaser(paragraph)):
        line = rules.cut_navigation(line)
        folded = fold(line)
        if not line or folded in rules.navigation:
            others = 1
        elif folded in rules.link_lists:
            others = 10
        elif rules.is_furniture(line):
            kept.append(line)
        elif others and is_headline_like(line):
            others -= 1
        else:
            others = 0
            kept.append(line)
    return kept


@dataclass(frozen=True, slots=True)
class _Rules:
    """`Furniture` made ready for matching."""

    lines: frozenset[str]
    starts: tuple[str, ...]
    contains: tuple[str, ...]
    teasers: frozenset[str]
    navigation: frozenset[str]
    link_lists: frozenset[str]
    all_lines: re.Pattern[str] | None
    tail: re.Pattern[str] | None
    credit_tail: re.Pattern[str] | None
    credit_line: re.Pattern[str] | None
    glued: re.Pattern[str] | None
    glued_lines: re.Pattern[str] | None
    glued_teaser: re.Pattern[str] | None

    def is_label(self, line: str) -> bool:
        """Line → whether it stands on its own between wrapped lines."""
        folded = fold(line)
        return folded in self.lines or folded in self.navigation or folded in self.link_lists

    def is_teaser(self, line: str) -> bool:
        """Line → whether the article's headline is said again after it."""
        return any(fold(line).endswith(teaser) for teaser in self.teasers) and self.is_furniture(line)

    def is_furniture(self, line: str) -> bool:
        """Line → whether nothing in it belongs to the article."""
        folded = fold(line)
        if not folded or folded in self.lines:
            return True
        if len(line) > MAX_LABEL:
            return False
        if self.all_lines and self.all_lines.fullmatch(folded):
            return True
        said = _lower(line)
        if said.startswith(self.starts) or any(phrase in said for phrase in self.contains):
            return True
        return bool(self.credit_line and self.credit_line.fullmatch(line))

    def trim(self, line: str, alone: bool) -> str:
        """Line → what is left of it without link texts and photo credits at its ends."""
        if self.glued_lines:
            # Only near the end: a long row of labels would be searched again from each of them.
            border = max(0, len(line) - 2 * MAX_LABEL)
            line = (line[:border] + self.glued_lines.sub("", line[border:])).strip()
        if self.tail and (match := self.tail.search(line)):
            rest = line[: match.start()].rstrip(" .…|–—-") if match.start() else ""
            full = line[: match.start()].rstrip()
            if not rest or (not alone and is_headline_like(full)):
                return ""
            line = full
        if self.credit_tail and (match := self.credit_tail.search(line)) and match.start() > 0:
            line = line[: match.start()].rstrip()
        return line

    def split_at_teaser(self, line: str) -> list[str]:
        """Line → itself, or what stands before, in and after a teaser that was glued into it."""
        parts = self.glued_teaser.split(line) if self.glued_teaser else [line]
        return [part.strip() for part in parts if part.strip()]

    def cut_navigation(self, line: str) -> str:
        """Line → the same up to where labels of other articles are glued to it."""
        match = self.glued.search(line) if self.glued else None
        if match is None:
            return line
        rest = line[match.end() :]
        if len(rest) > 2 * MAX_HEADLINE or (ends_sentence(rest) and not rest.endswith(("?", "!"))):
            return line
        return line[: match.start()].rstrip()


@lru_cache(maxsize=8)
def _rules_of(furniture: Furniture) -> _Rules:
    phrases = {fold(phrase) for phrase in (*furniture.lines, *furniture.teasers)} - {""}
    labels = _either(furniture.credit_labels)
    agencies = _either(furniture.agencies)
    # Inside of text only phrases that are no part of a sentence by chance.
    long_lines = [phrase for phrase in furniture.lines if len(phrase.split()) >= 3]
    long_teasers = [phrase for phrase in furniture.teasers if len(phrase.split()) >= 3]
    return _Rules(
        lines=frozenset(phrases),
        starts=tuple(map(_lower, furniture.starts)),
        contains=tuple(map(_lower, furniture.contains)),
        teasers=frozenset(map(fold, furniture.teasers)),
        navigation=frozenset(map(fold, furniture.navigation)),
        link_lists=frozenset(map(fold, furniture.link_lists)),
        all_lines=re.compile(rf"(?:(?:{_either(phrases)})\b\W*)+") if phrases else None,
        tail=re.compile(rf"(?:^|(?<=\W))(?:{_either(furniture.tails)})\W*$", re.IGNORECASE)
        if furniture.tails
        else None,
        credit_tail=re.compile(
            rf"\s*[(\[](?:{labels})\b[^()\[\]]{{0,120}}[)\]]$"
            rf"|(?<=[.!?”\"’')])\s+(?:{labels})(?::| by\b)[^.!?]{{2,80}}$"
            rf"|\s*\([^()]{{2,80}}(?:/|via |—|, )(?:{agencies})\)$"
        )
        if labels and agencies
        else None,
        credit_line=re.compile(
            rf"\(?(?:{labels})(?:| by|:|\.)\s[^.!?]{{2,120}}\)?"
            rf"|[^.!?]{{2,80}}(?:/\s?|\bvia |\s?—\s?)(?:{agencies})\)?"
        )
        if labels and agencies
        else None,
        glued=re.compile(_either(furniture.navigation)) if furniture.navigation else None,
        glued_lines=re.compile(rf"(?:(?<!\w)(?:{_either(long_lines)})\s*)+$") if long_lines else None,
        glued_teaser=re.compile(rf"((?:(?:{_either(long_teasers)})\s*)+)") if long_teasers else None,
    )


def _either(phrases: Iterable[str]) -> str:
    return "|".join(re.escape(phrase) for phrase in sorted(set(phrases), key=len, reverse=True))


@lru_cache(maxsize=1_024)
def fold(line: str) -> str:
    """Line → the form it is compared in: lower case, plain quotes, no punctuation around it."""
    return _lower(line).rstrip(_EDGES)


@lru_cache(maxsize=1_024)
def _lower(line: str) -> str:
    return " ".join(line.replace("’", "'").replace("‘", "'").casefold().split()).lstrip(_EDGES)
