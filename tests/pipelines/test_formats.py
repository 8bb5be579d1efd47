"""Results as text: whole, aligned, and readable by other programs."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipelines.formats import Format, render
from pipelines.query import Result

RESULT = Result(
    columns=("date", "seen", "actors", "n", "stance", "evidence"),
    rows=(
        (
            date(2024, 7, 10),
            datetime(2024, 7, 10, 8, 30, 0, 5, tzinfo=UTC),
            ["BGR", "NATO:members"],
            22,
            "support",
            [{"field": "text", "start": 0}],
        ),
        (None, None, [], None, "oppose", None),
    ),
)


def rendered(result: Result, format: Format, width: int | None = None, color: bool = False) -> str:
    stream = io.StringIO(newline="")
    render(result, format, stream, width=width, color=color)
    return stream.getvalue()


def test_json_is_an_array_of_objects() -> None:
    assert json.loads(rendered(RESULT, "json")) == [
        {
            "date": "2024-07-10",
            "seen": "2024-07-10T08:30:00.000005Z",
            "actors": ["BGR", "NATO:members"],
            "n": 22,
            "stance": "support",
            "evidence": [{"field": "text", "start": 0}],
        },
        {"date": None, "seen": None, "actors": [], "n": None, "stance": "oppose", "evidence": None},
    ]
    assert json.loads(rendered(Result(columns=("a",), rows=()), "json")) == []


def test_jsonl_is_an_object_a_line() -> None:
    lines = rendered(RESULT, "jsonl").splitlines()
    assert [json.loads(line)["stance"] for line in lines] == ["support", "oppose"]
    assert rendered(Result(columns=("a",), rows=()), "jsonl") == ""


def test_csv_follows_rfc_4180() -> None:
    result = Result(columns=("a", "b,c"), rows=(('say "x"', "two\nlines"), (None, True), (Decimal("2"), 0.5)))
    assert rendered(result, "csv") == 'a,"b,c"\r\n"say ""x""","two\nlines"\r\n,true\r\n2,0.5\r\n'
    assert rendered(Result(columns=("a",), rows=()), "csv") == "a\r\n"
    assert '2024-07-10,2024-07-10T08:30:00.000005Z,BGR;NATO:members,22,support,"[{""field""' in rendered(
        RESULT, "csv"
    )


def test_a_pipe_gets_one_line_a_row() -> None:
    result = Result(columns=("a", "number"), rows=(("word " * 60, 1), ("two\nlines", 22)))
    lines = rendered(result, "table").splitlines()
    assert len(lines) == 4
    assert lines[0].split() == ["a", "number"]
    assert lines[2].endswith("     1")
    assert "\x1b" not in "".join(lines)


@pytest.mark.parametrize("width", [20, 40, 80, 120])
def test_a_table_fits_and_cuts_nothing_off(width: int) -> None:
    words = [f"word{i}" for i in range(40)]
    result = Result(columns=("name", "words", "address"), rows=(("a", " ".join(words), "x" * 150),))
    text = rendered(result, "table", width)
    assert max(len(line) for line in text.splitlines()) <= width
    assert text.count("x") == 150
    assert "…" not in text
    for word in words:
        assert word in text.replace("\n", " ")


def test_codes_break_at_their_joints_where_room_is_short() -> None:
    columns = ("toward", "alliance", "object", "actor", "stance", "articles", "first", "last")
    day = date(2024, 7, 10)
    row = ("UKR", "NATO", "military_aid", "NATO:members", "conditional", 3, day, day)
    result = Result(columns=columns, rows=(row,))
    lines = [line.split() for line in rendered(result, "table", 80).splitlines()]
    assert lines[0] == list(columns)
    assert " ".join(lines[1]) == "UKR NATO military_ NATO: conditional 3 2024-07-10 2024-07-10"
    assert lines[2] == ["aid", "members"]
    assert "military_aid" in rendered(result, "table", 120)


@pytest.mark.parametrize("width", range(60, 130, 3))
def test_no_column_is_squeezed_out(width: int) -> None:
    columns = ("published", "source", "title", "topics", "stance", "target", "events")
    title = "A headline of some words that is rather long"
    cells = (
        date(2024, 7, 10),
        "Example Times",
        title,
        ["enlargement", "diplomacy"],
        "conditional",
        "UKR:NATO",
        3,
    )
    text = rendered(Result(columns=columns, rows=(cells,)), "table", width)
    words = text.split()
    assert max(len(line) for line in text.splitlines()) <= width
    for word in (*columns, "2024-07-10", "Example", *title.split(), "enlargement,", "conditional", "3"):
        assert word in words


def test_many_columns_become_blocks() -> None:
    names = tuple(f"column_{i}" for i in range(30))
    text = rendered(Result(columns=names, rows=(names, names)), "table", 80)
    assert max(len(line) for line in text.splitlines()) <= 80
    assert "1 of 2" in text and "2 of 2" in text
    assert text.count("column_29") == 4


def test_rows_are_counted_and_headers_stay_without_rows() -> None:
    text = rendered(Result(columns=("actor", "kind"), rows=()), "table", 80)
    assert "actor" in text and "kind" in text and "0 rows" in text
    assert "1 row\n" in rendered(Result(columns=("a",), rows=((1,),)), "table", 80)


def test_colour_only_where_asked() -> None:
    assert "\x1b[32msupport" in rendered(RESULT, "table", 120, color=True)
    assert "\x1b" not in rendered(RESULT, "table", 120)


def test_text_can_not_steer_the_terminal() -> None:
    evil = Result(columns=("a",), rows=(("\x1b[2J\x07[bold]x[/bold]\u202e :smile:",),))
    for width in (None, 80):
        text = rendered(evil, "table", width)
        assert "\x1b" not in text and "\x07" not in text and "\u202e" not in text
        assert "[bold]x[/bold]" in text and ":smile:" in text


values = st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec="utf-8"))


@given(st.lists(st.tuples(values, st.dates() | st.lists(st.text(), max_size=2)), max_size=4))
def test_every_value_has_a_form(rows: list[tuple[object, ...]]) -> None:
    result = Result(columns=("a", "b"), rows=tuple(rows))
    assert len(json.loads(rendered(result, "json"))) == len(rows)
    assert len(rendered(result, "jsonl").split("\n")) == len(rows) + 1
    assert len(list(csv.reader(io.StringIO(rendered(result, "csv"), newline="")))) == len(rows) + 1
    assert len(rendered(result, "table").split("\n")) == len(rows) + 3
    rendered(result, "table", 40)
