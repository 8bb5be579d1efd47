"""Bytes → text: tells which encoding was used, and says so where it isn't the declared one."""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
#: browsers read these labels as Windows' superset, and so do the people who write them
_SUPERSETS = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "gbk": "gb18030",
}
#: first bytes of files that hold no text
_MAGIC = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"\x1f\x8b",
    b"\x7fELF",
    b"Rar!",
    b"PAR1",
    b"BZh",
    b"\xd0\xcf\x11\xe0",
    b"SQLite format 3\x00",
    b"\xfd7zXZ\x00",
    b"(\xb5/\xfd",
    b"MZ\x90\x00",
)
_NO_ENCODINGS = {"idna", "punycode", "unicode_escape", "raw-unicode-escape", "utf-7", "undefined"}
_OTHER_SCRIPTS = (
    "Cyrillic",
    "Greek",
    "Arabic",
    "Hebrew",
    "CJK",
    "Hiragana",
    "Katakana",
    "Hangul",
    "Thai",
    "Armenian",
    "Georgian",
)
_HEAD = 4_096
_GUESS_BYTES = 50_000
_META_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([A-Za-z0-9_:.\-]{2,40})""", re.IGNORECASE
)
_XML_ENCODING = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9_:.\-]{2,40})["']""")
#: controls of C1 are no letters: a text that has them was written in another code page
_C1 = re.compile("[\x80-\x9f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """Text with the encoding it was read in, and notes where a reader should doubt it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(data: bytes, declared: str | None = None) -> Decoded:
    """Bytes → text: byte order mark, then the declared encoding, UTF-8, a guess, and cp1252 at last.

    The first that reads every byte wins. What differs from the declaration, and every character that had
    to be replaced, is said in `notes`.
    """
    label = _codec(declared)
    marked = _by_mark(data)
    if marked is not None:
        return marked
    wide = _unmarked_utf16(data)
    for encoding in dict.fromkeys(filter(None, (label, wide, "utf-8"))):
        text = _strictly(data, encoding)
        if text is not None and not (encoding == wide and "\x00" in text):
            return Decoded(text=text, encoding=encoding, notes=_differs(label, declared, encoding))
    # One broken byte in long UTF-8 must not turn all its accents into another code page's.
    if _nearly_utf8(data):
        return _replacing(data, "utf-8", declared, label)
    for guess in filter(None, (_guess(data), "cp1252")):
        text = _strictly(data, guess)
        if text is not None and not _C1.search(text):
            notes = _differs(label, declared, guess) or (f"encoding: guessed {guess}",)
            return Decoded(text=text, encoding=guess, notes=notes)
    return _replacing(data, "cp1252", declared, label)


def decode_html(data: bytes, declared: str | None = None) -> Decoded:
    """Bytes of a page → its text, by the header's encoding or else the one its first 4 KB declare."""
    return decode(data, declared or sniff_charset(data))


def sniff_charset(data: bytes) -> str | None:
    """First bytes of a page or XML file → the encoding they declare, or None."""
    head = data[:_HEAD]
    match = _XML_ENCODING.search(head) or _META_CHARSET.search(head)
    return match.group(1).decode("ascii") if match else None


def drop_surrogates(text: str) -> str:
    """Text → the same without lone surrogates, which JSON can spell but no file or table can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")


def looks_binary(data: bytes) -> bool:
    """Bytes → whether they are no text at all: a known file type, or controls no text has."""
    head = data[:8_192]
    if head.startswith(_MAGIC):
        return True
    if any(head.startswith(mark) for mark, _ in _BOMS) or _unmarked_utf16(head):
        return False
    controls = sum(byte < 32 and byte not in (9, 10, 12, 13, 27) for byte in head)
    return head.count(0) > 0.01 * len(head) or controls > 0.05 * len(head)


def _by_mark(data: bytes) -> Decoded | None:
    # UTF-16's mark and a zero character look like UTF-32's: the first that reads every byte is meant.
    marked = [(mark, encoding) for mark, encoding in _BOMS if data.startswith(mark)]
    for mark, encoding in marked:
        text = _strictly(data[len(mark) :], encoding)
        if text is not None:
            return Decoded(text=text, encoding=encoding)
    wide = [(mark, encoding) for mark, encoding in marked if encoding != "utf-8"]
    return _replacing(data[len(wide[-1][0]) :], wide[-1][1], None, None) if wide else None


def _unmarked_utf16(data: bytes) -> str | None:
    """Bytes → UTF-16's byte order where every other byte is zero, as in Latin text without its mark."""
    head = data[: _HEAD // 2 * 2]
    half = len(head) // 2
    if half < 4:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.7 * half and even < 0.05 * half:
        return "utf-16-le"
    return "utf-16-be" if even > 0.7 * half and odd < 0.05 * half else None


def _codec(label: str | None) -> str | None:
    if not label:
        return None
    try:
        info = codecs.lookup(label.strip())
        # Some codecs turn bytes into bytes ('hex'); others read what no page is written in.
        decoder: Callable[[bytes], tuple[object, int]] = info.decode
        if not isinstance(decoder(b"")[0], str) or info.name in _NO_ENCODINGS:
            return None
    except (LookupError, ValueError, TypeError, UnicodeError):
        return None
    return _SUPERSETS.get(info.name, info.name)


def _strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return None


def _nearly_utf8(data: bytes) -> bool:
    """Bytes → whether good multi-byte characters outnumber broken ones ten to one."""
    text = data.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    good = sum(ord(character) > 127 for character in text) - broken
    return good > 10 * broken


def _guess(data: bytes) -> str | None:
    best = from_bytes(data[:_GUESS_BYTES], enable_fallback=False).best()
    if best is None:
        return None
    # Between the Latin code pages a guess is a coin toss; Western is what news in English uses.
    other_script = any(alphabet.startswith(_OTHER_SCRIPTS) for alphabet in best.alphabets)
    return str(best.encoding) if other_script else "cp1252"


def _replacing(data: bytes, encoding: str, declared: str | None, label: str | None) -> Decoded:
    text = data.decode(encoding, "replace")
    replaced = text.count("\ufffd")
    notes = _differs(label, declared, encoding)
    return Decoded(text=text, encoding=encoding, notes=(*notes, f"encoding: {replaced} characters replaced"))


def _differs(label: str | None, declared: str | None, encoding: str) -> tuple[str, ...]:
    if declared and label is None:
        return (f"encoding: declared {declared[:40]} is unknown, read as {encoding}",)
    if label is not None and label != encoding:
        return (f"encoding: declared {declared}, read as {encoding}".lower(),)
    return ()
