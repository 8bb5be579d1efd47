"""Raw bytes of a page → whether its text may name a watched alliance or cause, before anything is parsed.

What passes may still be off topic; what doesn't can't pass the gate on the text (`gate`), whatever its
encoding and escapes. One pass of a multi-pattern matcher finds the longest word of each name; the bytes
around it then tell whether it is the name. Known to slip through: a name with markup in the middle of a word.
"""

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from html.entities import codepoint2name
from unicodedata import normalize

import hyperscan

from transforms.gate import Name, spell_names
from transforms.knowledge import World

#: encodings in which a page may write letters beyond ASCII; ASCII letters are the same in all of them
_LEGACY = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1257", "iso8859_2", "iso8859_5", "koi8_r",
    "mac_roman",
)  # fmt: skip
#: bytes that separate the words of a name: white space of any encoding, entities and escapes for it, tags
_BETWEEN = (
    rb"(?:[\s\xa0\xc2]|\xe2\x80.|&nbsp;|&#160;|&#x[aA]0;|&#x?20;|&#32;|&#10;|\\[nrt]|\\u00[aA]0|\\u0020"
    rb"|<[^<>]*>)+"
)
#: what may stand before a name: no letter or digit, but an escape may end in one
_BEFORE = rb"(?:(?<![A-Za-z0-9])|(?<=\\u[0-9A-Fa-f]{4})|(?<=\\[nrtbf]))"
_AFTER = rb"(?![A-Za-z0-9])"
#: marks that pages write in several ways
_MARKS = {
    "'": rb"(?:'|\xe2\x80[\x98\x99]|[\x91\x92]|&#0*39;|&#[xX]27;|&[lr]squo;|&apos;|&#0*821[67];"
    rb"|&#[xX]201[89];|\\u201[89]|\\u0027)",
    "-": rb"(?:-|\xe2\x80[\x90-\x95]|[\xad\x96\x97]|&#0*45;|&#0*82[01][0-9];|&[mn]dash;|&hyphen;"
    rb"|\\u201[0-5])",
    "&": rb"(?:&amp;|&#0*38;|\\u0026|&)",
}  # fmt: skip
#: ways to write plain letters that no name is looked for in: such a page passes
_DISGUISED = (
    rb"&#0*(?:6[5-9]|[78][0-9]|90|9[7-9]|1[01][0-9]|12[0-2]);",
    rb"&#[xX]0*(?:[46][1-9a-fA-F]|[57][0-9aA]);",
    rb"\\u00(?:[46][1-9a-fA-F]|[57][0-9aA])",
    rb"(?:&#0*46;|&#[xX]0*2[eE];|&period;)",
    rb"[A-Za-z](?:\xc2\xad|\xe2\x80[\x8b-\x8f]|\xe2\x81\xa0|\xef\xbb\xbf|&shy;|&#0*173;|&#[xX]0*[aA][dD];"
    rb"|&ZeroWidthSpace;|&zwn?j;|&NoBreak;|&#0*820[3-7];|<wbr\s*/?>)[A-Za-z0-9.-]",
)
#: plain letters, those of an abbreviation with its points: 'U.N'
_ASCII_WORD = re.compile(r"[A-Za-z0-9]+(?:\.[A-Za-z0-9]+)*")
#: An anchor shorter than this is part of many words: it must stand alone.
_SHORT = 6
#: A plain part of a word shorter than this ('K', 'v' and 'r' of 'Kövér') is no anchor: it is in most words.
_RARE = 3
#: bytes around an anchor that the rest of a name can take, tags and escapes included
_REACH = 600
#: UTF-16 and UTF-32 show in the first bytes
_HEAD = 1_024
_ALONE = 0


@dataclass(slots=True, eq=False)
class _Anchored:
    """A name that is found by its anchor, and what it counts for."""

    name: Name
    #: how many countries the page must name beside it; `_ALONE` for a name that is enough
    needed: int
    country: int
    anchor: str
    #: what the name looks like from the anchor on, and before it; made when its anchor is first met
    rest: re.Pattern[bytes] | None = None
    head: "_Head | None" = None

    def stands_at(self, body: bytes, start: int) -> bool:
        """Bytes and where the anchor begins → whether the whole name stands there."""
        if self.rest is None:
            self.rest, self.head = _around(self.name, self.anchor)
        if self.rest.match(body, start) is None:
            return False
        if self.head is None:
            return True
        # A plain word is where it should be, or it isn't: the pattern takes far longer to say so.
        reach = max(0, start - _REACH)
        near = self.head.word in body[reach:start].lower()
        return near and self.head.pattern.search(body, reach, start) is not None


@dataclass(frozen=True, slots=True)
class _Head:
    """What stands before an anchor in its name."""

    #: its longest plain word, in small letters
    word: bytes
    pattern: re.Pattern[bytes]


@dataclass(frozen=True, slots=True)
class Scanner:
    """Names ready to search in bytes: for each pattern of the database, what it is the anchor of."""

    database: hyperscan.Database
    anchored: tuple[tuple[_Anchored, ...], ...]


@dataclass(frozen=True, slots=True)
class ByteGate:
    """The names of a world as bytes; made once for each process, as it can't travel between them."""

    first: Scanner
    #: names of countries, for causes that ask for several; compiled when the first page needs them, once
    countries: Callable[[], Scanner]


def compile_byte_gate(world: World) -> ByteGate:
    """World → the byte patterns of its watched alliances and causes."""
    asked = {cause.id: cause.countries for cause in world.causes if cause.country is None}
    helped = {cause.country for cause in world.causes if cause.country}
    enough, countries = list[tuple[Name, int, int]](), list[tuple[Name, int, int]]()
    numbers: dict[str, int] = {}
    for name in spell_names(world):
        if name.alliance or name.country in helped:
            enough.append((name, _ALONE, -1))
        elif name.country:
            countries.append((name, 1, numbers.setdefault(name.country, len(numbers))))
        elif needed := [asked[cause] for cause in name.causes if cause in asked]:
            enough.append((name, min(needed), -1))
    # The countries helped are not counted: one of them on a page is enough anyway.
    return ByteGate(_compile(enough, _DISGUISED), cache(lambda: _compile(countries)))


def may_name_watched(body: bytes, gate: ByteGate) -> bool:
    """Bytes of a page → False only where its text can't pass the gate."""
    if b"\x00" in body[:_HEAD]:
        return True
    needed = [
        found.needed if found else _ALONE
        for found in _scan(gate.first, body, lambda one: one.needed == _ALONE)
    ]
    if not needed or min(needed) == _ALONE:
        return bool(needed)
    countries: set[int] = set()

    def is_enough(one: _Anchored) -> bool:
        countries.add(one.country)
        return len(countries) >= min(needed)

    _scan(gate.countries(), body, is_enough)
    return len(countries) >= min(needed)


def _scan(scanner: Scanner, body: bytes, is_enough: Callable[[_Anchored], bool]) -> list[_Anchored | None]:
    """Bytes → the names in them up to the first that is enough; None stands for plain letters in disguise."""
    found: list[_Anchored | None] = []

    def visit(anchor: int, start: int, end: int, flags: int, context: object) -> bool | None:
        if anchor >= len(scanner.anchored):
            found.append(None)
            return True
        for one in scanner.anchored[anchor]:
            # Where the anchor had to stand alone, the match ends one byte later, or at the end of the page.
            begin = end - len(one.anchor)
            if one not in found and (
                one.stands_at(body, begin) or (begin and one.stands_at(body, begin - 1))
            ):
                found.append(one)
                if is_enough(one):
                    return True
        return None

    # A handler that has seen enough ends the scan so.
    with contextlib.suppress(hyperscan.ScanTerminated):
        scanner.database.scan(body, match_event_handler=visit)
    return found


def _compile(names: Iterable[tuple[Name, int, int]], always: Iterable[bytes] = ()) -> Scanner:
    anchors: dict[bytes, list[_Anchored]] = {}
    disguised = list(always)
    for name, needed, country in names:
        word = _longest(name.spelling)
        if not word:
            # In no script that the names of the world are in by now; such a page passes.
            disguised.append(
                b"".join(_letter(char, any_case=True) for char in name.spelling if not char.isspace())
            )
            continue
        if len(word) < _RARE and not name.spelling.isascii():
            word = ""
        anchors.setdefault(_expression(name, word), []).append(_Anchored(name, needed, country, word))
    expressions = [*anchors, *disguised]
    database = hyperscan.Database()
    database.compile(
        expressions=expressions,
        ids=list(range(len(expressions))),
        flags=[hyperscan.HS_FLAG_DOTALL] * len(expressions),
    )
    return Scanner(database, tuple(map(tuple, anchors.values())))


def _longest(words: str) -> str:
    """Name or part of one → its longest plain word, the last of several; '' where it has none."""
    found = _ASCII_WORD.findall(words)
    return max(reversed(found), key=lambda word: (not word.isdigit(), len(word)), default="")


def _expression(name: Name, word: str) -> bytes:
    """Name and its longest plain word → what to look for: the word, or the whole name where there is none."""
    if not word:
        return _pattern(name.spelling, _any_case(name))
    anchor = _plain_letters(word, _any_case(name))
    # Beside a letter beyond ASCII there may be a plain one, where accents are characters of their own.
    if len(word) >= _SHORT or not name.spelling.isascii():
        return anchor
    return rb"(?:^|[^A-Za-z0-9]|\\u[0-9A-Fa-f]{4}|\\[nrtbf])" + anchor + rb"(?:[^A-Za-z0-9]|$)"


def _plain_letters(word: str, any_case: bool) -> bytes:
    """Plain word → its pattern. Capitals stay capitals: 'council' is on many pages, 'Council' on fewer."""
    if any_case or word.islower():
        return b"(?i:" + re.escape(word.encode()) + b")"
    return b"".join(
        re.escape(char.encode()) if not char.islower() else f"[{char}{char.upper()}]".encode()
        for char in word
    )


def _any_case(name: Name) -> bool:
    """Name → whether its capitals don't matter, as those of aid words never do."""
    return name.any_case or bool(name.causes)


def _around(name: Name, anchor: str) -> tuple[re.Pattern[bytes], _Head | None]:
    """Name and its anchor → what every way to write it looks like: from the anchor on, and before."""
    # One that is found as a whole has its anchor at its end.
    at = name.spelling.index(anchor) if anchor else len(name.spelling)
    tail = _pattern(name.spelling[at:], _any_case(name)) + _AFTER
    if not at:
        return re.compile(_BEFORE + tail, re.DOTALL), None
    head = _BEFORE + _pattern(name.spelling[:at], _any_case(name)) + rb"\Z"
    word = _longest(name.spelling[:at]).lower().encode()
    return re.compile(tail, re.DOTALL), _Head(word, re.compile(head, re.DOTALL))


def _pattern(words: str, any_case: bool) -> bytes:
    """Part of a name → the pattern of every way to write it."""
    return b"".join(_BETWEEN if char.isspace() else _letter(char, any_case) for char in words)


def _letter(char: str, any_case: bool) -> bytes:
    """Character → the pattern of its bytes: capitals stay capitals, small letters may be either."""
    if char in _MARKS:
        return _MARKS[char]
    forms = sorted({char, char.upper()} | ({char.lower()} if any_case else set()))
    if len(forms) == 1 and char.isascii():
        return re.escape(char.encode())
    return b"(?:" + b"|".join(dict.fromkeys(way for form in forms for way in _written(form))) + b")"


def _written(char: str) -> Iterator[bytes]:
    """A character → its bytes in each encoding, its entities and its escapes; plain letters as they are."""
    if char.isascii():
        yield re.escape(char.encode())
        return
    for form in dict.fromkeys((char, normalize("NFD", char))):
        yield re.escape(form.encode())
    for encoding in _LEGACY:
        try:
            yield re.escape(char.encode(encoding))
        except UnicodeEncodeError:
            continue
    if len(char) > 1:
        return
    code = ord(char)
    yield b"&#0*%d;" % code
    yield b"(?i:&#x0*%x;)" % code
    yield rb"(?i:\\u%04x)" % code
    if code in codepoint2name:
        yield b"&%s;" % codepoint2name[code].encode()
