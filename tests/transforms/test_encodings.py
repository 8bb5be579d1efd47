import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.encodings import decode, decode_html, looks_binary, sniff_charset

FRENCH = "La délégation s’est réunie à Genève — “c’est décidé”. "


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("utf-8", None),
        ("utf-8", "utf-8"),
        ("cp1252", "windows-1252"),
        ("cp1252", "ISO-8859-1"),
        ("utf-16", "utf-8"),
        ("koi8-r", "koi8-r"),
    ],
)
def test_what_is_declared_rightly_needs_no_note(encoding: str, declared: str | None) -> None:
    text = "Встреча в Женеве" if encoding == "koi8-r" else FRENCH
    assert (decode(text.encode(encoding), declared).text, decode(text.encode(encoding), declared).notes) == (
        text,
        (),
    )


def test_cp1252_declared_as_utf8_is_read_and_noted() -> None:
    decoded = decode(FRENCH.encode("cp1252"), "UTF-8")
    assert decoded.text == FRENCH
    assert decoded.notes == ("encoding: declared utf-8, read as cp1252",)


def test_a_guess_is_noted() -> None:
    decoded = decode(FRENCH.encode("cp1252") * 3)
    assert decoded.text == FRENCH * 3
    assert decoded.notes == ("encoding: guessed cp1252",)


def test_replaced_characters_are_counted() -> None:
    decoded = decode(("é" * 50).encode() + b"\xff\xfe abc")
    assert decoded.text.startswith("é" * 50)
    assert decoded.notes == ("encoding: 2 characters replaced",)


def test_an_unknown_declaration_is_noted() -> None:
    assert decode(b"plain", "x-nonsense").notes == (
        "encoding: declared x-nonsense is unknown, read as utf-8",
    )
    assert decode(b"6162", "hex").text == "6162"


@pytest.mark.parametrize(
    "head",
    [
        b'<html><head><meta charset="windows-1252">',
        b"<meta http-equiv=Content-Type content='text/html; charset=windows-1252'>",
        b'<?xml version="1.0" encoding="windows-1252"?>',
    ],
)
def test_a_page_says_its_encoding(head: bytes) -> None:
    assert sniff_charset(head) == "windows-1252"
    assert decode_html(head + FRENCH.encode("cp1252")).text.endswith(FRENCH)


def test_a_declaration_far_down_is_not_looked_for() -> None:
    assert sniff_charset(b" " * 5_000 + b'<meta charset="koi8-r">') is None


@given(
    st.text(st.characters(exclude_characters="\0", codec="utf-8")),
    st.sampled_from(["utf-8", "utf-16", "utf-32"]),
)
def test_unicode_with_its_mark_comes_back_whole(text: str, encoding: str) -> None:
    text = text.lstrip("\ufeff")
    data = text.encode("utf-8-sig" if encoding == "utf-8" else encoding)
    assert decode(data).text == text


@given(
    st.binary(max_size=300),
    st.sampled_from([None, "utf-8", "latin-1", "shift_jis", "rot13", "undefined", "\x00"]),
)
def test_any_bytes_become_text_and_damage_is_noted(data: bytes, declared: str | None) -> None:
    decoded = decode(data, declared)
    decoded.text.encode("utf-8")
    if "\ufffd" in decoded.text and "\ufffd".encode() not in data and decoded.encoding == "utf-8":
        assert any("replaced" in note for note in decoded.notes)


def test_what_is_no_text() -> None:
    assert looks_binary(b"PK\x03\x04rest")
    assert looks_binary(bytes(range(32)) * 10)
    assert not looks_binary(FRENCH.encode("cp1252"))
    assert not looks_binary("Plain".encode("utf-16"))
    assert not looks_binary(b"")
