import json
import warnings
from pathlib import Path

import pytest
import spacy

from pipelines.settings import load_settings
from transforms.detection.parsing import parse_texts
from transforms.detection.sentences import split_sentences

EVALUATION = Path(__file__).parents[2] / "evaluation"
OF_PAIRS = (
    "There is no way that Sweden ain't in. Let's say y'all gonna like it, you gotta. C'mon, there was hope.\n"
    "I know it, you know  it; what did you do,\tdo you?"
)


@pytest.fixture(scope="module")
def whole_pipeline():
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return spacy.load(load_settings(None, {}).settings.detection.model, exclude=["ner", "senter"])


def read_sentences():
    for name in ("membership", "aid"):
        for line in (EVALUATION / f"{name}.jsonl").read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            yield from (one.text for one in split_sentences(document["title"], document["text"]))


def describe(doc):
    return [(word.text, word.idx, word.head.i, word.dep_, word.tag_, word.pos_, word.lemma_) for word in doc]


def test_a_parse_is_what_the_whole_pipeline_makes_of_it(detector, whole_pipeline):
    texts = list(read_sentences())
    assert len(texts) > 500
    for ours, theirs in zip(parse_texts(texts, detector.parser), whole_pipeline.pipe(texts), strict=True):
        assert describe(ours) == describe(theirs)


def test_rules_for_pairs_of_words_hold(detector, whole_pipeline):
    texts = [OF_PAIRS, *(one.text for one in split_sentences("", OF_PAIRS))]
    ours = list(parse_texts(texts, detector.parser))
    assert [describe(doc) for doc in ours] == [describe(doc) for doc in whole_pipeline.pipe(texts)]
    assert any(detector.parser.pairs(doc) for doc in ours)
    assert {"us", "to", "be"} <= {word.lemma_ for word in ours[0]}


def test_nothing_is_parsed_of_no_text(detector):
    assert [len(doc) for doc in parse_texts(["", " ", "\n\n"], detector.parser)] == [0, 1, 1]
