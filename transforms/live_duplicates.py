"""Articles one by one → the same, marked where they are copies: for a stream, where no batch is complete.

Beam around `duplicates`. One place judges all of them in turn, by the index of what the tables know and by
those that passed here and aren't in the tables yet; these wait in keyed state until the index knows them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.coders import FastPrimitivesCoder
from apache_beam.pvalue import PCollection
from apache_beam.transforms.userstate import BagStateSpec

from transforms.duplicates import judge_duplicates
from transforms.known import KnownArticles
from transforms.near_duplicates import Fingerprint, fingerprint
from transforms.records import Article, Rejection
from transforms.stages import REJECTED, Rejected, apply_verdict, attempt, put_out


@dataclass(frozen=True, slots=True)
class KnownAndWaiting:
    """The articles of the tables, and those on their way there."""

    known: KnownArticles
    waiting: Sequence[Fingerprint]

    def find_revision(self, article_id: str) -> int:
        """Id → its newest revision; 0 where there is none."""
        coming = (one.revision for one in self.waiting if one.article_id == article_id)
        return max(self.known.find_revision(article_id), *coming, 0)

    def candidates(self, bands: Iterable[bytes]) -> list[Fingerprint]:
        """Bands → the originals that share one."""
        wanted = set(bands)
        return self.known.candidates(wanted) + [one for one in self.waiting if wanted & set(one.bands)]


def judge_article(
    article: Article, known: KnownArticles, waiting: Sequence[Fingerprint], threshold: float
) -> tuple[Article | Rejection | None, tuple[Fingerprint, ...]]:
    """Article, what the tables know and what waits for them → it with its verdict, and what waits now.

    Args:
        article: as it passed the gate.
        known: index of the tables.
        waiting: originals that passed before and may not be in the tables yet.
        threshold: share of 4-grams from which on an article is a copy.
    """
    left = tuple(one for one in waiting if not known.contains_key(one.key))
    print_ = fingerprint(article)
    verdicts = judge_duplicates([print_], KnownAndWaiting(known, left), threshold)
    if verdicts[print_.key].kind == "original":
        left = (*left, print_)
    return apply_verdict(article, verdicts), left


class DropDuplicatesInTurn(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Articles of a stream → one for each id, copies marked with their original."""

    def __init__(self, index: Path, threshold: float, rejected: Rejected) -> None:
        super().__init__()
        self._judge = _JudgeInTurn(index, threshold)
        self._rejected = rejected

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        """Bring all to one place, and judge them there."""
        outputs = (
            articles
            | "To one place"
            >> beam.Map(lambda article: ("all", article)).with_output_types(tuple[str, Article])
            | "Judge in turn" >> beam.ParDo(self._judge).with_outputs(REJECTED, main="judged")
        )
        outputs[REJECTED].element_type = Rejection
        outputs["judged"].element_type = Article
        self._rejected.outputs.append(outputs[REJECTED])
        return outputs["judged"]


class _JudgeInTurn(beam.DoFn):
    WAITING = BagStateSpec("waiting", FastPrimitivesCoder())

    def __init__(self, index: Path, threshold: float) -> None:
        self._index = index
        self._threshold = threshold

    def setup(self) -> None:
        self._known = KnownArticles.open_read_only(self._index)

    def process(
        self,
        element: tuple[str, Article],
        waiting: Any = beam.DoFn.StateParam(WAITING),  # noqa: B008
    ) -> Iterable[Any]:
        before = tuple(waiting.read())
        article = element[1]
        judged = attempt(article, "duplicates", judge_article, article, self._known, before, self._threshold)
        made, after = (judged, before) if isinstance(judged, Rejection) else judged
        if after != before:
            waiting.clear()
            for one in after:
                waiting.add(one)
        yield from put_out(made)

    def teardown(self) -> None:
        self._known.close()
