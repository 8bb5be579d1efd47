"""A fragment of HTML, as feeds carry it → plain text, a line for each block; what isn't prose is left out."""

from html.parser import HTMLParser

_BLOCKS = frozenset((
    "address", "article", "aside", "blockquote", "br", "caption", "dd", "div", "dl", "dt", "footer",
    "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "p", "pre", "section",
    "table", "tbody", "td", "th", "thead", "tr", "ul",
))
_SKIPPED = frozenset((
    "script", "style", "noscript", "template", "figcaption", "svg", "math", "iframe", "object", "button",
    "form", "select",
))


class _Text(HTMLParser):
    """Collects text; the parser of the standard library reads any input in one pass and never fetches."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self.skipped.append(tag)
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _BLOCKS:
            self.parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            if tag in self.skipped:
                del self.skipped[self.skipped.index(tag):]
        elif tag in _BLOCKS:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if not self.skipped:
            # A line end inside markup is a space; only blocks end lines.
            self.parts.append(" ".join(data.split("\n")))


def strip_markup(fragment: str) -> str:
    """Fragment of HTML, or text with a few entities → its text, a line for each block."""
    if "<" not in fragment and "&" not in fragment:
        return fragment
    parser = _Text()
    parser.feed(fragment)
    parser.close()
    lines = (" ".join(line.split()) for line in "".join(parser.parts).split("\n"))
    return "\n".join(line for line in lines if line)
