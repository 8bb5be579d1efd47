"""`s3://bucket/a/b` → an address that is put together and taken apart as paths are; no store is asked."""

from dataclasses import dataclass
from typing import Final

SCHEME: Final = "s3://"


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """Where an object lies, or a folder of them: nothing but text, so that workers may be told of it."""

    bucket: str
    key: str = ""

    @classmethod
    def read(cls, text: str) -> "Address":
        """Text → the address it is.

        Raises:
            ValueError: it names no bucket.
        """
        bucket, _, key = text.removeprefix(SCHEME).partition("/")
        if not is_address(text) or not bucket:
            raise ValueError(f"{text} names no bucket: {SCHEME}BUCKET/FOLDER")
        return cls(bucket, key.rstrip("/"))

    def __str__(self) -> str:
        return f"{SCHEME}{self.bucket}/{self.key}".rstrip("/")

    def __truediv__(self, name: str) -> "Address":
        return Address(self.bucket, f"{self.key}/{name}" if self.key else name)

    @property
    def prefix(self) -> str:
        """How the keys of all that lies below begin."""
        return f"{self.key}/" if self.key else ""

    @property
    def name(self) -> str:
        """The last part of it."""
        return (self.key or self.bucket).rpartition("/")[2]

    @property
    def parent(self) -> "Address":
        """The folder that it lies in."""
        return Address(self.bucket, self.key.rpartition("/")[0])

    def relative_to(self, folder: "Address") -> str:
        """Folder above → the way from there."""
        return self.key.removeprefix(folder.prefix)


def is_address(path: str) -> bool:
    """Path → whether it is an address in an object store."""
    return path.startswith(SCHEME)
