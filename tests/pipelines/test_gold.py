import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipelines.gold import BadGold, choose_half, read_background, read_gold

EVENT: dict[str, Any] = {
    "actor": ["NOR"],
    "beneficiary": ["UKR"],
    "alliance": None,
    "object": "military_aid",
    "kind": "pledge_aid",
    "stance": "support",
    "factuality": "planned",
    "event_date": "2024-05-01",
    "optional": True,
    "evidence": [{"field": "text", "start": 0, "end": 6}],
}
DOCUMENT: dict[str, Any] = {
    "id": "x1",
    "title": "Aid",
    "text": "Norway promises more.",
    "published": "2024-05-02",
    "topics": ["military_aid"],
    "stance": "support",
    "events": [EVENT],
}


def write(path: Path, *documents: dict[str, Any]) -> Path:
    path.write_text("\n".join(json.dumps(d) for d in documents) + "\n\n", encoding="utf-8")
    return path


def test_a_labelled_line_is_read(tmp_path: Path) -> None:
    (document,) = read_gold(write(tmp_path / "gold.jsonl", DOCUMENT))
    (event,) = document.events
    assert (event.actors, event.kind, event.optional) == (("NOR",), "pledge_aid", True)
    assert str(event.event_date) == "2024-05-01"
    span = event.evidence[0]
    assert document.text[span.start : span.end] == "Norway"


def test_a_month_is_no_day(tmp_path: Path) -> None:
    (document,) = read_gold(write(tmp_path / "gold.jsonl", {**DOCUMENT, "published": "2024-05"}))
    assert document.published is None


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"stance": "maybe"}, "stance is 'maybe'"),
        ({"events": [{**EVENT, "kind": "cheer"}]}, "kind is 'cheer'"),
        (
            {"events": [{**EVENT, "evidence": [{"field": "text", "start": 3, "end": 999}]}]},
            "outside the text",
        ),
    ],
)
def test_a_label_outside_the_codebook_names_its_line(
    tmp_path: Path, broken: dict[str, Any], says: str
) -> None:
    path = write(tmp_path / "gold.jsonl", DOCUMENT, {**DOCUMENT, **broken})
    with pytest.raises(BadGold, match=f"line 2.*{says}"):
        read_gold(path)


def test_a_missing_field_and_a_broken_line_are_named(tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text('{"id": "x"}\n', encoding="utf-8")
    with pytest.raises(BadGold, match="line 1"):
        read_gold(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(BadGold, match="line 1"):
        read_gold(path)


def test_the_halves_part_the_documents(tmp_path: Path) -> None:
    documents = read_gold(write(tmp_path / "g.jsonl", *({**DOCUMENT, "id": f"d{n}"} for n in range(40))))
    first, second = choose_half(documents, "a"), choose_half(documents, "b")
    assert {*first, *second} == {*documents}
    assert not {*first} & {*second}
    assert 10 < len(first) < 30


def test_background_is_read_zipped_or_not(tmp_path: Path) -> None:
    line = json.dumps({"title": None, "text": "Rain.", "published": None}).encode()
    (tmp_path / "b.jsonl").write_bytes(line)
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(line + b"\n"))
    for name in ("b.jsonl", "b.jsonl.gz"):
        assert read_background(tmp_path / name) == (("", "Rain.", None),)
