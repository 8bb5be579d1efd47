from datetime import UTC, datetime
from pathlib import Path

import apache_beam as beam
import pytest
from apache_beam.typehints.decorators import TypeCheckError

from pipelines.monitor import Batch, decide_alone, monitor_documents
from pipelines.plan import build_plan
from pipelines.settings import load_settings
from transforms.records import InputSlice, RawDocument
from transforms.stages import ClassifyTopics, ExtractText, JudgeStance, Rejected


def test_the_chain_is_as_documented(tmp_path: Path) -> None:
    plan = build_plan(load_settings())
    pipeline = beam.Pipeline()
    slices = pipeline | beam.Create([InputSlice(order=0, path="x", name="x")])
    batch = Batch(number=1, slices=(), data=tmp_path, index=tmp_path / "i", first_seen=datetime.now(UTC))
    monitor_documents(slices, batch, plan, decide_alone(batch, plan))
    names = [part.full_label for part in pipeline.transforms_stack[0].parts]
    assert names[1:] == [
        "Read", "Drop known", "Extract text", "Keep watched", "Drop duplicates", "Classify topics",
        "Detect events", "Judge stance", "Articles and rejects", "Write",
    ]  # fmt: skip


def test_steps_in_the_wrong_order_are_refused() -> None:
    plan = build_plan(load_settings())
    rejected = Rejected()
    slices = beam.Pipeline() | beam.Create([InputSlice(order=0, path="x", name="x")])
    with pytest.raises(TypeCheckError):
        slices | ExtractText(plan.articles, plan.digest, rejected)
    documents = beam.Pipeline() | beam.Create(
        [RawDocument(key="k", order=0, origin="x", format="text", content="x")]
    )
    articles = documents | ExtractText(plan.articles, plan.digest, rejected)
    with pytest.raises(TypeCheckError):
        articles | JudgeStance(plan.topics, plan.digest, rejected)
    with pytest.raises(TypeCheckError):
        documents | ClassifyTopics(plan.topics, plan.digest, rejected)
