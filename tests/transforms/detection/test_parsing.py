import json
import warnings
from pathlib import Path

import pytest
import spacy

from pipelines.settings import load_settings
from transforms.detection.parsing import load_parser, parse_texts
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
    return doc.text, [
        (
            *(word.i, word.idx, word.text, word.whitespace_, word.lower_, word.lemma_),
            *(word.pos_, word.tag_, word.dep_, word.head.i, word.left_edge.i),
            *([one.i for one in words] for words in (word.lefts, word.rights, word.children, word.subtree)),
            [other.i for other in doc if word.is_ancestor(other)],
        )
        for word in doc
    ]


def test_a_parse_is_what_the_whole_pipeline_makes_of_it(detector, whole_pipeline):
    texts = list(read_sentences())
    assert len(texts) > 500
    for ours, theirs in zip(parse_texts(texts, detector.parser), whole_pipeline.pipe(texts), strict=True):
        assert describe(ours) == describe(theirs)


def test_rules_for_pairs_of_words_hold(detector, whole_pipeline):
    texts = [OF_PAIRS, *(one.text for one in split_sentences("", OF_PAIRS))]
    ours = list(parse_texts(texts, detector.parser))
    theirs = list(whole_pipeline.pipe(texts))
    assert [describe(doc) for doc in ours] == [describe(doc) for doc in theirs]
    assert {"us", "to", "be"} <= {word.lemma_ for word in ours[0]}


def test_a_pipeline_with_other_pipes_is_asked_whole(whole_pipeline, tmp_path):
    whole_pipeline.add_pipe("merge_noun_chunks")
    try:
        whole_pipeline.to_disk(tmp_path)
        theirs = list(whole_pipeline.pipe([OF_PAIRS]))
    finally:
        whole_pipeline.remove_pipe("merge_noun_chunks")
    (ours,) = parse_texts([OF_PAIRS], load_parser(str(tmp_path)))
    assert [describe(ours)] == [describe(doc) for doc in theirs]


def test_nothing_is_parsed_of_no_text(detector):
    assert [len(doc) for doc in parse_texts(["", " ", "\n\n"], detector.parser)] == [0, 1, 1]


def test_a_word_is_found_by_its_characters(detector):
    (doc,) = parse_texts(["Turkey can't veto."], detector.parser)
    found = [doc.find_token(position) for position in (0, 5, 6, 7, 10, 17, 18)]
    assert [word and word.text for word in found] == ["Turkey", "Turkey", None, "ca", "n't", ".", None]
