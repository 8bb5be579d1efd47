"""Text as it was typed, wrapped or scraped → clean paragraphs: one for each line that isn't hard-wrapped."""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from itertools import pairwise

#: a text whose lines are all this short may have been wrapped by hand or by a program
MAX_WRAP = 120
MIN_WRAP = 40

_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SPACES = re.compile(r"[^\S\n]+")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|blockquote|br|div|em|figure|figcaption|h[1-6]|i|img|li|ol|p|small|span|strong|sub|sup|u|ul)"
    r"(?:\s[^<>]{0,2000})?/?>|<!--[^<>]{0,2000}-->",
    re.IGNORECASE,
)
_BLOCK_TAG = re.compile(r"</?(?:blockquote|br|div|figure|figcaption|h[1-6]|li|ol|p|ul)\b", re.IGNORECASE)
#: a summary cut in the middle of a tag
_CUT_TAG = re.compile(
    r"<(?:a\b[^<>]{0,2000}|/?(?:a|b|p|em|str|stro|stron|strong|br|spa|span|di|div))?$", re.IGNORECASE
)
#: marks of Markdown that scrapers put for headings and bold type
_MARKDOWN = re.compile(r"^#{1,6}\s+|\*\*", re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_BULLET = re.compile(r"(?:[•·▪●*–—-]|\d{1,2}[.)])\s")
_UNSEEN_RANGES = (
    (0x00, 0x09),
    (0x0E, 0x20),
    (0x7F, 0x85),
    (0x86, 0xA0),
    (0xAD, 0xAE),
    (0x34F, 0x350),
    (0x61C, 0x61D),
    (0x180E, 0x180F),
    (0x200B, 0x2010),
    (0x202A, 0x202F),
    (0x2060, 0x2070),
    (0xD800, 0xE000),
    (0xFEFF, 0xFF00),
    (0xFFF9, 0xFFFC),
    (0xE0000, 0xE0080),
)
_UNSEEN = {code: None for first, end in _UNSEEN_RANGES for code in range(first, end)}


def tidy_characters(text: str) -> str:
    """Text → the same in composed Unicode, without controls and invisible characters, every line end '\\n'.

    Entities and inline tags that scraping left over are read as what they stand for.
    """
    if "&" in text:
        text = _ENTITY.sub(lambda match: html.unescape(match.group()), text)
    if "<" in text:
        text = _INLINE_TAG.sub(lambda match: "\n" if _BLOCK_TAG.match(match.group()) else "", text)
        text = _CUT_TAG.sub("", text)
    if "#" in text or "**" in text:
        text = _MARKDOWN.sub("", text)
    text = _LINE_ENDS.sub("\n", text).translate(_UNSEEN)
    return unicodedata.normalize("NFC", text)


def tidy_line(text: str) -> str:
    """Text → one clean line: for titles, names and outlets."""
    return " ".join(tidy_characters(text).split())


def split_paragraphs(text: str, is_label: Callable[[str], bool]) -> list[str]:
    """Tidied text → its paragraphs, hard-wrapped lines joined; `is_label` tells lines that stand alone."""
    lines = [_SPACES.sub(" ", line).strip() for line in text.split("\n")]
    breaks = _breaks_inside(lines)
    if not _is_wrapped(lines, breaks):
        return [line for line in lines if line]
    width = max(map(len, lines))
    paragraphs: list[str] = []
    previous = ""
    for line in lines:
        runs_on = previous and line and _continues(previous, line, width)
        if runs_on and not (is_label(previous) or is_label(line)):
            paragraphs[-1] = _joined(paragraphs[-1], line)
        elif line:
            paragraphs.append(line)
        previous = line
    return paragraphs


def ends_sentence(line: str) -> bool:
    """Line → whether it ends as a sentence does."""
    return _SENTENCE_END.search(line) is not None


def _breaks_inside(lines: Sequence[str]) -> list[tuple[str, str]]:
    return [(line, after) for line, after in pairwise(lines) if line and after]


def _is_wrapped(lines: Sequence[str], breaks: Sequence[tuple[str, str]]) -> bool:
    """Lines → whether they were wrapped: sentences run on over line ends, and lines are filled to a width.

    Someone who writes a paragraph a line ends the line with a full stop and starts the next with a capital.
    """
    if not breaks:
        return False
    width = max(map(len, lines))
    if not MIN_WRAP <= width <= MAX_WRAP:
        return False
    if any(_splits_a_word(line, after) for line, after in breaks):
        return True
    running = sum(not ends_sentence(line) and after[0].islower() for line, after in breaks)
    filled = sum(_overflows(line, after, width) for line, after in breaks)
    return running >= 0.4 * len(breaks) and filled >= 0.5 * len(breaks)


def _overflows(line: str, after: str, width: int) -> bool:
    return len(line) + 1 + len(after.split(" ", 1)[0]) > width


def _continues(line: str, after: str, width: int) -> bool:
    if _BULLET.match(after):
        return False
    if _overflows(line, after, width):
        return True
    return not ends_sentence(line) and (after[0].islower() or _overflows(line, after, width - 10))


def _splits_a_word(line: str, after: str) -> bool:
    # 'Euro-' at the end of a line is half a word; ' -' is a dash, and 'pre- and post-war' are two words.
    half_word = len(line) > 1 and line[-1] == "-" and line[-2].isalpha() and after[0].isalpha()
    return half_word and after.split(" ", 1)[0] not in ("and", "or", "to")


def _joined(line: str, after: str) -> str:
    return line + after if _splits_a_word(line, after) else f"{line} {after}"
