"""Clean text → its sentences with offsets, and each in a spelling that the parser reads well. Never fails.

Offsets hold: the respelled sentence has exactly the length of the original.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from transforms.codebook import Field
from transforms.detection.words import Words
from transforms.records import Evidence

#: A sentence longer than this is cut at a word border: parsing costs grow, and no newsroom writes such.
MAX_SENTENCE_CHARS = 1200

_BOUNDARY = re.compile(r"""[.!?…]+["'”’)\]]*\s+(?=["'“‘(\[]*[A-Z0-9])|\n+""")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Mr|Mrs|Ms|Dr|Gen|Lt|Col|Maj|Capt|Sgt|Adm|Sen|Rep|Gov|Rev|Hon|Prof|St|No|vs|Inc|Corp|Co|Ltd|Jr|Sr|"
    r"Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Mon|Tue|Wed|Thu|Fri|Sat|Sun|Fla|Calif|Mo|Va|Pa|Mass|approx)"
    r"|\b[A-Z])\.$"
)
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}$")
_STARTERS = re.compile(
    r"""["'“‘(\[]*(?:The|In|But|It|He|She|They|We|This|That|However|On|At|And|A|An|After|As)\b"""
)
_RESPELL = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "—": "-", "\u00a0": " ", "\n": " "}
)
#: 'PRESIDENT NIINISTO:' at the start of what he says in a transcript.
_SPEAKER_LABEL = re.compile(r"[A-ZÀ-Þ][A-ZÀ-Þ.’'-]+(?:\s[A-ZÀ-Þ][A-ZÀ-Þ.’'-]+){0,5}(?=:)")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence at [start, end) of the article's title or text."""

    field: Field
    start: int
    end: int
    #: counts title and text sentences in one order
    index: int
    text: str


def quote_sentence(sentence: Sentence) -> Evidence:
    """Sentence → the evidence that it is, with its offsets."""
    return Evidence(field=sentence.field, start=sentence.start, end=sentence.end, text=sentence.text)


def split_sentences(title: str, text: str) -> tuple[Sentence, ...]:
    """Title and text → sentences in reading order: the title is one, paragraphs never share one."""
    spans: list[tuple[Field, int, int]] = []
    if title.strip():
        spans += [("title", start, end) for start, end in _spans(title)]
    spans += [("text", start, end) for start, end in _spans(text)]
    source = {"title": title, "text": text}
    return tuple(
        Sentence(field, start, end, index, source[field][start:end])
        for index, (field, start, end) in enumerate(spans)
    )


def _spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _BOUNDARY.finditer(text):
        if "\n" not in match.group() and not _ends_sentence(text, match):
            continue
        spans.append((start, match.end()))
        start = match.end()
    spans.append((start, len(text)))
    return [part for span in spans for part in _trim(text, *span)]


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    before = text[max(0, match.start() - 12) : match.start() + 1]
    if _INITIALS.search(before):
        return bool(_STARTERS.match(text, match.end()))
    return not _ABBREVIATION.search(before)


def _trim(text: str, start: int, end: int) -> list[tuple[int, int]]:
    parts: list[tuple[int, int]] = []
    while start < end:
        stop = end
        if end - start > MAX_SENTENCE_CHARS:
            cut = text.rfind(" ", start, start + MAX_SENTENCE_CHARS)
            stop = cut if cut > start else start + MAX_SENTENCE_CHARS
        piece = text[start:stop]
        left = len(piece) - len(piece.lstrip())
        right = len(piece.rstrip())
        if right > left:
            parts.append((start + left, start + right))
        start = stop
    return parts


def respell(text: str) -> str:
    """Sentence → the same with plain quotes and, if all in capitals, re-cased: parsers know plain prose."""
    plain = text.translate(_RESPELL)
    if not is_all_capitals(plain):
        return plain
    cased = list(plain.lower())
    first = _first_letter(plain)
    for position in {0} if first and plain[first - 1].isalnum() else {0, first}:
        cased[position] = plain[position]
    respelled = "".join(cased)
    return respelled if len(respelled) == len(text) else plain


def _title_case(text: str) -> str:
    """ALL-CAPS text → Title Case of the same length, so that names of the gazetteer match in it."""
    cased = "".join(
        char
        if position == 0 or not (text[position - 1].isalnum() or text[position - 1] in "'’.")
        else char.lower()
        for position, char in enumerate(text)
    )
    return cased if len(cased) == len(text) else text


def recase_capitals(source: str, sentences: list[Sentence], acronyms: Words) -> str:
    """Title or text with its sentences → the same length, headlines and speakers in capitals re-cased."""
    cased = source
    for sentence in sentences:
        label = _SPEAKER_LABEL.match(sentence.text)
        if is_all_capitals(sentence.text):
            cased = (
                cased[: sentence.start] + _title_case_names(sentence.text, acronyms) + cased[sentence.end :]
            )
        elif label is not None:
            end = sentence.start + label.end()
            cased = cased[: sentence.start] + _title_case_names(label.group(), acronyms) + cased[end:]
    return cased


def _title_case_names(text: str, acronyms: Words) -> str:
    """ALL-CAPS sentence → Title Case, short words (EC, EU, US, NATO) left in capitals."""
    titled = _title_case(text)
    words = []
    position = 0
    for word in text.split(" "):
        bare = word.strip(".,:;!?\"'()").removesuffix("'S")
        piece = titled[position : position + len(word)]
        words.append(word if bare in acronyms else piece)
        position += len(word) + 1
    joined = " ".join(words)
    return joined if len(joined) == len(text) else titled


def sentence_case(text: str, keep: Sequence[tuple[int, int]]) -> str:
    """Title Case Headline → the same in sentence case, so that its verbs are read as verbs.

    Args:
        text: the headline.
        keep: spans that hold names and stay as they are.
    """
    words = list(re.finditer(r"[^\W\d_][\w'-]*", text))
    long = [word for word in words if len(word.group()) > 3 and not _inside(word.start(), keep)]
    capital = [word for word in long if word.group()[0].isupper()]
    if len(long) < 3 or len(capital) < 0.7 * len(long):
        return text
    cased = list(text)
    for word in words[1:]:
        piece = word.group()
        if (
            _inside(word.start(), keep)
            or piece.isupper()
            or not piece[0].isupper()
            or any(char.isupper() for char in piece[1:])
        ):
            continue
        lowered = piece[0].lower()
        if len(lowered) == 1:
            cased[word.start()] = lowered
    return "".join(cased)


def _inside(position: int, spans: Sequence[tuple[int, int]]) -> bool:
    return any(start <= position < end for start, end in spans)


def is_all_capitals(text: str) -> bool:
    """Whether a sentence is written in capitals, as wire headlines of the 1980s are."""
    letters = list(filter(str.isalpha, text))
    return len(letters) > 12 and sum(map(str.isupper, letters)) > 0.85 * len(letters)


def _first_letter(text: str) -> int:
    return next((position for position, char in enumerate(text) if char.isalpha()), 0)
