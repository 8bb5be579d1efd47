"""Schemas and rows: what goes in as a record comes out of the file."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from made_records import make_article, make_event

from transforms.codebook import KIND_CODES, KINDS
from transforms.columns import COMMENT, SCHEMA_VERSION_KEY, Table
from transforms.data_dictionary import data_dictionary
from transforms.records import Article, ClassifiedArticle, Evidence, Rejection, SupportEvent, Topic
from transforms.rows import Row, article_row, event_rows, reject_row
from transforms.tables import TABLES

SEEN = datetime(2025, 3, 1, 23, 30, tzinfo=UTC)

ARTICLE = make_article(authors=("A. Writer",))
EVENT = make_event(
    kind="sign",
    ordinal=22,
    evidence=(Evidence(field="text", start=0, end=16, text="Bulgaria signed."),),
    confidence=0.5,
    rule="r",
)


def stored(table: str, rows: list[Row]) -> list[Row]:
    schema = TABLES[table].schema
    made = pa.Table.from_pylist(rows, schema=schema)
    made.validate(full=True)
    for name in schema.names:
        assert schema.field(name).nullable or made[name].null_count == 0
    back: list[Row] = made.to_pylist()
    return back


CONTRACT = {
    "events": """
        event_id article_id actors actor_role beneficiaries alliance object kind plover cameo stance
        factuality attributed_to condition ordinal event_date event_date_precision event_date_basis place
        place_country evidence confidence rule title url source published_at first_seen detector revision
        event_month
    """,
    "articles": """
        article_id url source title text language authors published_at published_basis first_seen topics
        stance stance_target stance_score n_events duplicate_of content_sha256 origin key notes revision
        text_basis
        published_month
    """,
    "rejects": "key stage reason detail url origin title first_seen seen_month",
    "archives": "origin fingerprint gate start stop outcome pages first_seen seen_month",
    "resolved_events": """
        resolved_id actor with_actors actor_role beneficiary alliance object kind plover cameo stance
        factuality attributed_to condition ordinal event_date event_date_precision event_date_basis place
        place_country conflicts n_reports n_sources sources agreement confidence first_reported last_reported
        evidence title url source mentions resolver event_month
    """,
}


def test_columns_are_those_of_the_contract() -> None:
    assert {name: table.schema.names for name, table in TABLES.items()} == {
        name: columns.split() for name, columns in CONTRACT.items()
    }


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_each_column_is_described_and_the_partition_is_last(table: Table) -> None:
    assert table.schema.names[-1] == table.partition
    assert SCHEMA_VERSION_KEY.encode() in table.schema.metadata
    for field in table.schema:
        assert len(field.metadata[COMMENT]) > 5
    assert set(table.sort) <= set(table.file_schema.names)
    assert {path.partition(".")[0] for path in table.dictionary} <= set(table.file_schema.names)


def test_rows_have_exactly_the_columns() -> None:
    classified = ClassifiedArticle(article=ARTICLE, events=(EVENT,))
    assert list(article_row(classified, SEEN)) == TABLES["articles"].schema.names
    assert list(event_rows(classified, SEEN, "d 1")[0]) == TABLES["events"].schema.names
    rejection = Rejection(key="k", stage="read", reason="empty", detail="", origin="o", order=0)
    assert list(reject_row(rejection, SEEN)) == TABLES["rejects"].schema.names


def test_month_is_of_the_event_else_of_publication_else_of_first_sight() -> None:
    def months(event: SupportEvent, article: Article) -> tuple[object, object]:
        classified = ClassifiedArticle(article=article, events=(event,))
        return (
            event_rows(classified, SEEN, "d")[0]["event_month"],
            article_row(classified, SEEN)["published_month"],
        )

    # Half past midnight in Kyiv is still the month before in UTC.
    kyiv = datetime(2024, 8, 1, 0, 30, tzinfo=timezone(timedelta(hours=3)))
    published = replace(ARTICLE, published_at=kyiv)
    assert months(replace(EVENT, event_date=date(24, 5, 6)), published) == ("0024-05", "2024-07")
    assert months(EVENT, published) == ("2024-07", "2024-07")
    assert months(EVENT, ARTICLE) == ("2025-03", "2025-03")


def test_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        article_row(ClassifiedArticle(article=ARTICLE), datetime(2024, 1, 1))


def test_lone_surrogates_are_replaced_one_for_one() -> None:
    article = replace(ARTICLE, text="a\ud83dé b", title="\udc00")
    row = stored("articles", [article_row(ClassifiedArticle(article=article), SEEN)])[0]
    assert row["text"] == "a\ufffdé b"
    assert row["title"] == "\ufffd"


def test_data_dictionary_lists_every_column() -> None:
    text = data_dictionary()
    for table in TABLES.values():
        assert f"### `{table.name}`" in text
        for field in table.schema:
            assert f"| `{field.name}` |" in text
    assert "list<struct<field: string, start: int32, end: int32, text: string>>" in text
    assert all(line.count(" | ") == 3 for line in text.splitlines() if line.startswith("| `"))


texts = st.text(st.characters(codec="utf-8"), max_size=20)
maybe = st.none() | texts
moments = st.datetimes(
    min_value=datetime(1, 1, 2),
    max_value=datetime(9998, 1, 1),
    timezones=st.sampled_from([UTC, timezone(timedelta(hours=5, minutes=30))]),
)
articles = st.builds(
    replace,
    st.just(ARTICLE),
    url=maybe,
    source=maybe,
    title=texts,
    text=texts,
    authors=st.lists(texts, max_size=3).map(tuple),
    published_at=st.none() | moments,
    duplicate_of=maybe,
    notes=st.lists(texts, max_size=2).map(tuple),
)
events = st.builds(
    replace,
    st.just(EVENT),
    actors=st.lists(texts, max_size=3).map(tuple),
    alliance=maybe,
    kind=st.sampled_from(KINDS),
    condition=maybe,
    ordinal=st.none() | st.integers(0, 2**31 - 1),
    event_date=st.none() | st.dates(),
    place=maybe,
    confidence=st.floats(0, 1, width=32),
)


@given(articles, st.lists(events, max_size=3), moments)
def test_what_is_stored_is_what_was_found(
    article: Article, found: list[SupportEvent], seen: datetime
) -> None:
    classified = ClassifiedArticle(
        article=article, topics=(Topic(name="conflict", score=0.25),), events=tuple(found)
    )
    row = stored("articles", [article_row(classified, seen)])[0]
    for name in ("url", "title", "text", "published_at", "duplicate_of", "key", "origin"):
        assert row[name] == getattr(article, name)
    assert row["authors"] == list(article.authors)
    assert row["notes"] == list(article.notes)
    assert row["topics"] == [{"name": "conflict", "score": 0.25}]
    assert row["first_seen"] == seen
    assert row["n_events"] == len(found)
    rows = stored("events", event_rows(classified, seen, "d"))
    for event, back in zip(found, rows, strict=True):
        for name in ("kind", "alliance", "condition", "ordinal", "event_date", "place", "confidence"):
            assert back[name] == getattr(event, name)
        assert back["actors"] == list(event.actors)
        assert (back["plover"], back["cameo"]) == KIND_CODES[event.kind][:2]
        assert back["evidence"] == [{"field": "text", "start": 0, "end": 16, "text": "Bulgaria signed."}]
