"""The project's own labelled articles → the scores may not fall: floors are pinned in `floors.json`.

A change that raises a score raises its floor with it; one that lowers a score has to say why.
"""

import json
from pathlib import Path

import pytest

from pipelines.evaluation import evaluate
from pipelines.gold import read_gold

HERE = Path(__file__).parent
FLOORS = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))["scores"]


@pytest.fixture(scope="module")
def scores(detect):
    documents = [d for name in ("membership", "aid") for d in read_gold(HERE / f"{name}.jsonl")]
    report = evaluate(documents, detect, resamples=1)
    fields = {f"field {name}": right / of for name, (right, of) in report.fields.items() if of}
    return {
        "relaxed F1": report.relaxed.score.f1,
        "relaxed precision": report.relaxed.score.precision,
        "strict F1": report.strict.score.f1,
        "topics F1": report.topics.score.f1,
        "article stance": report.stance_accuracy,
    } | fields


@pytest.mark.parametrize("name", FLOORS)
def test_score_does_not_fall(scores, name):
    table = "\n".join(f"{key}: {scores[key]:.3f} (floor {FLOORS.get(key, 0):.3f})" for key in scores)
    assert scores[name] >= FLOORS[name], f"{name} fell to {scores[name]:.3f} from {FLOORS[name]:.3f}\n{table}"
