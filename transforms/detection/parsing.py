"""Name of a spaCy pipeline → the pipeline, ready to parse sentences. Raises OSError where it isn't installed."""

import warnings

import spacy
from spacy.language import Language
from thinc.api import get_current_ops, use_ops
from threadpoolctl import threadpool_limits


def load_parser(model: str) -> Language:
    """Name → pipeline with tags, dependencies and lemmas, its matrices multiplied by numpy on one core.

    spaCy's own multiplication (BLIS) is built without the instructions of newer processors: where it is
    slower than numpy's, it takes three times as long. A second thread costs more than it saves on matrices as
    small as these; `--workers` shares the work better. So the limit holds for the whole process.
    """
    threadpool_limits(limits=1, user_api="blas")
    with warnings.catch_warnings(), use_ops(get_current_ops().name, use_blis=False):
        # The pinned weights name the version they were trained with; the tests cover their parses.
        warnings.filterwarnings("ignore", message=r"\[W095\]")
        return spacy.load(model, exclude=["ner", "senter"])
