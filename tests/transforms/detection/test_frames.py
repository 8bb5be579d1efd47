"""Every frame of the lexicon finds something in its positive sentences, and nothing in its negative ones."""

from collections import Counter

import pytest
from claims import DAY, article

from pipelines.settings import load_settings
from transforms.detection.detector import find_all_candidates

LEXICON = load_settings(None, {}).settings.lexicon


def frames_in(detector, text):
    return {candidate.act.frame.id for candidate in find_all_candidates(article(text, "", DAY), detector)}


@pytest.mark.parametrize(
    ("frame", "text"), [(frame.id, text) for frame in LEXICON.frames for text in frame.positive]
)
def test_a_frame_finds_its_act(detector, frame, text):
    assert frame in frames_in(detector, text)


@pytest.mark.parametrize(
    ("frame", "text"), [(frame.id, text) for frame in LEXICON.frames for text in frame.negative]
)
def test_a_frame_leaves_other_acts_alone(detector, frame, text):
    assert frame not in frames_in(detector, text)


@pytest.mark.parametrize("frame", LEXICON.frames, ids=lambda frame: frame.id)
def test_a_frame_has_sentences_that_try_it(frame):
    assert len(frame.positive) >= 2 and len(frame.negative) >= 1


def test_a_word_governs_in_one_way_only():
    times = Counter(word for governor in LEXICON.governors for word in governor.words)
    assert [word for word, count in times.items() if count > 1] == []


def test_a_phrase_tells_one_object_only():
    for strength in ("strong", "weak"):
        times = Counter(word for cues in LEXICON.objects for word in getattr(cues, strength))
        assert [word for word, count in times.items() if count > 1] == []


def test_words_of_frames_and_governors_are_single_words(detector):
    words = [
        part
        for frame in LEXICON.frames
        for word in (*frame.verbs, *frame.nouns, *frame.adjectives)
        for part in word.split("+")
    ]
    words += [word for governor in LEXICON.governors for word in governor.words]
    assert [word for word in words if len(detector.parser.language.tokenizer(word)) > 1] == []
