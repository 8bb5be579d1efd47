"""The datasets that are worked out from the events: the table of resolved events, the view of positions."""

from typing import Final

import pyarrow as pa

from transforms.columns import TEXT, TEXTS, UTC, Table, optional, required, schema_of

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

RESOLVED_EVENTS: Final = Table(
    name="resolved_events",
    description="One row for each claim (one actor, one beneficiary) that one or more articles report."
    " Derived: it can be made anew from events and articles at any time. Made with the first events.",
    schema=schema_of(
        required("resolved_id", TEXT, "Identity: of the mention first processed, and of the claim."),
        required("actor", TEXT, "Who acts; codes as in events.actors."),
        required("with_actors", TEXTS, "Who else acts together with it in at least one mention."),
        required("actor_role", TEXT, "The role most sources report: HEAD, GOV, LEG, MIL, OPP, IGO or OTHER."),
        required("beneficiary", TEXT, "Whose membership or aid it is."),
        optional("alliance", TEXT, "Id of the alliance; null where no report names one."),
        required("object", TEXT, "What is supported or opposed; values as in events.object."),
        required("kind", TEXT, "The act that most sources report; values as in events.kind."),
        required("plover", TEXT, "PLOVER event type of the kind."),
        required("cameo", TEXT, "CAMEO code of the kind."),
        required("stance", TEXT, "The stance most sources report: support, conditional, oppose or neutral."),
        required("factuality", TEXT, "What most sources report: asserted, planned, possible or denied."),
        optional("attributed_to", TEXT, "Who claims it, where no report says it in its own voice."),
        optional("condition", TEXT, "The words of the condition, from the best report that has one."),
        optional("ordinal", pa.int32(), "22 in 'the 22nd country to back the bid'."),
        optional(
            "event_date", pa.date32(), "Day of the act as most sources give it, of the most exact dates."
        ),
        optional("event_date_precision", TEXT, "day, month or year."),
        optional("event_date_basis", TEXT, "explicit, relative or publication, as in events."),
        optional("place", TEXT, "Where it took place, as written in a report."),
        optional("place_country", TEXT, "Country of the place, ISO 3166-1 alpha-3."),
        required(
            "conflicts",
            _CONFLICTS,
            "Values of stance, kind, condition, date, ordinal and factuality that sources report beside the"
            " chosen one, and how many; empty where all agree.",
        ),
        required("n_reports", pa.int32(), "How many articles report it, near-duplicates included."),
        required("n_sources", pa.int32(), "How many independent ones: syndicated copies count once."),
        required("sources", TEXTS, "The distinct outlets, those of copies too."),
        required(
            "agreement", pa.float32(), "Share of the independent sources that report the chosen stance."
        ),
        required(
            "confidence", pa.float32(), "Probability that the claim is right, over all sources, 0 to 1."
        ),
        required("first_reported", UTC, "When it was first published, else first processed."),
        required("last_reported", UTC, "When it was last published, else processed."),
        required(
            "evidence",
            _QUOTES,
            "Sentences of the reports, the best one's first, five at most; offsets as in events.evidence.",
        ),
        required("title", TEXT, "Title of the best report."),
        optional("url", TEXT, "Address of the best report."),
        optional("source", TEXT, "Outlet of the best report."),
        required("mentions", TEXTS, "All its mentions: events.event_id."),
        required("resolver", TEXT, "Name and version of what told which mentions are one event."),
        required("event_month", TEXT, "YYYY-MM of event_date, else of first_reported."),
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

#: The view of that name, over resolved events: what it shows, and its columns.
POSITIONS: Final[tuple[str, pa.Schema]] = (
    "One row for each time in which an actor held one stance toward a beneficiary's place in an alliance, or"
    " aid to it. Derived from resolved_events: what is denied, only possible or neutral begins none.",
    pa.schema(
        [
            required("actor", TEXT, "Whose stance it is; codes as in events.actors."),
            required("beneficiary", TEXT, "Toward whom."),
            optional("alliance", TEXT, "Id of the alliance; null where no report names one."),
            required("object", TEXT, "What is supported or opposed; values as in events.object."),
            required(
                "stance",
                TEXT,
                "support, conditional, oppose or ratified; whoever has ratified stays so until it opposes or"
                " sets a condition.",
            ),
            required("kind", TEXT, "The act that began it; values as in events.kind."),
            required("since", pa.date32(), "Day on which it began: of that act, else of its first report."),
            optional("until", pa.date32(), "Day on which the next began; null where it still holds."),
            optional("previous_stance", TEXT, "The stance before; null for the first."),
            optional("condition", TEXT, "The words of the latest condition in it."),
            required("n_events", pa.int32(), "How many resolved events say so."),
            required("n_sources", pa.int32(), "How many independent sources, all in all."),
            required("confidence", pa.float32(), "Of the surest of these events, 0 to 1."),
            required("resolved_id", TEXT, "The event that began it: resolved_events.resolved_id."),
            required("first_reported", UTC, "When it was first reported."),
            required("last_reported", UTC, "When it was last reported."),
        ]
    ),
)
