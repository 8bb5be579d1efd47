"""The datasets: what each column is called, holds and means; the schema is the only place that says so.

Takes nothing, gives pyarrow schemas whose fields carry their description (key `comment`, which
Delta's tools show too) and the data dictionary made from them.
"""

from dataclasses import dataclass
from typing import Final, Literal

import pyarrow as pa

TableName = Literal["events", "articles", "rejects", "archives", "resolved_events"]

#: Raise it when a column is added, renamed or changes its meaning; older programs then refuse the folder.
#: 2: `revision` and `text_basis`. Columns added later are nullable: older rows have none.
SCHEMA_VERSION: Final = 2
SCHEMA_VERSION_KEY: Final = "alliance_watch.schema_version"
COMMENT: Final = b"comment"

_UTC = pa.timestamp("us", tz="UTC")
_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_EVIDENCE = pa.list_(
    pa.struct([("field", pa.string()), ("start", pa.int32()), ("end", pa.int32()), ("text", pa.string())])
)
_QUOTES = pa.list_(
    pa.struct(
        [
            ("event_id", pa.string()),
            ("article_id", pa.string()),
            ("field", pa.string()),
            ("start", pa.int32()),
            ("end", pa.int32()),
            ("text", pa.string()),
        ]
    )
)
_CONFLICTS = pa.list_(pa.struct([("field", pa.string()), ("value", pa.string()), ("n_sources", pa.int32())]))
_TOPICS = pa.list_(pa.struct([("name", pa.string()), ("score", pa.float32())]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One dataset: its columns and how its files are laid out."""

    name: TableName
    description: str
    #: all columns, the partition column last
    schema: pa.Schema
    #: `YYYY-MM`; in the path of a file and in the log, not in the file
    partition: str
    #: order of the rows in a file; nulls last
    sort: tuple[str, ...]
    #: Parquet paths worth a dictionary: few distinct values
    dictionary: tuple[str, ...]
    #: whether it is made with the first rows it gets, as not every folder needs it
    on_demand: bool = False

    @property
    def file_schema(self) -> pa.Schema:
        """Table → the columns that stand in its files: all but the partition column."""
        return pa.schema([f for f in self.schema if f.name != self.partition], metadata=self.schema.metadata)


def _required(name: str, type_: pa.DataType, comment: str) -> pa.Field:
    return pa.field(name, type_, nullable=False, metadata={COMMENT: comment})


def _optional(name: str, type_: pa.DataType, comment: str) -> pa.Field:
    return pa.field(name, type_, nullable=True, metadata={COMMENT: comment})


def _schema(*fields: pa.Field) -> pa.Schema:
    return pa.schema(fields, metadata={SCHEMA_VERSION_KEY: str(SCHEMA_VERSION)})


EVENTS: Final = Table(
    name="events",
    description="One row for each alliance-support event of an article.",
    schema=_schema(
        _required("event_id", _TEXT, "Identity of the event, made from the article and what the event says."),
        _required("article_id", _TEXT, "The article it was found in: articles.article_id."),
        _required(
            "actors",
            _TEXTS,
            "Who acts: ISO 3166-1 alpha-3 codes, alliance ids, 'NATO:members' for part of one.",
        ),
        _required("actor_role", _TEXT, "HEAD, GOV, LEG, MIL, OPP, IGO or OTHER."),
        _required("beneficiaries", _TEXTS, "Whose membership or aid it is; codes as in actors."),
        _optional("alliance", _TEXT, "Id of the alliance; null for bilateral aid tied to none."),
        _required(
            "object",
            _TEXT,
            "What is supported or opposed: membership, military_aid, economic_aid, humanitarian_aid,"
            " security_guarantee or partnership.",
        ),
        _required(
            "kind",
            _TEXT,
            "The act: endorse, sign, ratify, admit, apply, pledge_aid, provide_aid, condition, oppose, block,"
            " threaten or withdraw.",
        ),
        _required("plover", _TEXT, "PLOVER event type of the kind."),
        _required("cameo", _TEXT, "CAMEO code of the kind."),
        _required("stance", _TEXT, "Stance toward the object: support, conditional, oppose or neutral."),
        _required("factuality", _TEXT, "asserted, planned, possible or denied."),
        _optional("attributed_to", _TEXT, "Who claims it, where that is neither the text nor the actor."),
        _optional("condition", _TEXT, "The words of the condition, if one is attached."),
        _optional("ordinal", pa.int32(), "22 in 'the 22nd country to back the bid'."),
        _optional(
            "event_date", pa.date32(), "Day of the act; its first day where only month or year is known."
        ),
        _optional("event_date_precision", _TEXT, "day, month or year."),
        _optional(
            "event_date_basis",
            _TEXT,
            "explicit: stated; relative: resolved against publication; publication: that day itself.",
        ),
        _optional("place", _TEXT, "Where it took place, as written in the text."),
        _optional("place_country", _TEXT, "Country of the place, ISO 3166-1 alpha-3."),
        _required(
            "evidence",
            _EVIDENCE,
            "The sentences it stands on: articles.<field>[start:end] = text, counted in Unicode code points.",
        ),
        _required("confidence", pa.float32(), "Probability that the event is right, 0 to 1."),
        _required("rule", _TEXT, "The frame and the steps that led to it."),
        _required("title", _TEXT, "Title of the article."),
        _optional("url", _TEXT, "Canonical address of the article."),
        _optional("source", _TEXT, "Outlet or feed the article came from."),
        _optional("published_at", _UTC, "When the article was published."),
        _required("first_seen", _UTC, "When this program first processed the article."),
        _required("detector", _TEXT, "Name and version of the detector that found it."),
        _optional("revision", pa.int32(), "Revision of the article; null in older rows is 1."),
        _required("event_month", _TEXT, "YYYY-MM of event_date, else of published_at, else of first_seen."),
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
    schema=_schema(
        _required("article_id", _TEXT, "From the canonical address, or from the text where there is none."),
        _optional("url", _TEXT, "Canonical address."),
        _optional("source", _TEXT, "Outlet or feed."),
        _required("title", _TEXT, "Headline; empty where the document has none."),
        _required("text", _TEXT, "Clean text, one paragraph a line; evidence offsets count its code points."),
        _required("language", _TEXT, "ISO 639-1 code."),
        _required("authors", _TEXTS, "Names as given."),
        _optional("published_at", _UTC, "When it was published."),
        _optional("published_basis", _TEXT, "Where that date is from: given, metadata or text."),
        _required("first_seen", _UTC, "When this program first processed it."),
        _required("topics", _TOPICS, "Topics with their score, 0 to 1; several may hold."),
        _required(
            "stance",
            _TEXT,
            "What the positions it reports add up to: support, conditional, oppose, mixed or neutral.",
        ),
        _optional("stance_target", _TEXT, "Beneficiary and alliance the stance is toward: 'UKR:NATO'."),
        _required("stance_score", pa.float32(), "Strength of the stance, -1 to 1."),
        _required("n_events", pa.int32(), "How many rows of events it has."),
        _optional(
            "duplicate_of", _TEXT, "The near-duplicate seen first, by article_id; null for an original."
        ),
        _required("content_sha256", _TEXT, "Hash of title and text."),
        _required("origin", _TEXT, "File path or feed address it was read from."),
        _required("key", _TEXT, "Identity of the input document; one whose key is here is not read again."),
        _required("notes", _TEXTS, "What a reader should know: guessed encoding, replaced characters."),
        _optional(
            "revision",
            pa.int32(),
            "1 for the first, counted up when a feed changes title or text; null in older rows is 1.",
        ),
        _optional(
            "text_basis",
            _TEXT,
            "Of a feed item: page, feed, or 'feed: why' the page could not be used; null for files.",
        ),
        _required("published_month", _TEXT, "YYYY-MM of published_at, else of first_seen."),
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
    schema=_schema(
        _required("key", _TEXT, "Identity of the input document."),
        _required("stage", _TEXT, "The step that rejected it: read, extract, duplicates, gate, …"),
        _required("reason", _TEXT, "One word: empty, consent, paywall, language, off_topic, error, …"),
        _required("detail", _TEXT, "More words; the traceback for reason error."),
        _optional("url", _TEXT, "Address, where known."),
        _required("origin", _TEXT, "File path or feed address it was read from."),
        _optional("title", _TEXT, "Title, where known."),
        _required("first_seen", _UTC, "When this program first processed it."),
        _required("seen_month", _TEXT, "YYYY-MM of first_seen."),
    ),
    partition="seen_month",
    sort=("stage", "reason", "key"),
    dictionary=("stage", "reason"),
)

ARCHIVES: Final = Table(
    name="archives",
    description="What became of the records of web archives that are counted, not kept: one row for each part"
    " of a file and outcome. Made with the first archive.",
    schema=_schema(
        _required("origin", _TEXT, "Path of the archive."),
        _required("fingerprint", _TEXT, "Names its content; empty for pages counted after their extraction."),
        _required("gate", _TEXT, "Name of the watched names: with others, the part is read again."),
        _required("start", pa.int64(), "Byte of the file where the part begins."),
        _optional("stop", pa.int64(), "Byte of the file where the next part begins; null for the last."),
        _required(
            "outcome",
            _TEXT,
            "read (went on to extraction), off_topic (names nothing watched), not_html, error_page (status"
            " other than 200) or no_page (request, metadata, revisit, …).",
        ),
        _required("pages", pa.int64(), "How many records."),
        _required("first_seen", _UTC, "When this program processed the part."),
        _required("seen_month", _TEXT, "YYYY-MM of first_seen."),
    ),
    partition="seen_month",
    sort=("origin", "start", "outcome"),
    dictionary=("origin", "fingerprint", "gate", "outcome"),
    on_demand=True,
)

RESOLVED_EVENTS: Final = Table(
    name="resolved_events",
    description="One row for each claim (one actor, one beneficiary) that one or more articles report."
    " Derived: it can be made anew from events and articles at any time. Made with the first events.",
    schema=_schema(
        _required("resolved_id", _TEXT, "Identity: of the mention first processed, and of the claim."),
        _required("actor", _TEXT, "Who acts; codes as in events.actors."),
        _required("with_actors", _TEXTS, "Who else acts together with it in at least one mention."),
        _required(
            "actor_role", _TEXT, "The role most sources report: HEAD, GOV, LEG, MIL, OPP, IGO or OTHER."
        ),
        _required("beneficiary", _TEXT, "Whose membership or aid it is."),
        _optional("alliance", _TEXT, "Id of the alliance; null where no report names one."),
        _required("object", _TEXT, "What is supported or opposed; values as in events.object."),
        _required("kind", _TEXT, "The act that most sources report; values as in events.kind."),
        _required("plover", _TEXT, "PLOVER event type of the kind."),
        _required("cameo", _TEXT, "CAMEO code of the kind."),
        _required(
            "stance", _TEXT, "The stance most sources report: support, conditional, oppose or neutral."
        ),
        _required("factuality", _TEXT, "What most sources report: asserted, planned, possible or denied."),
        _optional("attributed_to", _TEXT, "Who claims it, where no report says it in its own voice."),
        _optional("condition", _TEXT, "The words of the condition, from the best report that has one."),
        _optional("ordinal", pa.int32(), "22 in 'the 22nd country to back the bid'."),
        _optional(
            "event_date", pa.date32(), "Day of the act as most sources give it, of the most exact dates."
        ),
        _optional("event_date_precision", _TEXT, "day, month or year."),
        _optional("event_date_basis", _TEXT, "explicit, relative or publication, as in events."),
        _optional("place", _TEXT, "Where it took place, as written in a report."),
        _optional("place_country", _TEXT, "Country of the place, ISO 3166-1 alpha-3."),
        _required(
            "conflicts",
            _CONFLICTS,
            "Values of stance, kind, condition, date, ordinal and factuality that sources report beside the"
            " chosen one, and how many; empty where all agree.",
        ),
        _required("n_reports", pa.int32(), "How many articles report it, near-duplicates included."),
        _required("n_sources", pa.int32(), "How many independent ones: syndicated copies count once."),
        _required("sources", _TEXTS, "The distinct outlets, those of copies too."),
        _required(
            "agreement", pa.float32(), "Share of the independent sources that report the chosen stance."
        ),
        _required(
            "confidence", pa.float32(), "Probability that the claim is right, over all sources, 0 to 1."
        ),
        _required("first_reported", _UTC, "When it was first published, else first processed."),
        _required("last_reported", _UTC, "When it was last published, else processed."),
        _required(
            "evidence",
            _QUOTES,
            "Sentences of the reports, the best one's first, five at most; offsets as in events.evidence.",
        ),
        _required("title", _TEXT, "Title of the best report."),
        _optional("url", _TEXT, "Address of the best report."),
        _optional("source", _TEXT, "Outlet of the best report."),
        _required("mentions", _TEXTS, "All its mentions: events.event_id."),
        _required("resolver", _TEXT, "Name and version of what told which mentions are one event."),
        _required("event_month", _TEXT, "YYYY-MM of event_date, else of first_reported."),
    ),
    partition="event_month",
    sort=("event_date", "actor", "resolved_id"),
    dictionary=(
        "actor",
        "with_actors.list.element",
        "actor_role",
        "beneficiary",
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
        "conflicts.list.element.field",
        "sources.list.element",
        "evidence.list.element.field",
        "source",
        "resolver",
    ),
    on_demand=True,
)

#: Articles come first: an event is then never visible before its article. Archives come last of what a batch
#: writes: a part is done when all its rows are there. Resolved events are derived, and no part of a batch.
TABLES: Final[dict[str, Table]] = {t.name: t for t in (ARTICLES, EVENTS, REJECTS, ARCHIVES, RESOLVED_EVENTS)}


#: The view of that name, over resolved events: what it shows, and its columns.
POSITIONS: Final[tuple[str, pa.Schema]] = (
    "One row for each time in which an actor held one stance toward a beneficiary's place in an alliance, or"
    " aid to it. Derived from resolved_events: what is denied, only possible or neutral begins none.",
    pa.schema(
        [
            _required("actor", _TEXT, "Whose stance it is; codes as in events.actors."),
            _required("beneficiary", _TEXT, "Toward whom."),
            _optional("alliance", _TEXT, "Id of the alliance; null where no report names one."),
            _required("object", _TEXT, "What is supported or opposed; values as in events.object."),
            _required(
                "stance",
                _TEXT,
                "support, conditional, oppose or ratified; whoever has ratified stays so until it opposes or"
                " sets a condition.",
            ),
            _required("kind", _TEXT, "The act that began it; values as in events.kind."),
            _required("since", pa.date32(), "Day on which it began: of that act, else of its first report."),
            _optional("until", pa.date32(), "Day on which the next began; null where it still holds."),
            _optional("previous_stance", _TEXT, "The stance before; null for the first."),
            _optional("condition", _TEXT, "The words of the latest condition in it."),
            _required("n_events", pa.int32(), "How many resolved events say so."),
            _required("n_sources", pa.int32(), "How many independent sources, all in all."),
            _required("confidence", pa.float32(), "Of the surest of these events, 0 to 1."),
            _required("resolved_id", _TEXT, "The event that began it: resolved_events.resolved_id."),
            _required("first_reported", _UTC, "When it was first reported."),
            _required("last_reported", _UTC, "When it was last reported."),
        ]
    ),
)


def data_dictionary() -> str:
    """Schemas → Markdown, one table for each dataset: the README's chapter on the columns."""
    parts = []
    tables = (EVENTS, ARTICLES, REJECTS, ARCHIVES, RESOLVED_EVENTS)
    described = [(t.name, f"{t.description} Partitioned by `{t.partition}`.", t.schema) for t in tables]
    for name, description, schema in [*described, ("positions", *POSITIONS)]:
        lines = [
            f"### `{name}`",
            "",
            description,
            "",
            "| column | type | null | meaning |",
            "|---|---|---|---|",
        ]
        for field in schema:
            meaning = field.metadata[COMMENT].decode().replace("|", "\\|")
            null = "yes" if field.nullable else ""
            lines.append(f"| `{field.name}` | {type_name(field.type)} | {null} | {meaning} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def type_name(type_: pa.DataType) -> str:
    """Type → its name in the data dictionary."""
    if pa.types.is_list(type_):
        return f"list<{type_name(type_.value_type)}>"
    if pa.types.is_struct(type_):
        inner = (type_.field(i) for i in range(type_.num_fields))
        return "struct<" + ", ".join(f"{f.name}: {type_name(f.type)}" for f in inner) + ">"
    names = {"date32[day]": "date32", "float": "float32"}
    return names.get(str(type_), str(type_))
