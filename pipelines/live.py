"""The live job of a cluster as one chain: a list of feeds in, rows in the tables out, for as long as it runs.

The steps between are those of a batch (`monitor.classify_documents`); what differs is where documents come
from, who judges duplicates, and who commits. A checkpoint of the runner carries what the state file remembers
on one machine.
"""

from dataclasses import dataclass
from pathlib import Path

import apache_beam as beam

from pipelines.live_commit import CommitInTurn, Ended, LiveCommit
from pipelines.live_items import FollowFeeds, LiveSource
from pipelines.live_pages import FetchPages
from pipelines.monitor import MonitorPlan, classify_documents
from transforms.known import INDEX
from transforms.live_duplicates import DropDuplicatesInTurn
from transforms.stages import DropKnown, Rejected


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveJob:
    """What one job follows, and where to."""

    source: LiveSource
    commit: LiveCommit

    @property
    def index(self) -> Path:
        """Index of the articles that are in the tables."""
        return self.commit.data / INDEX


def monitor_feeds(pipeline: beam.Pipeline, job: LiveJob, plan: MonitorPlan) -> None:
    """Pipeline and job → nothing; the whole flow is in the pipeline."""
    rejected = Rejected()
    documents = (
        pipeline
        | "List" >> beam.Create([job.source.feeds]).with_output_types(str)
        | "Follow feeds" >> FollowFeeds(job.source)
        | "Drop known" >> DropKnown(job.index, rejected)
        | "Fetch pages" >> FetchPages(job.source)
    )
    drop_duplicates = DropDuplicatesInTurn(job.index, plan.duplicate_threshold, rejected)
    articles = classify_documents(documents, job.index, plan, drop_duplicates, rejected)
    _ = (
        (articles, *rejected.outputs)
        # Nothing here reads archives, so that no counts of their pages are among them.
        | "Articles and rejects" >> beam.Flatten().with_output_types(Ended)
        | "Write" >> CommitInTurn(job.commit)
    )
