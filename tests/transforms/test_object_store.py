"""What an object store can do, what it refuses, and in words that give nothing away."""

import logging
import os
import uuid

import pytest
from object_store import BUCKET

from transforms import object_reading, object_store
from transforms.archives import plan_parts
from transforms.data_folder import UnwritableData, os_errors_as_unwritable
from transforms.object_address import Address
from transforms.object_reading import StoreFailure, find_failure, open_object
from transforms.object_store import Changed, StoreRefusal, put_if
from transforms.read_limits import ReadLimits
from transforms.readers import read_whatever_comes
from transforms.records import InputSlice
from transforms.storage import list_files, open_file, place_exists, remove_folder, size_of, write_durably


@pytest.fixture
def folder(store: str) -> Address:
    return Address(BUCKET, f"store-{uuid.uuid4().hex}")


@pytest.mark.parametrize("text", ["s3://b", "s3://b/", "s3://b/a", "s3://b/a/c d#?é/"])
def test_an_address_is_a_path(text: str) -> None:
    address = Address.read(text)
    assert str(address) == text.rstrip("/") and Address.read(str(address / "x")) == address / "x"
    assert (address / "x/y").relative_to(address) == "x/y" and (address / "x").parent == address
    assert (address / "x").name == "x" and (address / "x").key == f"{address.prefix}x"


def test_files(folder: Address) -> None:
    for name in (
        "t/m=1/a.parquet",
        "t/m=1/b.txt",
        "t/m=2/deep/c.parquet",
        "t/m=2/d.parquet",
        "t2/m=1/e.parquet",
    ):
        write_durably(folder / name, name.encode())
    assert list_files(folder / "t", "m=*/*.parquet") == ["m=1/a.parquet", "m=2/d.parquet"]
    assert size_of(folder / "t/m=1/b.txt") == 11 and not place_exists(folder / "t/m=1")
    remove_folder(folder / "t")
    remove_folder(folder / "t")
    assert list_files(folder, "*/*/*") == ["t2/m=1/e.parquet"]


def test_a_conditional_write(folder: Address) -> None:
    place = folder / "lock"
    first = put_if(place, b"one", None)
    for content, etag in ((b"two", None), (b"two", '"0"')):
        with pytest.raises(Changed):
            put_if(place, content, etag)
    second = put_if(place, b"two", first)
    # As if the answer to it had been lost, and the same was tried once more.
    assert put_if(place, b"two", first) == second
    with pytest.raises(Changed):
        put_if(folder / "none", b"two", first)


def test_an_object_is_read_from_any_place(folder: Address) -> None:
    content = os.urandom(300_000)
    write_durably(folder / "x", content)
    with open_file(str(folder / "x")) as file:
        assert file.read(10) == content[:10]
        assert file.seek(-5, 2) == 299_995 and file.read() == content[-5:]
        file.seek(100_000)
        assert file.read(150_000) == content[100_000:250_000] and file.tell() == 250_000


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "can't be reached"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_EC2_METADATA_DISABLED": "true"}, "no credentials"),
    ],
)
def test_a_store_out_of_reach(
    folder: Address,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
    change: dict[str, str],
    words: str,
) -> None:
    forget()
    request.addfinalizer(forget)
    for name, value in change.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with pytest.raises(UnwritableData) as refused, os_errors_as_unwritable(folder):
        write_durably(folder / "x", b"")
    said = str(refused.value)
    assert words in said and str(folder) in said
    assert "127.0.0.1" not in said and os.environ["AWS_SECRET_ACCESS_KEY"] not in said


def forget() -> None:
    for known in (object_store._session, object_store._client, object_reading._arrow_files):
        known.cache_clear()


def test_a_bucket_that_is_not_there(store: str) -> None:
    with pytest.raises(StoreRefusal, match="there is no bucket 'nobodys'; make it first"):
        write_durably(Address("nobodys", "x"), b"")


class Failing:
    """A store that gives the first bytes and then no more."""

    def __init__(self, content: bytes, after: int) -> None:
        self.content, self.after, self.at = content, after, 0

    def open_input_file(self, _: str) -> "Failing":
        return self

    def readinto(self, buffer: memoryview) -> int:
        if self.at >= self.after:
            raise OSError("AWS Error NETWORK_CONNECTION during GetObject operation: http://127.0.0.1:1/x")
        some = self.content[self.at : min(self.at + len(buffer), self.after)]
        buffer[: len(some)] = some
        self.at += len(some)
        return len(some)

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (len(self.content) if whence == 2 else 0)
        return self.at

    def tell(self) -> int:
        return self.at

    def close(self) -> None:
        pass


@pytest.mark.parametrize("name", ["x.jsonl", "x.jsonl.gz", "x.warc", "x.txt"])
def test_a_store_that_fails_is_no_damage(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or what could be read a minute later would be known as rejected for ever."""
    content = b"WARC/1.0\r\nWARC-Type: response\r\nContent-Length: 9000\r\n\r\n" + b"x" * 9000
    failing = Failing(content, 200)
    monkeypatch.setattr(object_reading, "arrow_files", lambda: failing)
    part = InputSlice(order=0, path=f"s3://b/{name}", name=name)
    with pytest.raises(StoreFailure, match="run the same again to carry on") as failed:
        list(read_whatever_comes(part, ReadLimits()))
    assert "127.0.0.1" not in str(failed.value) and "NETWORK_CONNECTION" in str(failed.value)
    # Beam only quotes it.
    found = find_failure(RuntimeError(f"StoreFailure: {failed.value} [while running 'Read']"))
    assert str(found) == str(failed.value)


def test_an_object_that_is_gone_is_a_rejection(folder: Address) -> None:
    part = InputSlice(order=0, path=str(folder / "x.txt"), name="x.txt")
    [rejection] = read_whatever_comes(part, ReadLimits())
    assert (rejection.reason, rejection.detail) == ("unreadable", "there is no such object")


def test_no_log_line_has_secrets(folder: Address, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        write_durably(folder / "x", b"x")
        with open_object(folder / "x") as file:
            file.read()
    for secret in ("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        assert os.environ[secret].removeprefix("http://") not in caplog.text


def test_an_archive_is_cut_where_it_lies(folder: Address) -> None:
    write_durably(folder / "x.warc", b"WARC/1.0\r\n" + b"x" * 100)
    assert list(plan_parts(str(folder / "x.warc"), 50)) == [(0, 50), (50, 100), (100, None)]
