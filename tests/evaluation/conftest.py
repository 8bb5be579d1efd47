"""The pipeline as shipped, loaded once for all tests that measure it."""

from collections.abc import Callable
from datetime import date

import pytest

from pipelines.evaluation import Detected
from pipelines.plan import build_plan, detect_with
from pipelines.settings import load_settings


@pytest.fixture(scope="session")
def detect() -> Callable[[str, str, date | None], Detected]:
    """(title, text, published) → what the pipeline with the shipped settings makes of it."""
    return detect_with(build_plan(load_settings(None, {})))
