"""What an object store costs, over a server of moto on loopback: to read an object, and to know articles.

    python tests/benchmarks/object_store_cost.py reads
    python tests/benchmarks/object_store_cost.py index 20000

`reads`: CPU of this process for each small object, by Beam's filesystems, by boto3 and by pyarrow, which is
what is used. `index`: what each machine needs to look up known articles, made from the tables.
"""

import os
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "stand_ins"), str(Path(__file__).parents[2])]

from made_rows import make_article_row  # noqa: E402
from object_store import BUCKET, make_client, start_store  # noqa: E402
from stand_in import WORDS  # noqa: E402

OBJECTS = 200
PAGE = 5_000


def measure_reads() -> None:
    from apache_beam.io.filesystem import CompressionTypes
    from apache_beam.io.filesystems import FileSystems
    from apache_beam.options.pipeline_options import PipelineOptions

    from transforms.storage import open_file

    client = make_client(os.environ)
    for number in range(OBJECTS):
        client.put_object(Bucket=BUCKET, Key=f"pages/{number}", Body=os.urandom(PAGE))
    FileSystems.set_options(PipelineOptions([]))

    def by_beam(number: int) -> bytes:
        address = f"s3://{BUCKET}/pages/{number}"
        with FileSystems.open(address, compression_type=CompressionTypes.UNCOMPRESSED) as file:
            return file.read()

    def by_boto3(number: int) -> bytes:
        return client.get_object(Bucket=BUCKET, Key=f"pages/{number}")["Body"].read()

    def by_pyarrow(number: int) -> bytes:
        with open_file(f"s3://{BUCKET}/pages/{number}") as file:
            return file.read()

    for name, read in (("Beam", by_beam), ("boto3", by_boto3), ("pyarrow", by_pyarrow)):
        print(f"{name:8} {_cpu_each(read):6.1f} ms of CPU an object of {PAGE:,} bytes")


def _cpu_each(read: Callable[[int], bytes]) -> float:
    read(0)
    begun = time.process_time()
    for number in range(OBJECTS):
        assert len(read(number)) == PAGE
    return (time.process_time() - begun) / OBJECTS * 1000


def measure_index(articles: int) -> None:

    from transforms.commit import commit_staged, recover
    from transforms.data_folder import write_lock
    from transforms.known import update_index
    from transforms.object_address import Address
    from transforms.staging import stage_batch

    chance = random.Random(3)
    data = Address(BUCKET, "data")
    with write_lock(data):
        recover(data)
        for batch, start in enumerate(range(0, articles, 1000), 1):
            rows = [
                make_article_row(
                    f"{number:016x}",
                    text=" ".join(chance.choices(WORDS.split(), k=400)),
                    key=f"{number:064x}",
                    content_sha256=f"{number:064x}",
                )
                for number in range(start, start + 1000)
            ]
            stage_batch(data, batch, {"articles": rows})
            commit_staged(data, batch)
    begun = time.monotonic()
    path = update_index(data)
    seconds, size = time.monotonic() - begun, path.stat().st_size
    print(
        f"{articles:,} articles of 400 words: {seconds:.1f} s, {size / 1e6:.1f} MB; "
        f"{seconds / articles * 1000:.2f} ms and {size / articles:,.0f} bytes an article"
    )
    begun = time.monotonic()
    update_index(data)
    print(f"once more, with nothing new: {time.monotonic() - begun:.2f} s")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as cache, start_store(os.environ):
        os.environ["XDG_CACHE_HOME"] = cache
        measure_reads() if sys.argv[1] == "reads" else measure_index(int(sys.argv[2]))
