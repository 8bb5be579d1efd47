from dataclasses import replace

from transforms.near_duplicates import Fingerprint, find_original, fingerprint, similarity
from transforms.records import Article

WORDS = (
    "The parliament of Sylvania voted on Tuesday to back the bid of its neighbour Freedonia to join the "
    "pact after "
    "months of delay. Its prime minister called the vote a long awaited step and thanked the members of "
    "all parties. "
    "Osterlich is the last member that has not ratified the treaty, and its government said it would "
    "decide in the "
    "spring once a report on the courts is finished. Diplomats in the capital expect a debate that "
    "could last for "
    "weeks, while the opposition asks for a referendum. Freedonia applied three years ago, when war "
    "broke out at its "
    "border, and has since reformed its army, its police and its ministry of finance. A spokesman for "
    "the pact said "
    "the door stays open to all who share its aims. "
)


def article(text: str, number: int = 1, title: str = "Sylvania backs the bid") -> Article:
    return Article(
        article_id=f"a{number}",
        key=f"k{number}",
        order=number,
        origin="x",
        url=None,
        source=None,
        title=title,
        text=text,
        language="en",
        authors=(),
        published_at=None,
        published_basis=None,
        content_sha256=f"h{number}",
    )


def copies(one: str, other: str, title: str = "Sylvania backs the bid") -> bool:
    first, second = fingerprint(article(one, 1)), fingerprint(article(other, 2, title))
    found = find_original(second, [first]) == "a1"
    assert not found or set(first.bands) & set(second.bands), "a copy must be findable by its bands"
    return found


def test_copies_are_found() -> None:
    assert copies(WORDS, WORDS)
    assert copies(f"CAPITAL (Wire) — {WORDS}", f"CAPITAL, June 4, The Agency — {WORDS}")
    assert copies(WORDS, WORDS.upper().replace(",", " ;"))
    assert copies(
        WORDS, WORDS.replace("a long awaited step", "an overdue step").replace("last for weeks", "take weeks")
    )
    assert copies(WORDS, WORDS, title="Neighbour wins vote in Sylvania")


def test_other_articles_are_not() -> None:
    sentences = WORDS.split(". ")
    assert not copies(WORDS, ". ".join(sentences[:2]))
    assert not copies(WORDS, " ".join(reversed(WORDS.split())))


def test_a_template_with_another_body_is_no_copy() -> None:
    head = (
        "What we know on day {} of the invasion. "
        "Here is the situation as it stands on the latest day of the conflict. "
    )
    other = " ".join(f"{word}s" for word in WORDS.split())
    assert not copies(head.format(351) + WORDS, head.format(352) + other, "At a glance: day 352")


def test_short_texts_are_copies_only_word_for_word() -> None:
    assert copies("Envoys met in the capital.", "ENVOYS met in the capital")
    assert not copies("Envoys met in the capital on Monday.", "Envoys met in the capital on Tuesday.")
    assert not copies(
        "Finland will join in April, its president said.", "Sweden will join in March, its premier said."
    )


def test_the_first_in_order_is_the_original_and_nothing_is_its_own_copy() -> None:
    three = [fingerprint(article(WORDS, number)) for number in (3, 1, 2)]
    assert find_original(fingerprint(article(WORDS, 4)), three) == "a1"
    assert find_original(three[0], [three[0]]) is None
    assert find_original(three[0], []) is None


def test_the_threshold_decides() -> None:
    near = WORDS.replace("a long awaited step", "an overdue step").replace("weeks", "months")
    first, second = fingerprint(article(WORDS, 1)), fingerprint(article(near, 2))
    assert 0.5 < similarity(first, second) < 1
    assert find_original(second, [first], threshold=0.999) is None


def test_equal_content_is_a_copy_whatever_the_signature() -> None:
    one = Fingerprint(article_id="a", key="k", order=1, content_sha256="h", signature=b"x", bands=())
    assert find_original(replace(one, article_id="b", signature=b"y"), [one]) == "a"


def test_signatures_are_the_same_in_every_run() -> None:
    # Stored fingerprints of earlier runs are compared with new ones: this value must not change.
    made = fingerprint(article(WORDS))
    assert len(made.signature) == 512
    assert made.bands[0].hex() == "007a720b370efa1fe6"
