from collections.abc import Iterator
from pathlib import Path

import pytest
from flink_cluster import FlinkCluster, start_cluster


@pytest.fixture(scope="session")
def flink(request: pytest.FixtureRequest) -> Path:
    home = request.config.getoption("--flink")
    if home is None:
        pytest.skip("needs Flink: make flink-test")
    return Path(home).absolute()


@pytest.fixture(scope="session")
def cluster(flink: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlinkCluster]:
    checkpoints = {"state.checkpoints.dir": tmp_path_factory.mktemp("checkpoints").as_uri()}
    with start_cluster(flink, tmp_path_factory.mktemp("cluster"), managers=2, **checkpoints) as cluster:
        yield cluster
