"""What a report holds → one HTML file that needs nothing else, and asks nothing of any network.

Takes plain values, puts them as JSON beside the scripts and styles of `pipelines/page`. The modules there are
joined here, in the order in which they need each other; nothing but these scripts may run in the page (a
policy in it names their hashes), and no text becomes markup. Reads the moment of an earlier report back.
"""

import base64
import hashlib
import html
import json
import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Final

#: each after what it imports
MODULES: Final = (
    "dom", "queries", "stances", "filters", "local", "remote", "evidence", "form", "map", "timeline",
    "tables", "sections", "main",
)  # fmt: skip


def render_page(report: Mapping[str, Any]) -> str:
    """Report → HTML; the same report gives the same bytes."""
    script, style = join_script(), _read("page.css")
    live = report["mode"] == "live"
    connect = "'self'" if live else "'none'"
    policy = (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; "
        f"connect-src {connect}; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'"
    )
    # What was copied into the page brings its licences along.
    parts = {
        "policy": policy,
        "title": "alliance-watch" if live else "alliance-watch report",
        "style": style,
        "program": html.escape(report["program"]),
        "notices": html.escape(_read("vendor/NOTICES.txt")),
        "world": _read("vendor/world.json"),
        "data": as_json(report),
        "script": script,
    }
    return re.sub(r"\{\{(\w+)\}\}", lambda found: parts[found[1]], _read("page.html"))


def as_json(value: object) -> str:
    """Value → JSON that can stand in a page: nothing in it ends a script or a line."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


@cache
def join_script() -> str:
    """Modules of the page → one script, in which each has names of its own and gives what it exports."""
    joined = "".join(_as_function(name, _read(f"{name}.js")) for name in MODULES)
    return f'{_read("vendor/vendor.js")}\n(() => {{\n"use strict";\nconst modules = {{}};\n{joined}}})();\n'


def _as_function(name: str, module: str) -> str:
    given = ", ".join(re.findall(r"^export (?:async )?(?:function|const) (\w+)", module, re.M))
    body = re.sub(r'^import (\{[^}]*\}) from "\./(\w+)\.js";$', r"const \1 = modules.\2;", module, flags=re.M)
    body = re.sub(r"^export ", "", body, flags=re.M)
    return f"modules.{name} = (() => {{\n{body}return {{ {given} }};\n}})();\n"


@cache
def _read(name: str) -> str:
    return (resources.files("pipelines") / "page" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def find_earlier(path: Path) -> datetime | None:
    """File → when the report in it was made; None where there is none."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        return None
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S)
    try:
        return datetime.fromisoformat(json.loads(data[1])["generated"]) if data else None
    except (ValueError, KeyError, TypeError):
        return None
