"""Addresses of objects (`s3://bucket/…`) → their bytes read, written, listed and removed.

Takes credentials from the environment or the usual files of AWS, the endpoint from AWS_ENDPOINT_URL, and
keeps none of it. Rejects a missing extra (`MissingExtra`) and what a store refuses (`StoreRefusal`).
"""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from transforms.object_address import SCHEME, Address

_REGION: Final = "us-east-1"
#: by these words it is known again where only an error's text is left
UNREACHABLE: Final = "the object store can't be reached"
#: objects that are deleted with one request, at most
_DELETED_AT_ONCE: Final = 1000


class MissingExtra(Exception):
    """What talks to object stores is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "Object stores (s3://…) need the extra s3: pip install 'alliance-watch[s3]', or 'boto3>=1.36'."
        )


class StoreRefusal(OSError):
    """What an object store says no to, or that it can't be asked."""

    def __init__(self, address: str, why: str) -> None:
        super().__init__(errno.EIO, why, address)

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}."


class Changed(Exception):
    """An object is not as it was when it was read last: a conditional write was refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Object:
    """An object that was read."""

    content: bytes
    #: names this content of it
    etag: str
    #: seconds since it was written, both moments by the store's own clock
    age: float


def check_extra() -> None:
    """Nothing → nothing, where what reads object stores is installed.

    Raises:
        MissingExtra: it isn't.
    """
    try:
        import boto3  # noqa: F401
    except ImportError:
        raise MissingExtra from None


@cache
def _session() -> Any:
    check_extra()
    from boto3.session import Session

    return Session()


@cache
def _client() -> Any:
    """The one client of this process: threads may share it, and making it takes a tenth of a second."""
    from botocore.config import Config

    for name in ("boto3", "botocore", "s3transfer", "urllib3"):
        # What they say of a request holds the endpoint, the key's name and the signature.
        logging.getLogger(name).setLevel(logging.WARNING)
    config = Config(retries={"mode": "standard", "max_attempts": 5}, connect_timeout=10, read_timeout=60)
    return _session().client("s3", region_name=_session().region_name or _REGION, config=config)


@contextmanager
def refusals(address: str) -> Iterator[None]:
    """Address → errors of the store in words that say what to do, as OSErrors.

    Raises:
        FileNotFoundError: there is no such object.
        StoreRefusal: anything else.
    """
    check_extra()
    from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

    try:
        yield
    except NoCredentialsError:
        why = (
            "no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE with the usual files of AWS"
        )
        raise StoreRefusal(address, why) from None
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in ("NoSuchKey", "404"):
            raise FileNotFoundError(errno.ENOENT, "there is no such object", address) from None
        if code == "NoSuchBucket":
            bucket = address.removeprefix(SCHEME).partition("/")[0]
            raise StoreRefusal(address, f"there is no bucket {bucket!r}; make it first") from None
        why = str(error.response.get("Error", {}).get("Message", "")) or code
        raise StoreRefusal(address, f"the object store refuses it ({code}): {why}") from None
    except BotoCoreError as error:
        # Its words may hold the endpoint, which is nobody's business in a log.
        raise StoreRefusal(address, f"{UNREACHABLE} ({type(error).__name__})") from None


def read_object(place: Address) -> Object:
    """Address → the whole object.

    Raises:
        FileNotFoundError: there is none.
        StoreRefusal: it can't be read.
    """
    with refusals(str(place)):
        answer = _client().get_object(Bucket=place.bucket, Key=place.key)
        content: bytes = answer["Body"].read()
    written = answer["LastModified"]
    said = answer["ResponseMetadata"]["HTTPHeaders"].get("date")
    age = (parsedate_to_datetime(said) - written).total_seconds() if said else 0.0
    return Object(content=content, etag=answer["ETag"], age=age)


def put_object(place: Address, content: bytes) -> None:
    """Bytes → the object, whole or as it was before; it lasts once this returns."""
    with refusals(str(place)):
        _client().put_object(Bucket=place.bucket, Key=place.key, Body=content)


def put_if(place: Address, content: bytes, etag: str | None) -> str:
    """Bytes → the object, if it is still as named, or still absent (None); gives its new name.

    Raises:
        Changed: it isn't.
    """
    from botocore.exceptions import ClientError

    condition = {"IfNoneMatch": "*"} if etag is None else {"IfMatch": etag}
    with refusals(str(place)):
        try:
            answer = _client().put_object(Bucket=place.bucket, Key=place.key, Body=content, **condition)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status not in (404, 409, 412) or error.response["Error"]["Code"] == "NoSuchBucket":
                raise
        else:
            return str(answer["ETag"])
    # An attempt whose answer was lost may have been the one that got through.
    try:
        found = read_object(place)
    except FileNotFoundError:
        raise Changed from None
    if found.content != content:
        raise Changed
    return found.etag


def put_file(place: Address, path: Path) -> None:
    """File → the object, whole or as it was before, however large; piece by piece."""
    with refusals(str(place)):
        _client().upload_file(str(path), place.bucket, place.key)


def get_file(place: Address, path: Path) -> None:
    """Address → the object as a file, whole or not there.

    Raises:
        FileNotFoundError: there is no such object.
    """
    with refusals(str(place)):
        _client().download_file(place.bucket, place.key, str(path))


def list_objects(folder: Address, begins: str = "") -> Iterator[tuple[str, int]]:
    """Address of a folder → the objects below it, to the bottom: names from there, sizes in bytes.

    Args:
        folder: what to list.
        begins: only names that begin so.
    """
    prefix = folder.prefix
    with refusals(str(folder)):
        pages = (
            _client().get_paginator("list_objects_v2").paginate(Bucket=folder.bucket, Prefix=prefix + begins)
        )
        for page in pages:
            for one in page.get("Contents", ()):
                name = one["Key"].removeprefix(prefix)
                # Some programs put an empty object where a folder would be.
                if name and not name.endswith("/"):
                    yield name, one["Size"]


def has_objects(folder: Address) -> bool:
    """Address of a folder → whether there is an object below it."""
    prefix = folder.prefix
    with refusals(str(folder)):
        answer = _client().list_objects_v2(Bucket=folder.bucket, Prefix=prefix, MaxKeys=1)
    return bool(answer.get("Contents"))


def size_of_object(place: Address) -> int:
    """Address → bytes of the object.

    Raises:
        FileNotFoundError: there is none.
    """
    with refusals(str(place)):
        return int(_client().head_object(Bucket=place.bucket, Key=place.key)["ContentLength"])


def remove_objects(folder: Address, names: list[str]) -> None:
    """Folder and addresses relative to it → nothing there any more; what isn't there is no error."""
    prefix = folder.prefix
    for start in range(0, len(names), _DELETED_AT_ONCE):
        some = [{"Key": prefix + name} for name in names[start : start + _DELETED_AT_ONCE]]
        with refusals(str(folder)):
            answer = _client().delete_objects(Bucket=folder.bucket, Delete={"Objects": some, "Quiet": True})
        for failed in answer.get("Errors", ()):
            raise StoreRefusal(f"{SCHEME}{folder.bucket}/{failed['Key']}", str(failed.get("Message")))


def delta_options() -> dict[str, str]:
    """Nothing → what delta-rs needs to know of the store."""
    key, secret, token = credentials()
    given = {
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_session_token": token,
        "aws_region": find_region(),
        "aws_endpoint": find_endpoint(),
        "aws_allow_http": "true" if (find_endpoint() or "").startswith("http://") else None,
        # Two commits of the same version: the store lets one of them through.
        "aws_conditional_put": "etag",
        "connect_timeout": "10s",
        "timeout": "60s",
        "max_retries": "5",
        "retry_timeout": "60s",
    }
    return {name: value for name, value in given.items() if value}


def endpoint_name() -> str:
    """Nothing → a text that is another one for another store."""
    return find_endpoint() or "aws"


def find_region() -> str:
    """Nothing → the region that is asked."""
    return str(_client().meta.region_name)


def find_endpoint() -> str | None:
    """Nothing → where the store listens; None: Amazon's own."""
    endpoint: str = _client().meta.endpoint_url
    return None if endpoint.endswith(".amazonaws.com") else endpoint


def credentials() -> tuple[str | None, str | None, str | None]:
    """Nothing → the credentials of now: temporary ones are renewed by boto3.

    Raises:
        StoreRefusal: there are none.
    """
    found = _session().get_credentials()
    if found is None:
        raise StoreRefusal(
            SCHEME,
            "no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
            "AWS_PROFILE with the usual files of AWS",
        )
    frozen = found.get_frozen_credentials()
    return frozen.access_key, frozen.secret_key, frozen.token
