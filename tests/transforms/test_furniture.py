from pathlib import Path
from textwrap import fill

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from transforms.furniture import Furniture, clean_plain_text

ROOT = Path(__file__).parents[2]
WORDS = yaml.safe_load((ROOT / "configs" / "furniture.yaml").read_text())
FURNITURE = Furniture(**{name: tuple(phrases) for name, phrases in WORDS.items()})
SEEDS = [path.read_text() for path in sorted((ROOT / "seeds").glob("*.txt"))]

TITLE = "Freedonia Wins Backing for Its Place in the Pact"
BODY = [
    "The parliament of Sylvania voted on Tuesday to back the bid of its neighbour, after months of delay.",
    "Its prime minister called the vote a long-awaited step. “We keep our word,” she said.",
    "Osterlich, the last member that has not yet ratified, said it would decide in the spring.",
]
TEXT = "\n".join(BODY)


def clean(text: str, title: str = "") -> tuple[str, str]:
    return clean_plain_text(text, title, FURNITURE)


def test_the_first_seed_loses_its_furniture() -> None:
    title, text = clean(SEEDS[0])
    assert title == "Kyiv’s Measured Path to NATO Membership: Signals, Steps, and Alliance Realities"
    assert text.startswith("President Volodymyr Zelensky has underscored")
    assert text.endswith("(Source: Regional security assessment)")
    assert len(text.split("\n")) == 7
    for gone in (
        "No time to read",
        "Get a summary",
        "Narrow Path",
        "Elche",
        "Kleshcheevka",
        "Previous Article",
    ):
        assert gone not in text


def test_the_second_seed_has_no_title_and_loses_nothing() -> None:
    title, text = clean(SEEDS[1])
    assert title == ""
    assert text == SEEDS[1].strip()


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("width", [60, 72, 78, 100])
def test_seeds_wrapped_by_hand_come_out_the_same(seed: str, width: int) -> None:
    wrapped = "\n\n".join(fill(line, width) for line in seed.split("\n") if line)
    assert clean(wrapped) == clean(seed)
    assert clean(wrapped.replace("\n", "\r\n")) == clean(seed)


def test_a_seed_whose_line_ends_were_lost_still_sheds_other_headlines() -> None:
    title, text = clean(" ".join(SEEDS[0].split()))
    assert (title, text.replace("\n", " ")) == (clean(SEEDS[0])[0], clean(SEEDS[0])[1].replace("\n", " "))


@pytest.mark.parametrize(
    "line",
    [
        "Advertisement",
        "ADVERTISEMENT:",
        "Share this",
        "Read more",
        "Read More »",
        "Loading...",
        "___",
        "<!-- -->",
        "Sign up for our newsletter",
        "Sign up for The Morning Brief, our free daily email",
        "We use cookies to improve your visit",
        "notification-importantGet instant alerts and updates",
        "© 2024 The Gazette. All rights reserved.",
        "Share Tweet Print",
        "READ MORE: Another story altogether",
        "Jan Novak/AFP/Getty Images",
        "Photo: Jan Novak / Reuters",
        "Enlarge this image toggle caption Jan Novak/AP Jan Novak/AP",
        "A quite different story that is linked here Read more",
    ],
)
@pytest.mark.parametrize("place", [1, 3])
def test_furniture_lines_go(line: str, place: int) -> None:
    lines = [*BODY[:place], line, *BODY[place:]]
    assert clean("\n\n".join(lines), TITLE) == (TITLE, TEXT)


@pytest.mark.parametrize(
    "line",
    [
        "Shared values matter more, she said.",
        "The previous article of the treaty binds every member.",
        "Subscribers to the theory of deterrence disagree.",
        "Related questions stay open, diplomats said.",
        "Listen to the people, he told the chamber.",
        "The next article of the draft deals with ratification.",
        "He read more from the statement: “We agree.”",
        "Advertisement revenue fell in both countries, a report said.",
        "Photographs of the signing were shown on television.",
        "What the vote means",
        "“Not yet”",
    ],
)
def test_prose_that_looks_like_furniture_stays(line: str) -> None:
    assert clean("\n\n".join([*BODY, line]), TITLE) == (TITLE, f"{TEXT}\n{line}")


def test_headlines_of_other_articles_go_with_their_labels() -> None:
    tail = ["Previous Article", "Harbour festival draws crowds", "Next Article", "Storm closes mountain road"]
    assert clean("\n\n".join([*BODY, *tail]), TITLE) == (TITLE, TEXT)
    glued = (
        f"{BODY[-1]} Previous Article Harbour festival draws crowdsNext Article Storm closes mountain road"
    )
    assert clean("\n\n".join([*BODY[:-1], glued]), TITLE) == (TITLE, TEXT)
    listed = ["Related Articles", "Harbour festival draws crowds", "Storm closes mountain road"]
    assert clean("\n\n".join([BODY[0], *listed, *BODY[1:]]), TITLE) == (TITLE, TEXT)


def test_a_repeated_headline_goes() -> None:
    assert clean("\n\n".join([TITLE.upper(), *BODY]), TITLE) == (TITLE, TEXT)
    assert clean("\n\n".join([TITLE, TITLE, *BODY])) == (TITLE, TEXT)
    reworded = "Freedonia Wins Support for Its Pact Place"
    assert clean("\n\n".join([TITLE, "Get a summary", reworded, *BODY])) == (TITLE, TEXT)
    # Without the teaser it is a subtitle: it may say something new.
    assert clean("\n\n".join([TITLE, reworded, *BODY])) == (TITLE, f"{reworded}\n{TEXT}")


def test_the_only_sentence_stays_even_if_it_is_the_headline() -> None:
    assert (
        clean("Envoys met again in the capital.", "Envoys met again in the capital.")[1]
        == "Envoys met again in the capital."
    )
    assert clean("Envoys met again in the capital Read more", "Talks")[1] == "Envoys met again in the capital"


@pytest.mark.parametrize(
    ("first", "title"),
    [
        (TITLE, TITLE),
        ("Will Sylvania Keep Its Word?", "Will Sylvania Keep Its Word?"),
        ("Sylvania voted on Tuesday.", ""),
        ("• A point of a list", ""),
        ("and then it went on", ""),
        ("CAPITAL, June 5 (Wire) —", ""),
        ("Word", ""),
        ("long " * 60, ""),
    ],
)
def test_a_title_is_taken_only_from_what_looks_like_one(first: str, title: str) -> None:
    assert clean("\n\n".join([first, *BODY]))[0] == title


def test_a_headline_alone_is_no_title_of_nothing() -> None:
    assert clean(TITLE) == ("", TITLE)


def test_photo_credits_are_cut_from_the_end_of_a_line() -> None:
    caption = f"{BODY[2]} Photo: Jan Novak / Reuters"
    assert clean("\n".join([*BODY[:2], caption]), TITLE) == (TITLE, TEXT)
    assert clean("\n".join([*BODY[:2], f"{BODY[2]} (Jan Novak/Getty Images)"]), TITLE) == (TITLE, TEXT)


def test_characters_are_tidied() -> None:
    assert clean(
        "Cafe\u0301 talks\u200b go\xa0on\x07 &amp; on.\u2028A <b>second</b> line <a href='x", "T\tt"
    ) == (
        "T t",
        "Café talks go on & on.\nA second line",
    )


def test_lists_and_short_lines_are_not_joined() -> None:
    listed = (
        "The plan has three parts, which the ministers agreed on after a long\n"
        "night of talks that ran\n- money\n- arms\n- time"
    )
    assert clean(listed, TITLE)[1].split("\n")[-3:] == ["- money", "- arms", "- time"]
    assert clean(f"{BODY[0]}\n{BODY[2]}", TITLE)[1] == f"{BODY[0]}\n{BODY[2]}"


PIECES = st.lists(
    st.sampled_from([*FURNITURE.lines, *FURNITURE.teasers, *FURNITURE.navigation, *FURNITURE.tails])
    | st.sampled_from(["\n", " ", "Word ", "a sentence. ", "(", "Photo: ", "/AFP", TITLE])
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@given(PIECES, st.sampled_from(["", TITLE]) | st.text(max_size=40))
def test_cleaning_is_stable_and_leaves_clean_lines(text: str, title: str) -> None:
    found, body = clean(text, title)
    assert all(line == line.strip() and line for line in body.split("\n")) or body == ""
    assert "\n" not in found and "\x00" not in body
    (found + body).encode()


SENTENCES = st.lists(
    st.lists(
        st.sampled_from(
            [
                "the",
                "pact",
                "Osterlich",
                "vote",
                "of",
                "a",
                "long-awaited",
                "Sylvania",
                "ministers",
                "27",
                "agreed",
            ]
        ),
        min_size=3,
        max_size=30,
    ),
    min_size=1,
    max_size=4,
)


@given(st.lists(SENTENCES, min_size=2, max_size=5), st.integers(50, 90))
def test_any_wrapped_prose_is_unwrapped(paragraphs: list[list[list[str]]], width: int) -> None:
    lines = [" ".join(" ".join(words).capitalize() + "." for words in paragraph) for paragraph in paragraphs]
    wrapped = "\n\n".join(fill(line, width) for line in lines)
    joined = clean(wrapped, TITLE)[1]
    # Every word stays in its place; paragraphs stay apart.
    assert joined.split() == " ".join(lines).split()
    assert len(joined.split("\n")) >= len(lines)


def test_a_word_split_at_a_line_end_is_joined_even_in_a_short_text() -> None:
    text = (
        "Sylvania and its neighbours in the valley count\n27.\n\n"
        "They agreed. Ministers of Osterlich spoke of a long-\nawaited pre- and post-\nwar order.\nIt ended."
    )
    joined = clean(text, TITLE)[1]
    assert "long-awaited pre- and post-war order." in joined
    suspended = (
        "All sides of the council saw the costs of the pre-\nand post-war order of things as high, they said."
    )
    assert "of the pre- and post-war order" in clean(suspended, TITLE)[1]
