"""Stations on the line, one PTransform for each step: Beam around the plain functions, and nothing else.

A step is a function from one record to the next or to a Rejection. Rejections, and the unexpected errors of
single documents with their traceback, leave the line on their own output.
"""

import sqlite3
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, TypeVar

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.pvalue import AsIter, AsSingleton, PCollection, TaggedOutput

from transforms.articles import ArticleSettings, make_article
from transforms.duplicates import Verdict
from transforms.gate import Matcher, compile_matcher, keep_revision, reject_off_topic
from transforms.knowledge import World
from transforms.known import KnownArticles
from transforms.near_duplicates import Fingerprint, fingerprint
from transforms.object_store import StoreRefusal
from transforms.recipes import Recipe, Step, write_recipe
from transforms.records import (
    Article,
    ClassifiedArticle,
    PageCount,
    RawDocument,
    Rejection,
    SupportEvent,
)
from transforms.rejections import reject_document, reject_error
from transforms.sources import Read
from transforms.stance import judge_stance
from transforms.storage import Place
from transforms.topics import TopicModel, classify_topics, compile_topics, refine_topics

REJECTED = "rejected"

T = TypeVar("T")

#: Article → the events in it.
Detect = Callable[[Article], tuple[SupportEvent, ...]]


@dataclass
class Rejected:
    """Where the steps of one line put what they reject, as they are joined together."""

    outputs: list[PCollection[Rejection | PageCount]] = field(default_factory=list)


class ApplyStep(beam.DoFn):
    """Record → what the step makes of it; rejections and errors go to their own output."""

    def __init__(self, stage: str, recipe: Recipe) -> None:
        self._stage = stage
        self._recipe = recipe

    def process(self, element: Any, *side_inputs: Any) -> Iterable[Any]:
        """Apply the step to one record; it is made when the first comes, which may be never."""
        step = self._recipe.prepare()
        yield from put_out(attempt(element, self._stage, step, element, *side_inputs))


def attempt(record: Any, stage: str, step: Callable[..., T], *given: Any) -> T | Rejection:
    """Record, the stage it is at, a step and what that takes → what it makes, or the record as an error."""
    try:
        return step(*given)
    except (sqlite3.Error, StoreRefusal):
        # Of the index, or of where it lies: no fault of the document, which would stay rejected.
        raise
    except Exception as error:
        return reject_error(record, stage, error)


def put_out(made: Any) -> Iterable[Any]:
    """What a step made → the same, on the output that it belongs to; nothing where it made nothing."""
    if isinstance(made, Rejection):
        yield TaggedOutput(REJECTED, made)
    elif made is not None:
        yield made


def apply_step(
    records: PCollection[Any], stage: str, recipe: Recipe, rejected: Rejected, gives: type, *side_inputs: Any
) -> Any:
    """Records and a step → what comes out of it, with what it rejects put aside."""
    outputs = records | stage >> beam.ParDo(ApplyStep(stage, recipe), *side_inputs).with_outputs(
        REJECTED, main="made"
    )
    made, refused = outputs["made"], outputs[REJECTED]
    made.element_type = gives
    refused.element_type = Rejection
    rejected.outputs.append(refused)
    return made


def call_with_all(records: PCollection[Any], name: str, call: Callable[[list[Any]], Any]) -> PCollection[Any]:
    """Records and a function → what it makes of all of them together, called once, also where there are none.

    They reach it as a side input: gathering them by a key takes a third of the steps of a whole graph.
    """
    return (
        records.pipeline
        | f"Once: {name}" >> beam.Impulse()
        | name >> beam.Map(lambda _, them: call(list(them)), AsIter(records))
    )


class DropKnown(beam.PTransform[PCollection[Read], PCollection[RawDocument]]):
    """Documents as read → those that no earlier batch has seen, or just those asked for again.

    Whatever else was read leaves here.
    """

    def __init__(self, index: Place, rejected: Rejected, again: Collection[str] | None = None) -> None:
        super().__init__()
        self._index = index
        self._rejected = rejected
        self._again = again

    def expand(self, documents: PCollection[Read]) -> PCollection[RawDocument]:
        """Look up each key."""
        drop = _DropKnown(self._index, self._again)
        outputs = documents | beam.ParDo(drop).with_outputs(REJECTED, main="new")
        outputs[REJECTED].element_type = Rejection | PageCount
        outputs["new"].element_type = RawDocument
        self._rejected.outputs.append(outputs[REJECTED])
        return outputs["new"]


class _DropKnown(beam.DoFn):
    def __init__(self, index: Place, again: Collection[str] | None) -> None:
        self._index = index
        self._again = again
        self._counter = Metrics.counter("documents", "known")

    def setup(self) -> None:
        self._known = KnownArticles.open_read_only(self._index)

    def process(self, element: Read) -> Iterable[Any]:
        if isinstance(element, PageCount):
            # Pages are counted the first time their part is read.
            if self._again is None:
                yield TaggedOutput(REJECTED, element)
        elif not self._is_wanted(element.key):
            self._counter.inc()
        elif isinstance(element, Rejection):
            yield TaggedOutput(REJECTED, element)
        else:
            yield element

    def _is_wanted(self, key: str) -> bool:
        return not self._known.contains_key(key) if self._again is None else key in self._again

    def teardown(self) -> None:
        self._known.close()


class ExtractText(beam.PTransform[PCollection[RawDocument], PCollection[Article]]):
    """Documents → articles: clean text in a language that is read."""

    def __init__(self, settings: ArticleSettings, digest: str, rejected: Rejected) -> None:
        super().__init__()
        self._recipe = write_recipe(f"extract {digest}", _prepare_extract, settings)
        self._rejected = rejected

    def expand(self, documents: PCollection[RawDocument]) -> PCollection[Article]:
        """Make an article of each document."""
        return apply_step(documents, "extract", self._recipe, self._rejected, Article)


def _prepare_extract(settings: ArticleSettings) -> Step:
    return partial(make_article, settings=settings)


class KeepWatched(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Articles → those that name a watched alliance or cause, or did in an earlier revision."""

    def __init__(self, index: Place, world: World, digest: str, rejected: Rejected) -> None:
        super().__init__()
        self._index = index
        self._recipe = write_recipe(f"gate {digest}", _prepare_gate, world)
        self._rejected = rejected

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        """Look for names in each article."""
        return apply_step(articles, "gate", self._recipe, self._rejected, Article, self._index)


def _prepare_gate(world: World) -> Step:
    return partial(_keep_watched, compile_matcher(world))


def _keep_watched(matcher: Matcher, article: Article, index: Place) -> Article | Rejection:
    rejection = reject_off_topic(article, matcher)
    if rejection is None or article.revision == 1:
        return rejection or article
    with KnownArticles.open_read_only(index) as known:
        return keep_revision(article, rejection, known.find_revision(article.article_id))


#: fingerprints of all that is in a batch → what each article is to those before it
Judge = Callable[[list[Fingerprint]], Mapping[str, Verdict]]


class DropDuplicates(beam.PTransform[PCollection[Article], PCollection[Article]]):
    """Articles → one for each id, copies marked with their original.

    Only fingerprints meet in one place; the verdicts go back to the articles as a side input.
    """

    def __init__(self, judge: Judge, rejected: Rejected) -> None:
        super().__init__()
        self._judge = judge
        self._rejected = rejected

    def expand(self, articles: PCollection[Article]) -> PCollection[Article]:
        """Judge all articles of the batch together."""
        prints = apply_step(articles, "fingerprint", PRINT, self._rejected, Fingerprint)
        verdicts = call_with_all(prints, "Judge duplicates", self._judge)
        return apply_step(articles, "duplicates", MARK, self._rejected, Article, AsSingleton(verdicts))


def apply_verdict(article: Article, verdicts: Mapping[str, Verdict]) -> Article | Rejection | None:
    """Article and the verdicts of its batch → itself, marked if a copy; a Rejection if its id is there.

    None where it has no verdict: its fingerprint failed, and that has been rejected.
    """
    verdict = verdicts.get(article.key)
    if verdict is None or verdict.kind == "original":
        return article if verdict else None
    if verdict.kind == "copy":
        return replace(article, duplicate_of=verdict.article_id)
    return reject_document(article, "duplicates", "duplicate", verdict.article_id)


def _prepare_print() -> Step:
    return fingerprint


def _prepare_mark() -> Step:
    return apply_verdict


PRINT = write_recipe("fingerprint", _prepare_print)
MARK = write_recipe("duplicates", _prepare_mark)


class ClassifyTopics(beam.PTransform[PCollection[Article], PCollection[ClassifiedArticle]]):
    """Articles → articles with their topics."""

    def __init__(self, model: TopicModel, digest: str, rejected: Rejected) -> None:
        super().__init__()
        self._recipe = write_recipe(f"topics {digest}", _prepare_topics, model)
        self._rejected = rejected

    def expand(self, articles: PCollection[Article]) -> PCollection[ClassifiedArticle]:
        """Classify each article."""
        return apply_step(articles, "topics", self._recipe, self._rejected, ClassifiedArticle)


def _prepare_topics(model: TopicModel) -> Step:
    topics = compile_topics(model)
    return lambda article: ClassifiedArticle(
        article=article, topics=classify_topics(article.title, article.text, topics)
    )


class DetectEvents(beam.PTransform[PCollection[ClassifiedArticle], PCollection[ClassifiedArticle]]):
    """Articles → articles with their events; copies have none of their own."""

    def __init__(self, load_detect: Callable[[], Detect], digest: str, rejected: Rejected) -> None:
        super().__init__()
        self._recipe = write_recipe(f"detect {digest}", _prepare_detect, load_detect)
        self._rejected = rejected

    def expand(self, articles: PCollection[ClassifiedArticle]) -> PCollection[ClassifiedArticle]:
        """Detect the events of each original."""
        return apply_step(articles, "detect", self._recipe, self._rejected, ClassifiedArticle)


def _prepare_detect(load_detect: Callable[[], Detect]) -> Step:
    return partial(add_events, detect=load_detect())


def add_events(classified: ClassifiedArticle, detect: Detect) -> ClassifiedArticle:
    """Article → the same with its events; a copy has none of its own."""
    if classified.article.duplicate_of is not None:
        return classified
    return replace(classified, events=detect(classified.article))


class JudgeStance(beam.PTransform[PCollection[ClassifiedArticle], PCollection[ClassifiedArticle]]):
    """Articles with events → the same with what their events add up to."""

    def __init__(self, topics: TopicModel, digest: str, rejected: Rejected) -> None:
        super().__init__()
        self._recipe = write_recipe(f"stance {digest}", _prepare_stance, topics)
        self._rejected = rejected

    def expand(self, articles: PCollection[ClassifiedArticle]) -> PCollection[ClassifiedArticle]:
        """Judge each article."""
        return apply_step(articles, "stance", self._recipe, self._rejected, ClassifiedArticle)


def _prepare_stance(topics: TopicModel) -> Step:
    return partial(add_stance, topics=topics)


def add_stance(classified: ClassifiedArticle, topics: TopicModel) -> ClassifiedArticle:
    """Article with events → the same with stance, target and score, and the topics that its events prove."""
    stance, target, score = judge_stance(classified.events)
    return replace(
        classified,
        topics=refine_topics(classified.topics, classified.events, topics),
        stance=stance,
        stance_target=target,
        stance_score=score,
    )
