"""A fragment of HTML, as feeds carry it → plain text, a line for each block; what isn't prose is left out.

One pass with no way back: the standard library's parser takes quadratic time on some broken markup.
"""

import html
import re

_TOKEN = re.compile(r"<!--|<(/?)([a-zA-Z][a-zA-Z0-9:-]*)|<[!?]")
_BLOCKS = frozenset(
    (
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "caption",
        "dd",
        "div",
        "dl",
        "dt",
        "footer",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    )
)
#: elements whose content is no prose
_SKIPPED = frozenset(
    (
        "script",
        "style",
        "noscript",
        "template",
        "figcaption",
        "svg",
        "math",
        "iframe",
        "object",
        "button",
        "select",
    )
)


def strip_markup(fragment: str) -> str:
    """Fragment of HTML, or text with a few entities → its text, a line for each block."""
    if "<" not in fragment and "&" not in fragment:
        return fragment
    lines = (" ".join(line.split()) for line in "".join(_parts_of(fragment)).split("\n"))
    return "\n".join(line for line in lines if line)


def _parts_of(fragment: str) -> list[str]:
    """Fragment → its texts and the line ends between its blocks."""
    parts: list[str] = []
    skipped, depth, position = "", 0, 0
    while match := _TOKEN.search(fragment, position):
        if not skipped:
            parts.append(_read_text(fragment[position : match.start()]))
        position = _after(fragment, "-->" if match.group() == "<!--" else ">", match.end())
        name, closing = (match.group(2) or "").lower(), bool(match.group(1))
        if not skipped and name in _BLOCKS:
            parts.append("\n")
        elif not skipped and not closing and name in _SKIPPED and fragment[position - 2 : position] != "/>":
            skipped, depth = name, 1
        elif skipped and name == skipped:
            depth += -1 if closing else 1
            skipped = skipped if depth else ""
    if not skipped:
        parts.append(_read_text(fragment[position:]))
    return parts


def _read_text(text: str) -> str:
    # A line end inside markup is a space; only blocks end lines.
    return html.unescape(text).replace("\n", " ")


def _after(text: str, mark: str, position: int) -> int:
    found = text.find(mark, position)
    return len(text) if found < 0 else found + len(mark)
