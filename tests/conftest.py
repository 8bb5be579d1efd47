"""Fixtures that more than one test file uses."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from pipelines.garbage import collect_seldom
from transforms import recipes

# As the command does it.
collect_seldom()
# The suite asks every property the same examples each time: what passes on one machine passes on the next.
# `pytest --hypothesis-profile explore` looks for new ones.
settings.register_profile("suite", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", max_examples=2000, deadline=None)
settings.load_profile("suite")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--kills", type=int, default=1, help="how often a run is disturbed (tests/crash)")
    parser.addoption(
        "--documents", type=int, default=60, help="of how many documents (tests/crash/test_run.py)"
    )
    parser.addoption("--feeds", type=int, default=20, help="how many feeds are followed (tests/load)")
    parser.addoption("--cycles", type=int, default=2, help="how often they get new items (tests/load)")
    parser.addoption("--detector", choices=("stand-in", "real"), default="stand-in", help="(tests/load)")
    parser.addoption("--flink", metavar="DIR", help="a Flink to start, see make flink-test (tests/flink)")
    parser.addoption("--small-disk", metavar="DIR", help="a disk to fill (tests/crash/test_full_disk.py)")
    parser.addoption(
        "--limits", action="store_true", help="hold figures against what is promised (tests/load)"
    )
    parser.addoption(
        "--update-golden", action="store_true", help="write tests/golden anew from what comes out"
    )


@pytest.fixture
def stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The stand-in detector in place of the real one: no model is loaded."""
    from stand_in import load_stand_in

    monkeypatch.setattr("pipelines.plan._load_detect", load_stand_in)
    recipes.forget_steps()
    yield
    recipes.forget_steps()


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An object store on loopback → the address of its bucket; this process and those it starts reach it."""
    from object_store import start_store

    before = dict(os.environ)
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))
    with start_store(os.environ) as bucket:
        yield bucket
    os.environ.clear()
    os.environ.update(before)
