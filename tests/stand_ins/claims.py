"""Claims and articles made by hand, to test the fields of an event without finding it."""

from datetime import UTC, date, datetime, time

from transforms.detection.acts import Act
from transforms.detection.candidates import Candidate
from transforms.detection.composition import Composition
from transforms.detection.references import Parsed
from transforms.records import Article

DAY = date(2023, 7, 12)  # a Wednesday


def word(parsed: Parsed, text: str):
    """The first word of a sentence that is spelled so."""
    return next(token for token in parsed.doc if token.text == text)


def claim(parsed: Parsed, act: str, actors="BGR", gainers="UKR", kind="endorse", **fields) -> Candidate:
    """A claim that a sentence makes with one of its words; actors and those who gain separated by spaces."""
    composition = Composition(kind, fields.get("factuality", "asserted"), steps=[f"test: {act}"])
    return Candidate(
        actors=tuple(actors.split()),
        actor_role="GOV",
        beneficiaries=tuple(gainers.split()),
        alliance=fields.get("alliance", "NATO"),
        object=fields.get("object", "membership"),
        kind=kind,
        factuality=composition.factuality,
        parsed=parsed,
        act=Act(parsed.lexicon.lexicon.frames[0], word(parsed, act), "verb", (), False, ()),
        composition=composition,
        score=fields.get("score", 0.5),
    )


def article(text: str, title: str = "", published: date | None = DAY) -> Article:
    """A text as the article that it is read from."""
    return Article(
        article_id="a1",
        key="k",
        order=0,
        origin="",
        url=None,
        source=None,
        title=title,
        text=text,
        language="en",
        authors=(),
        published_at=datetime.combine(published, time(), UTC) if published else None,
        published_basis=None,
        content_sha256="",
    )
