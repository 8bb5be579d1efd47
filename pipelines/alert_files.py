"""Alerts → JSON lines that are appended, and an RSS file that is written anew; each alert is there once.

Takes bodies of alerts and a path, gives the file; rejects a path that can't be written (OSError). After a
crash in between, an alert that stands in the file already is known by its id; half a line, cut off by the
crash, is removed.
"""

import json
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from transforms.storage import sync_folder, write_durably

#: of a file's end, in which what was appended just before a crash must stand
_TAIL: Final = 16_000_000
#: what XML 1.0 has no form for
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def append_lines(path: Path, bodies: Mapping[str, str]) -> None:
    """Bodies by id → lines at the end of the file, each once, on disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b") as file:
        present = _mend(file, bodies)
        for name, body in bodies.items():
            if name not in present:
                file.write(body.encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
    sync_folder(path.parent)


def _mend(file: Any, ids: Iterable[str]) -> set[str]:
    """File opened for appending → which of the ids stand at its end; half a line is removed."""
    size = file.seek(0, os.SEEK_END)
    start = max(0, size - _TAIL)
    file.seek(start)
    tail = file.read()
    whole = tail.rfind(b"\n") + 1
    if whole < len(tail):
        if _id_of(tail[whole:]) is None:
            file.truncate(start + whole)
        else:
            # Only its end is missing.
            file.write(b"\n")
    wanted = set(ids)
    return {name for line in tail.splitlines() if (name := _id_of(line)) in wanted}


def _id_of(line: bytes) -> str | None:
    try:
        body = json.loads(line)
    except ValueError:
        return None
    name = body.get("id") if isinstance(body, dict) else None
    return name if isinstance(name, str) else None


def write_rss(path: Path, bodies: Sequence[str]) -> None:
    """Bodies, newest first → an RSS 2.0 file of them, whole or as it was."""
    rss = ElementTree.Element("rss", version="2.0")
    channel = ElementTree.SubElement(rss, "channel")
    _add(channel, "title", "alliance-watch")
    # RSS asks for one; there is none.
    _add(channel, "link", "https://alliance-watch.invalid/")
    _add(channel, "description", "New events that match the rules of the configuration.")
    for body in bodies:
        _add_item(channel, json.loads(body))
    text = ElementTree.tostring(rss, encoding="unicode")
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'.encode())
    sync_folder(path.parent)


def _add_item(channel: ElementTree.Element, body: Mapping[str, Any]) -> None:
    item = ElementTree.SubElement(channel, "item")
    _add(item, "title", describe(body))
    link = next((one for one in body["links"] if urlsplit(one).scheme in ("http", "https")), None)
    if link:
        _add(item, "link", link)
    _add(item, "description", "\n\n".join(quote["text"] for quote in body["evidence"]) or body["title"])
    _add(item, "category", body["rule"])
    guid = _add(item, "guid", body["id"])
    guid.set("isPermaLink", "false")
    _add(item, "pubDate", format_datetime(datetime.fromisoformat(body["at"]).replace(microsecond=0)))


def _add(parent: ElementTree.Element, tag: str, text: str) -> ElementTree.Element:
    child = ElementTree.SubElement(parent, tag)
    child.text = _NO_XML.sub("\ufffd", text)
    return child


def describe(body: Mapping[str, Any]) -> str:
    """Body of an alert → one line: 'BGR sign: oppose → support, UKR in NATO (membership)'."""
    event = body["event"]
    before = f"{event['previous_stance']} → " if event["previous_stance"] else ""
    place = f" in {event['alliance']}" if event["alliance"] else ""
    stance = f"{before}{event['stance']}"
    return f"{event['actor']} {event['kind']}: {stance}, {event['beneficiary']}{place} ({event['object']})"
