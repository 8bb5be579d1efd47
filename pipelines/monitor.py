"""The whole job as one chain: slices of files in, a staged batch of articles, events and rejects out.

Start here. Each step is a PTransform of `transforms.stages`, a few lines of Beam around one plain function of
the module of that name: `ExtractText` around `articles.make_article`, `DetectEvents` around
`detection.detector.detect_events`. What a step rejects leaves the line beside it and is written too, so that
every document ends as exactly one row.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions, PipelineOptionsT
from apache_beam.pvalue import PCollection
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.runners.runner import PipelineResult

from pipelines.engine import Engine, count_all, make_pipeline, run_to_end
from pipelines.summary import RunCounts, collect_counts
from transforms.articles import ArticleSettings
from transforms.duplicates import Verdict, judge_duplicates
from transforms.knowledge import World
from transforms.known import KnownArticles
from transforms.near_duplicates import Fingerprint
from transforms.read_limits import ReadLimits
from transforms.records import Article, ClassifiedArticle, InputSlice, RawDocument, StoredSlice
from transforms.retries import Retry, finish_retry
from transforms.sinks import Finish, RowSettings, StageBatch
from transforms.sources import ReadDocuments
from transforms.stages import (
    ClassifyTopics,
    Detect,
    DetectEvents,
    DropDuplicates,
    DropKnown,
    ExtractText,
    Judge,
    JudgeStance,
    KeepWatched,
    Rejected,
)
from transforms.staging import write_manifest
from transforms.storage import Place
from transforms.topics import TopicModel


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitorPlan:
    """What the steps need to know: plain values, the same for every batch of a run."""

    reading: ReadLimits
    articles: ArticleSettings
    world: World
    duplicate_threshold: float
    topics: TopicModel
    load_detect: Callable[[], Detect]
    #: spaCy pipeline of the detector
    model: str
    #: name and version of the detector, for the rows
    detector: str
    #: names the settings all this was made from, so that what is slow to make is made once for each process
    digest: str
    #: names the watched names: parts of archives that were read with them needn't be read again
    gate: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Where one batch, or a worker's share of it, comes from and goes to."""

    number: int
    slices: tuple[InputSlice | StoredSlice, ...]
    #: folder to stage the rows in
    data: Place
    #: index of the articles before it
    index: Place
    first_seen: datetime
    #: rejected documents to process again: nothing else that is read counts
    retry: Retry | None = None


#: Batch → its counts, with its rows staged and its manifest written.
RunBatch = Callable[[Batch], RunCounts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What takes all of a batch to decide: the one who runs it alone does that, or who shares it out."""

    judge: Judge
    finish: Finish


def monitor_documents(
    slices: PCollection[InputSlice | StoredSlice], batch: Batch, plan: MonitorPlan, decisions: Decisions
) -> PCollection[None]:
    """Slices of a batch → its staged files: the whole flow."""
    rejected = Rejected()
    documents = (
        slices
        | "Read" >> ReadDocuments(plan.reading, plan.world, plan.digest)
        | "Drop known" >> DropKnown(batch.index, rejected, batch.retry.again if batch.retry else None)
    )
    drop_duplicates = DropDuplicates(decisions.judge, rejected)
    articles = classify_documents(documents, batch.index, plan, drop_duplicates, rejected)
    return (
        (articles, *rejected.outputs)
        | "Articles and rejects" >> beam.Flatten()
        | "Write" >> StageBatch(batch.data, batch.number, name_rows(batch, plan), decisions.finish)
    )


def classify_documents(
    documents: PCollection[RawDocument],
    index: Place,
    plan: MonitorPlan,
    drop_duplicates: beam.PTransform[PCollection[Article], PCollection[Article]],
    rejected: Rejected,
) -> PCollection[ClassifiedArticle]:
    """Documents that are new → articles with their events: the same steps for a batch and for a stream."""
    articles: PCollection[ClassifiedArticle] = (
        documents
        | "Extract text" >> ExtractText(plan.articles, plan.digest, rejected)
        | "Keep watched" >> KeepWatched(index, plan.world, plan.digest, rejected)
        | "Drop duplicates" >> drop_duplicates
        | "Classify topics" >> ClassifyTopics(plan.topics, plan.digest, rejected)
        | "Detect events" >> DetectEvents(plan.load_detect, plan.digest, rejected)
        | "Judge stance" >> JudgeStance(plan.topics, plan.digest, rejected)
    )
    return articles


def name_rows(batch: Batch, plan: MonitorPlan) -> RowSettings:
    """Batch and plan → what its rows say beside what they are made of."""
    return RowSettings(
        first_seen=batch.first_seen,
        detector=plan.detector,
        gate=plan.gate,
        keep_off_topic=plan.reading.keep_off_topic,
    )


def decide_alone(batch: Batch, plan: MonitorPlan) -> Decisions:
    """Batch and plan → its decisions, made where they are needed."""
    return Decisions(
        judge=partial(judge_batch, index=batch.index, threshold=plan.duplicate_threshold),
        finish=partial(write_manifest, batch.data, batch.number)
        if batch.retry is None
        else partial(
            finish_retry, batch.data, batch.number, batch.retry, index=batch.index, now=batch.first_seen
        ),
    )


def judge_batch(fingerprints: Iterable[Fingerprint], index: Place, threshold: float) -> Mapping[str, Verdict]:
    """Fingerprints of a batch and the index of the articles before it → verdict by key of the document."""
    with KnownArticles.open_read_only(index) as known:
        return judge_duplicates(fingerprints, known, threshold)


class GraphOptions(PipelineOptions):
    """Beam's options, each view of them made once: Beam asks hundreds of times while it builds one graph."""

    def view_as(self, cls: type[PipelineOptionsT]) -> PipelineOptionsT:
        """Class of options → these options as that class."""
        views = self.__dict__.setdefault("_views", {})
        if cls not in views:
            views[cls] = super().view_as(cls)
        view: PipelineOptionsT = views[cls]
        return view


def run_graph(batch: Batch, plan: MonitorPlan, decisions: Decisions, engine: Engine) -> RunCounts:
    """Batch and plan → what was counted; its rows are staged, not yet committed.

    On a cluster the slices are spread among the workers first; in one process there's nothing to spread.
    """
    elsewhere = engine.runner is not None
    pipeline = make_pipeline(engine) if elsewhere else _make_local_pipeline(engine)
    slices = pipeline | "Slices" >> beam.Create(batch.slices, reshuffle=elsewhere).with_output_types(
        InputSlice | StoredSlice
    )
    monitor_documents(slices, batch, plan, decisions)
    return collect_counts(count_all(run_to_end(pipeline) if elsewhere else _run_here(pipeline)))


def _make_local_pipeline(engine: Engine) -> beam.Pipeline:
    """Engine → a pipeline for this process. The runner is named: Beam's default would try to download one."""
    return beam.Pipeline(runner=FnApiRunner(), options=GraphOptions(list(engine.flags)))


def _run_here(pipeline: beam.Pipeline) -> PipelineResult:
    result = pipeline.run()
    result.wait_until_finish()
    return result
