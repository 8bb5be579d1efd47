"""The data folder: who may write to it, and what can be wrong with it.

Takes a path, gives a lock; rejects a folder that another process writes to (`DataFolderInUse`), one that
can't be written (`UnwritableData`) and one whose disk is full (`FullDisk`).
"""

import errno
import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from typing import Final

from transforms.object_address import Address
from transforms.storage import Place

#: says who writes, and what the kernel locks
LOCK: Final = ".lock"


class DataFolderInUse(Exception):
    """Another process is writing to the data folder."""

    def __init__(self, data: Place, holder: str) -> None:
        self.holder = holder
        super().__init__(
            f"The data folder {data} is being written by {holder or 'another process'}. "
            "Wait until it is done, or stop it; reading is possible meanwhile."
        )


class UnwritableData(Exception):
    """The data folder can't be written."""

    def __init__(self, path: Place | str, reason: str) -> None:
        super().__init__(f"Cannot write to {path}: {reason}.")


class FullDisk(UnwritableData):
    """There is no space left for the data folder."""

    def __init__(self, path: Place | str) -> None:
        Exception.__init__(
            self,
            f"No space left on the disk for {path}. Free some, then start the same again: it carries on "
            "where it stopped; what is committed stays, and nothing is there twice.",
        )


class MissingData(Exception):
    """There is no data folder to read from."""

    def __init__(self, data: Place) -> None:
        super().__init__(
            f"There is no data folder {data}. A run makes it: alliance-watch run INPUT --data DIR"
        )


class NewerSchema(Exception):
    """A table was written by a newer program than this."""

    def __init__(self, table: str, found: int, supported: int) -> None:
        super().__init__(
            f"The table {table} has schema version {found}; this program knows versions up to {supported}. "
            "Update alliance-watch."
        )


@contextmanager
def write_lock(data: Place) -> Iterator[None]:
    """Data folder → the right to write to it, for as long as the context lasts.

    On a file system the kernel holds the lock, so it's gone with the process, however that ends. The folder
    is made if there is none. The file says who holds the lock. In an object store it is a lease (`lease`).

    Raises:
        DataFolderInUse: another process holds it.
        UnwritableData: the folder or the lock file can't be made.
    """
    if isinstance(data, Address):
        with _hold_remotely(data):
            yield
        return
    path = data / LOCK
    with os_errors_as_unwritable(path):
        data.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DataFolderInUse(data, os.pread(handle, 500, 0).decode(errors="replace").strip()) from None
        except OSError as error:
            raise UnwritableData(path, error.strerror or str(error)) from error
        started = datetime.now(UTC).isoformat(timespec="seconds")
        holder = f"process {os.getpid()} on {socket.gethostname()} since {started}\n"
        with os_errors_as_unwritable(path):
            os.ftruncate(handle, 0)
            os.pwrite(handle, holder.encode(), 0)
        yield
    finally:
        os.close(handle)


@contextmanager
def _hold_remotely(data: Address) -> Iterator[None]:
    # Imported here, since few need it.
    from transforms.cache_folder import cache_folder, name_machine
    from transforms.lease import hold_lease

    folder = cache_folder(data)
    with ExitStack() as stack:
        try:
            stack.enter_context(write_lock(folder))
        except DataFolderInUse as error:
            raise DataFolderInUse(data, error.holder) from None
        stack.enter_context(hold_lease(data, name_machine(folder)))
        yield


@contextmanager
def os_errors_as_unwritable(path: Place) -> Iterator[None]:
    """Path → the operating system's refusal to write there, said as `UnwritableData` or `FullDisk`."""
    try:
        yield
    except OSError as error:
        where = os.fsdecode(error.filename) if error.filename else path
        if lacks_space(error):
            raise FullDisk(where) from error
        raise UnwritableData(where, error.strerror or str(error)) from error


def lacks_space(error: BaseException) -> bool:
    """Error → whether it means that the disk or a quota is full: libraries say it in words only."""
    said = str(error)
    return getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT) or any(
        words in said for words in ("No space left", "disk is full", "quota exceeded")
    )
