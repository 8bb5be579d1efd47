"""Addresses of objects → what is in them, from any place on; a store that fails is told from what is damaged.

By pyarrow: Beam's filesystems make a client for each object. Rejects what is not there or not to be read
(OSErrors), and what can't be read now (`StoreFailure`), which says nothing about the object.
"""

import errno
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, BinaryIO, Final

import pyarrow.fs

from transforms.object_address import SCHEME, Address
from transforms.object_store import UNREACHABLE, StoreRefusal, credentials, find_endpoint, find_region

#: bytes that are asked for at once where a file is read from front to back
_READ_AHEAD: Final = 4 << 20
#: words of pyarrow for what is wrong with an object, and not with the store or the way there
_ITS_OWN: Final = ("ACCESS_DENIED", "InvalidObjectState", "INVALID_OBJECT_STATE")


class StoreFailure(Exception):
    """An object can't be read or written now, which says nothing about what is in it."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(
            f"{address}: {UNREACHABLE} ({why}). What is committed stays; run the same again to carry on."
        )


def open_object(place: Address) -> BinaryIO:
    """Address → the object, open for reading from any place in it; a piece at a time is fetched.

    Raises:
        OSError: there is none, or it is not to be read.
        StoreFailure: the store can't be asked, now or while it is read.
    """
    with _failures(place):
        raw = arrow_files().open_input_file(arrow_path(place))
    return io.BufferedReader(_ObjectReader(place, raw), _READ_AHEAD)


class _ObjectReader(io.RawIOBase):
    """An open object, whose store may fail at any time: that must not look like damage of what is in it."""

    def __init__(self, place: Address, raw: Any) -> None:
        self._place = place
        self._raw = raw

    def readinto(self, buffer: Any) -> int:
        with _failures(self._place):
            read: int = self._raw.readinto(buffer)
            return read

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return int(self._raw.seek(offset, whence))

    def tell(self) -> int:
        return int(self._raw.tell())

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        self._raw.close()
        super().close()


@contextmanager
def _failures(place: Address) -> Iterator[None]:
    """Address → pyarrow's errors, told apart: the object's own fault, or that of the way there."""
    try:
        yield
    except FileNotFoundError:
        raise FileNotFoundError(errno.ENOENT, "there is no such object", str(place)) from None
    except OSError as error:
        # Its words may hold the endpoint.
        found = re.search(r"AWS Error ([A-Z_]+)", str(error))
        why = found[1] if found else type(error).__name__
        if any(word in str(error) for word in _ITS_OWN):
            raise StoreRefusal(str(place), f"the object store refuses it ({why})") from None
        raise StoreFailure(str(place), why) from None


def find_failure(error: BaseException) -> StoreFailure | None:
    """Error, perhaps one of Beam's that only quotes it → the store's failure that caused it."""
    found = re.search(rf"(s3://\S+): {UNREACHABLE} \((\w+)\)", str(error))
    return StoreFailure(found[1], found[2]) if found else None


def is_gone(error: Exception) -> bool:
    """Error of DuckDB, which quotes pyarrow's → whether an object that it was to read is no longer there."""
    return any(words in str(error) for words in ("AWS Error RESOURCE_NOT_FOUND", "AWS Error NO_SUCH_KEY"))


def arrow_files() -> Any:
    """Nothing → pyarrow's view of the store, with what boto3 knows of credentials and the endpoint."""
    key, secret, token = credentials()
    return _arrow_files(key, secret, token)


@cache
def _arrow_files(key: str | None, secret: str | None, token: str | None) -> Any:
    return pyarrow.fs.S3FileSystem(
        access_key=key,
        secret_key=secret,
        session_token=token,
        region=find_region(),
        endpoint_override=find_endpoint(),
        connect_timeout=10,
        request_timeout=60,
        retry_strategy=pyarrow.fs.AwsStandardS3RetryStrategy(max_attempts=5),
    )


def arrow_path(place: Address) -> str:
    """Address → how pyarrow names it."""
    return str(place).removeprefix(SCHEME)
