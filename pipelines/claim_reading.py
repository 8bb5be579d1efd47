"""Data files of events and articles → mentions: of all blocks, of some within a window, or of some articles.

Takes the files of one snapshot, gives what `transforms.clusters` compares. Which files may hold what is asked
for is up to the caller; `near` tells.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final

import pyarrow as pa

from pipelines.query import connect
from transforms.claims import LASTING_KINDS, VAGUE_PRECISIONS, Block, Mention, make_mention
from transforms.storage import Place
from transforms.tables import TABLES
from transforms.windows import Window

_ROWS_AT_ONCE: Final = 10_000

#: Evidence is cut here already, as no row keeps more. Joint applicants each ask for themselves.
_CLAIMS: Final = """
SELECT e.* EXCLUDE (rule, detector, plover, cameo, revision, event_month, beneficiaries, day),
    coalesce(c.copies, 0) AS copies, coalesce(c.copy_sources, []) AS copy_sources
FROM (
    SELECT claim.*
    FROM (
        SELECT *, unnest(beneficiaries) AS beneficiary
        FROM (
            SELECT * REPLACE (list_slice(evidence, 1, 5) AS evidence), unnest(actors) AS actor,
                coalesce(event_date, CAST(coalesce(published_at, first_seen) AS DATE)) AS day
            FROM {events} {articles}
        )
    ) AS claim {within}
    WHERE (
        claim.kind <> 'apply' OR claim.actor = claim.beneficiary
        OR NOT list_contains(claim.beneficiaries, claim.actor)
    ) {blocks}
) AS e
LEFT JOIN (
    SELECT duplicate_of AS article_id, count(*) AS copies,
        list_sort(list(DISTINCT source) FILTER (WHERE source IS NOT NULL)) AS copy_sources
    FROM articles WHERE duplicate_of IS NOT NULL GROUP BY duplicate_of
) AS c USING (article_id)
"""
_READ: Final = ("events", "articles")
_BLOCK: Final = ("actor", "beneficiary", "object")
_GIVEN: Final = "IN (SELECT id FROM given)"


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFile:
    """A data file, with what its name says."""

    path: Place
    #: None where it was joined from several
    batch: int | None
    month: str
    rows: int


Files = Mapping[str, Sequence[DataFile]]


class ClaimReader:
    """Data files of events and articles, open for questions."""

    def __init__(self, files: Files) -> None:
        self._connection = connect(
            {name: [f.path for f in files.get(name, ())] if name in _READ else [] for name in TABLES}
        )

    def __enter__(self) -> "ClaimReader":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def read_part(self, part: int, parts: int) -> Iterator[Mention]:
        """Part of so many → the mentions of its blocks, one block after the other."""
        blocks = f"AND hash(actor, beneficiary, object) % {parts} = {part}"
        sql = _claims(blocks=blocks)
        return self._read(f"{sql} ORDER BY actor, beneficiary, object")

    def read_windows(self, windows: Mapping[Block, Window]) -> Iterator[Mention]:
        """Window of days for each block → its mentions in there."""
        columns: dict[str, pa.Array] = {
            name: pa.array([block[i] for block in windows], pa.string()) for i, name in enumerate(_BLOCK)
        }
        for i, span in enumerate(Window._fields):
            for j, end in enumerate(("first", "last")):
                days = [window[i][j] for window in windows.values()]
                columns[f"{span}_{end}"] = pa.array(days, pa.date32())
        lasting = f"claim.kind IN {tuple(sorted(LASTING_KINDS))}"
        vague = f"(claim.event_date IS NULL OR claim.event_date_precision IN {VAGUE_PRECISIONS})"
        within = "JOIN given AS w USING (actor, beneficiary, object)"
        blocks = (
            "AND (claim.day BETWEEN w.every_first AND w.every_last"
            f" OR {lasting} AND claim.day BETWEEN w.lasting_first AND w.lasting_last"
            f" OR {lasting} AND {vague} AND claim.day BETWEEN w.vague_first AND w.vague_last)"
        )
        return self._read(_claims(within=within, blocks=blocks), pa.table(columns))

    def read_articles(self, article_ids: Collection[str]) -> Iterator[Mention]:
        """Ids of articles → the mentions of all their revisions."""
        articles = f"WHERE article_id {_GIVEN}"
        return self._read(_claims(events="events_all", articles=articles), _ids(article_ids))

    def read_every(self) -> Iterator[Mention]:
        """The mentions of all revisions."""
        return self._read(_claims(events="events_all"))

    def find_revised(self) -> set[str]:
        """The articles that have a later revision."""
        return self._find("SELECT DISTINCT article_id FROM articles_all WHERE revision > 1")

    def find_originals(self) -> set[str]:
        """The articles that others are copies of."""
        return self._find("SELECT DISTINCT duplicate_of FROM articles_all WHERE duplicate_of IS NOT NULL")

    def find_originals_of(self, article_ids: Collection[str]) -> set[str]:
        """Ids of articles → those that any revision of them was a copy of."""
        sql = "SELECT DISTINCT duplicate_of FROM articles_all WHERE duplicate_of IS NOT NULL AND article_id"
        return self._find(f"{sql} {_GIVEN}", _ids(article_ids))

    def _find(self, sql: str, given: pa.Table | None = None) -> set[str]:
        self._give(given)
        return {value for (value,) in self._connection.execute(sql).fetchall()}

    def _read(self, sql: str, given: pa.Table | None = None) -> Iterator[Mention]:
        self._give(given)
        found: Any = self._connection.sql(sql)
        for batch in found.to_arrow_reader(_ROWS_AT_ONCE):
            for row in batch.to_pylist():
                yield make_mention(row)

    def _give(self, given: pa.Table | None) -> None:
        if given is not None:
            self._connection.register("given", given)


def _claims(*, events: str = "events", articles: str = "", within: str = "", blocks: str = "") -> str:
    return _CLAIMS.format(events=events, articles=articles, within=within, blocks=blocks)


def near(files: Iterable[DataFile], windows: Mapping[Block, Window]) -> list[DataFile]:
    """Data files and windows → those in whose month one of the windows lies."""
    spans = {span for window in windows.values() for span in window}
    months = {tuple(f"{day:%Y-%m}".zfill(7) for day in span) for span in spans}
    return [file for file in files if any(first <= file.month <= last for first, last in months)]


def _ids(values: Collection[str]) -> pa.Table:
    return pa.table({"id": pa.array(sorted(values), pa.string())})
