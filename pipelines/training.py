"""Labelled documents → trained topic weights as readable JSON; rejects labels outside the codebook.

Offline: scikit-learn is needed here and nowhere at run time. Reproducible, from the project's root:

    python -m pipelines.training GOLD.jsonl … --half-of OWN.jsonl … --out configs/topic_weights.json

prints the scores of weights that never saw the document they judge (folds of all; the own documents by
halves), then writes the weights trained on the gold and half 'a' of the own. The words of
`configs/topics.yaml` are the features; run it again after changing them.
"""

import argparse
import json
import math
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import KFold

from pipelines.gold import Half, LabelledDocument, choose_half, read_gold
from pipelines.scoring import Counts, compare_labels, score_counts, sum_counts
from pipelines.settings import load_settings
from transforms.topics import (
    CompiledTopics,
    TopicModel,
    TopicWeights,
    classify_topics,
    compile_topics,
    extract_features,
)

#: Inverse strength of the L2 penalty.
STRENGTH = 0.1
#: Probability from which a topic is given: below one half, as several hold and a missed one costs as much.
CUT = 0.34
SEED = 20240229
HALVES: tuple[Half, Half] = ("a", "b")


def train_topics(documents: Sequence[LabelledDocument], topics: CompiledTopics) -> dict[str, TopicWeights]:
    """Labelled documents and topics → weights of every labelled topic but the fallback.

    Logistic regression with an L2 penalty over the cue sums. Tried on halves, and left out: single words cost
    a point, as they tell the year of the sample, not the topic; the detected events as features give what
    `refine_topics` gives without training; thresholds of each topic's own cost one to two points.
    """
    vectorizer = DictVectorizer()
    matrix = vectorizer.fit_transform([extract_features(d.title, d.text, topics) for d in documents])
    labelled = {label for d in documents for label in d.topics}
    trained: dict[str, TopicWeights] = {}
    for name, _ in topics.cues:
        if name not in labelled or name == topics.model.fallback:
            continue
        wanted = np.array([name in d.topics for d in documents])
        fitted = LogisticRegression(C=STRENGTH, max_iter=2000).fit(matrix, wanted)
        weights = zip(vectorizer.get_feature_names_out(), fitted.coef_[0], strict=True)
        trained[name] = TopicWeights(
            bias=round(float(fitted.intercept_[0]) - math.log(CUT / (1 - CUT)), 3),
            features={feature: round(float(weight), 3) for feature, weight in weights},
        )
    return trained


def train_model(documents: Sequence[LabelledDocument], model: TopicModel) -> CompiledTopics:
    """Labelled documents and topics → the topics with weights of these documents, ready to classify."""
    plain = compile_topics(replace(model, weights={}))
    return replace(plain, model=replace(model, weights=train_topics(documents, plain)))


def judge_trained(
    train: Sequence[LabelledDocument], test: Sequence[LabelledDocument], model: TopicModel
) -> list[tuple[str, Counts]]:
    """Documents to learn from and others to judge → (topic, counts) of each document and topic."""
    trained = train_model(train, model)
    counts = []
    for document in test:
        given = {topic.name for topic in classify_topics(document.title, document.text, trained)}
        for name in {*given, *document.topics}:
            counts.append((name, compare_labels({name} & {*document.topics}, {name} & given)))
    return counts


def cross_validate(
    documents: Sequence[LabelledDocument], model: TopicModel, folds: int = 5
) -> dict[str, Counts]:
    """Labelled documents and topics → counts of each topic, each judged by weights of other folds."""
    split = KFold(folds, shuffle=True, random_state=SEED).split(documents)
    return _sum_by_topic(
        pair
        for train, test in split
        for pair in judge_trained([documents[i] for i in train], [documents[i] for i in test], model)
    )


def validate_halves(
    gold: Sequence[LabelledDocument], own: Sequence[LabelledDocument], model: TopicModel
) -> dict[str, Counts]:
    """Gold and own documents → counts of each topic over the own, each half by the gold and the other."""
    halves = {half: choose_half(own, half) for half in HALVES}
    return _sum_by_topic(
        pair
        for train, test in (HALVES, HALVES[::-1])
        for pair in judge_trained([*gold, *halves[train]], halves[test], model)
    )


def _sum_by_topic(pairs: Iterable[tuple[str, Counts]]) -> dict[str, Counts]:
    counts: dict[str, list[Counts]] = {}
    for name, one in pairs:
        counts.setdefault(name, []).append(one)
    return {name: sum_counts(found) for name, found in sorted(counts.items())}


def _print_counts(title: str, counts: Mapping[str, Counts]) -> None:
    print(title)
    for name, found in [*counts.items(), ("all", sum_counts(counts.values()))]:
        score = score_counts(found)
        print(f"{name:22} P {score.precision:.3f}  R {score.recall:.3f}  F1 {score.f1:.3f}  {tuple(found)}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Command line → exit code 0; see the module's text."""
    parser = argparse.ArgumentParser(prog="python -m pipelines.training", description=__doc__)
    parser.add_argument("gold", nargs="+", type=Path, help="labelled documents, JSON lines")
    parser.add_argument("--half-of", nargs="+", type=Path, default=[], help="files of which half 'a' is used")
    parser.add_argument(
        "--out", type=Path, help="where to write the weights; without it they are only judged"
    )
    parser.add_argument(
        "--config", type=Path, help="configuration with the topics; the shipped one by default"
    )
    options = parser.parse_args(arguments)
    gold, own = (
        [document for path in paths for document in read_gold(path)]
        for paths in (options.gold, options.half_of)
    )
    documents = [*gold, *choose_half(own, "a")]
    model = load_settings(options.config).settings.topics
    _print_counts("by weights of other folds", cross_validate(documents, model))
    if own:
        _print_counts("own documents, each half by the other", validate_halves(gold, own, model))
    if options.out:
        trained = train_topics(documents, compile_topics(replace(model, weights={})))
        weights = {name: {"bias": w.bias, "features": dict(w.features)} for name, w in trained.items()}
        options.out.write_text(json.dumps(weights, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        print(f"{options.out}: {sum(len(w.features) for w in trained.values())} weights", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
