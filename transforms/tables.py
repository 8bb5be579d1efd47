"""The datasets that runs write: what each column is called, holds and means; the only place that says so.

Takes nothing, gives pyarrow schemas whose fields carry their description (key `comment`, which Delta's tools
show too), and all tables by name, with those that are derived from them (`derived_tables`).
"""

from typing import Final

import pyarrow as pa

from transforms.columns import TEXT, TEXTS, UTC, Table, optional, required, schema_of
from transforms.derived_tables import RESOLVED_EVENTS

_EVIDENCE = pa.list_(
    pa.struct([("field", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())])
)
_TOPICS = pa.list_(pa.struct([("name", pa.string()), ("score", pa.float32())]))

EVENTS: Final = Table(
    name="events",
    description="One row for each alliance-support event of an article.",
    schema=schema_of(
        required("event_id", TEXT, "Identity of the event, made from the article and what the event says."),
        required("article_id", TEXT, "The article it was found in: articles.article_id."),
        required(
            "actors",
            TEXTS,
            "Who acts: ISO 3166-1 alpha-3 codes, alliance ids, 'NATO:members' for part of one.",
        ),
        required("actor_role", TEXT, "HEAD, GOV, LEG, MIL, OPP, IGO or OTHER."),
        required("beneficiaries", TEXTS, "Whose membership or aid it is; codes as in actors."),
        optional("alliance", TEXT, "Id of the alliance; null for bilateral aid tied to none."),
        required(
            "object",
            TEXT,
            "What is supported or opposed: membership, military_aid, economic_aid, humanitarian_aid,"
            " security_guarantee or partnership.",
        ),
        required(
            "kind",
            TEXT,
            "The act: endorse, sign, ratify, admit, apply, pledge_aid, provide_aid, condition, oppose, block,"
            " threaten or withdraw.",
        ),
        required("plover", TEXT, "PLOVER event type of the kind."),
        required("cameo", TEXT, "CAMEO code of the kind."),
        required("stance", TEXT, "Stance toward the object: support, conditional, oppose or neutral."),
        required("factuality", TEXT, "asserted, planned, possible or denied."),
        optional("attributed_to", TEXT, "Who claims it, where that is neither the text nor the actor."),
        optional("condition", TEXT, "The words of the condition, if one is attached."),
        optional("ordinal", pa.int32(), "22 in 'the 22nd country to back the bid'."),
        optional(
            "event_date", pa.date32(), "Day of the act; its first day where only month or year is known."
        ),
        optional("event_date_precision", TEXT, "day, month or year."),
        optional(
            "event_date_basis",
            TEXT,
            "explicit: stated; relative: resolved against publication; publication: that day itself.",
        ),
        optional("place", TEXT, "Where it took place, as written in the text."),
        optional("place_country", TEXT, "Country of the place, ISO 3166-1 alpha-3."),
        required(
            "evidence",
            _EVIDENCE,
            "The sentences it stands on: articles.<field>[start:end] = text, counted in Unicode code points.",
        ),
        required("confidence", pa.float32(), "Probability that the event is right, 0 to 1."),
        required("rule", TEXT, "The frame and the steps that led to it."),
        required("title", TEXT, "Title of the article."),
        optional("url", TEXT, "Canonical address of the article."),
        optional("source", TEXT, "Outlet or feed the article came from."),
        optional("published_at", UTC, "When the article was published."),
        required("first_seen", UTC, "When this program first processed the article."),
        required("detector", TEXT, "Name and version of the detector that found it."),
        optional("revision", pa.int32(), "Revision of the article; null in older rows is 1."),
        required("event_month", TEXT, "YYYY-MM of event_date, else of published_at, else of first_seen."),
    ),
    partition="event_month",
    sort=("event_date", "actors", "event_id"),
    dictionary=(
        "actors.list.element",
        "actor_role",
        "beneficiaries.list.element",
        "alliance",
        "object",
        "kind",
        "plover",
        "cameo",
        "stance",
        "factuality",
        "attributed_to",
        "event_date_precision",
        "event_date_basis",
        "place_country",
        "evidence.list.element.field",
        "source",
        "detector",
    ),
)

ARTICLES: Final = Table(
    name="articles",
    description="One row for each revision of each accepted article, near-duplicates included.",
    schema=schema_of(
        required("article_id", TEXT, "From the canonical address, or from the text where there is none."),
        optional("url", TEXT, "Canonical address."),
        optional("source", TEXT, "Outlet or feed."),
        required("title", TEXT, "Headline; empty where the document has none."),
        required("text", TEXT, "Clean text, one paragraph a line; evidence offsets count its code points."),
        required("language", TEXT, "ISO 639-1 code."),
        required("authors", TEXTS, "Names as given."),
        optional("published_at", UTC, "When it was published."),
        optional("published_basis", TEXT, "Where that date is from: given, metadata or text."),
        required("first_seen", UTC, "When this program first processed it."),
        required("topics", _TOPICS, "Topics with their score, 0 to 1; several may hold."),
        required(
            "stance",
            TEXT,
            "What the positions it reports add up to: support, conditional, oppose, mixed or neutral.",
        ),
        optional("stance_target", TEXT, "Beneficiary and alliance the stance is toward: 'UKR:NATO'."),
        required("stance_score", pa.float32(), "Strength of the stance, -1 to 1."),
        required("n_events", pa.int32(), "How many rows of events it has."),
        optional("duplicate_of", TEXT, "The near-duplicate seen first, by article_id; null for an original."),
        required("content_sha256", TEXT, "Hash of title and text."),
        required("origin", TEXT, "File path or feed address it was read from."),
        required("key", TEXT, "Identity of the input document; one whose key is here is not read again."),
        required("notes", TEXTS, "What a reader should know: guessed encoding, replaced characters."),
        optional(
            "revision",
            pa.int32(),
            "1 for the first, counted up when a feed changes title or text; null in older rows is 1.",
        ),
        optional(
            "text_basis",
            TEXT,
            "Of a feed item: page, feed, or 'feed: why' the page could not be used; null for files.",
        ),
        required("published_month", TEXT, "YYYY-MM of published_at, else of first_seen."),
    ),
    partition="published_month",
    sort=("published_at", "article_id"),
    dictionary=(
        "source",
        "language",
        "published_basis",
        "topics.list.element.name",
        "stance",
        "stance_target",
        "notes.list.element",
    ),
)

REJECTS: Final = Table(
    name="rejects",
    description="One row for each document that could not be used, with the reason.",
    schema=schema_of(
        required("key", TEXT, "Identity of the input document."),
        required("stage", TEXT, "The step that rejected it: read, extract, duplicates, gate, …"),
        required("reason", TEXT, "One word: empty, consent, paywall, language, off_topic, error, …"),
        required("detail", TEXT, "More words; the traceback for reason error."),
        optional("url", TEXT, "Address, where known."),
        required("origin", TEXT, "File path or feed address it was read from."),
        optional("title", TEXT, "Title, where known."),
        required("first_seen", UTC, "When this program first processed it."),
        required("seen_month", TEXT, "YYYY-MM of first_seen."),
    ),
    partition="seen_month",
    sort=("stage", "reason", "key"),
    dictionary=("stage", "reason"),
)

ARCHIVES: Final = Table(
    name="archives",
    description="What became of the records of web archives that are counted, not kept: one row for each part"
    " of a file and outcome. Made with the first archive.",
    schema=schema_of(
        required("origin", TEXT, "Path of the archive."),
        required("fingerprint", TEXT, "Names its content; empty for pages counted after their extraction."),
        required("gate", TEXT, "Name of the watched names: with others, the part is read again."),
        required("start", pa.int64(), "Byte of the file where the part begins."),
        optional("stop", pa.int64(), "Byte of the file where the next part begins; null for the last."),
        required(
            "outcome",
            TEXT,
            "read (went on to extraction), off_topic (names nothing watched), not_html, error_page (status"
            " other than 200) or no_page (request, metadata, revisit, …).",
        ),
        required("pages", pa.int64(), "How many records."),
        required("first_seen", UTC, "When this program processed the part."),
        required("seen_month", TEXT, "YYYY-MM of first_seen."),
    ),
    partition="seen_month",
    sort=("origin", "start", "outcome"),
    dictionary=("origin", "fingerprint", "gate", "outcome"),
    on_demand=True,
)

#: Articles come first: an event is then never visible before its article. Archives come last of what a batch
#: writes: a part is done when all its rows are there. Resolved events are derived, and no part of a batch.
TABLES: Final[dict[str, Table]] = {t.name: t for t in (ARTICLES, EVENTS, REJECTS, ARCHIVES, RESOLVED_EVENTS)}
