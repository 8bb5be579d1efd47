import html
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.gold import read_gold
from pipelines.settings import load_settings
from transforms.byte_gate import compile_byte_gate, may_name_watched
from transforms.gate import compile_matcher, find_watched, spell_names

WORLD = load_settings(None).settings.build_world()
GATE = compile_byte_gate(WORLD)
MATCHER = compile_matcher(WORLD)
OWN = Path(__file__).parents[1] / "evaluation"
TEXTS = [
    f"{one.title}\n{one.text}" for name in ("membership", "aid") for one in read_gold(OWN / f"{name}.jsonl")
]

#: how a page may write the same text
WRITTEN = {
    "utf-8": lambda text: text.encode(),
    "utf-16": lambda text: text.encode("utf-16"),
    "legacy": lambda text: text.encode("cp1252", "xmlcharrefreplace"),
    "central": lambda text: text.encode("cp1250", "xmlcharrefreplace"),
    "escaped": lambda text: html.escape(text).encode(),
    "entities": lambda text: text.encode("ascii", "xmlcharrefreplace"),
    "letters": lambda text: "".join(f"&#{ord(char)};" for char in text).encode(),
    "json": lambda text: json.dumps(text).encode(),
    "json letters": lambda text: "".join(
        f"\\u{ord(char):04x}" for char in text if ord(char) < 65536
    ).encode(),
    "no-break": lambda text: text.replace(" ", "&nbsp;").encode(),
    "wrapped": lambda text: text.replace(" ", "\n\t  ").encode(),
    "linked": lambda text: text.replace(" ", ' <a href="https://x.example/?a=1">').encode(),
    "soft hyphens": lambda text: "".join(c + "\u00ad" if c.isalpha() else c for c in text).encode(),
}


def passes_text(text: str) -> bool:
    return bool(find_watched(text, MATCHER))


@pytest.mark.parametrize("form", WRITTEN)
def test_nothing_is_lost_of_our_own_texts(form: str) -> None:
    lost = [t[:60] for t in TEXTS if passes_text(t) and not may_name_watched(WRITTEN[form](t), GATE)]
    assert not lost
    assert sum(map(passes_text, TEXTS)) > 200


def test_no_spelling_is_lost() -> None:
    alone = [name for name in spell_names(WORLD) if name.alliance]
    lost = [
        (name.spelling, form)
        for name in alone
        for form, write in WRITTEN.items()
        for text in (f"a {name.spelling}, b", name.spelling, name.spelling.upper())
        if passes_text(text) and not may_name_watched(write(text), GATE)
    ]
    assert not lost


@given(
    st.lists(st.sampled_from([name.spelling for name in spell_names(WORLD)]), min_size=1, max_size=4),
    st.text(alphabet=st.characters(codec="utf-8", exclude_characters="<>&"), max_size=3),
    st.sampled_from([form for form in WRITTEN if form != "soft hyphens"]),
)
def test_what_the_text_passes_the_bytes_pass(names: list[str], between: str, form: str) -> None:
    text = f" {between} ".join(names)
    assert may_name_watched(WRITTEN[form](text), GATE) or not passes_text(text)


@pytest.mark.parametrize(
    "page",
    [
        b"",
        b"<p>Roses want sun, and tulips a cold winter.</p>",
        b"<p>A neutral museum in a pseudonatural park</p>",
        b"<p>Sweden beat Norway</p>",
        b"<p>arms of the chair</p> made in Italy",
        b'<a href="https://x.example/reunion">Reunion of the band</a>',
    ],
)
def test_pages_about_other_things_stop_here(page: bytes) -> None:
    assert not may_name_watched(page, GATE)


def test_causes_ask_for_their_countries() -> None:
    assert may_name_watched(b"<p>tanks from Italy, bound for Chad</p>", GATE)
    assert not may_name_watched(b"<p>tanks from Italy</p>", GATE)


def test_words_that_names_share_with_any_page_cost_no_second_look() -> None:
    looked = list[int]()
    body = b"<p>The town council met at the old market; a committee of friends sent an action plan.</p>"
    GATE.first.database.scan(body, match_event_handler=lambda anchor, *_: looked.append(anchor))
    assert looked == []


def test_names_with_accents_are_not_looked_for_by_their_plain_letters() -> None:
    looked = Counter[int]()
    body = (
        b"<p>Every clever lever was of silver; over there a river ran past the tower of the driver.</p>" * 20
    )
    GATE.countries().database.scan(body, match_event_handler=lambda at, *_: looked.update([at]))
    assert looked.total() < 10
    for written in ("K\u00f6v\u00e9r".encode(), b"K&ouml;v&eacute;r", "Ko\u0308ve\u0301r".encode()):
        looked.clear()
        GATE.countries().database.scan(written, match_event_handler=lambda at, *_: looked.update([at]))
        assert looked
