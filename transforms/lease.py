"""A data folder in an object store → the right to write to it, for as long as it is renewed; decides batches.

Takes the folder, gives a lease: an object that says who writes and which batch was decided last, changed only
by conditional writes. Rejects a second writer (`DataFolderInUse`) and one that lost its lease (`LeaseLost`).

Who lost the lease, say because its machine slept, can decide nothing any more: the object is no longer as it
left it. What it had decided before is rolled forward by the next writer, and Delta refuses a batch twice.
"""

import json
import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from transforms.data_folder import DataFolderInUse, UnwritableData, os_errors_as_unwritable
from transforms.object_address import Address
from transforms.object_store import Changed, put_if, read_object
from transforms.storage import Place

_log = logging.getLogger(__name__)

#: none that a folder has which was copied here: that says who wrote to the folder
LEASE: Final = ".lease"
#: seconds after which another may take over a lease that wasn't renewed, by the store's clock
LEASE_SECONDS: Final = 60.0
#: seconds between renewals
_RENEW_SECONDS: Final = 15.0
#: seconds without a renewal after which its holder takes it for lost, by its own clock: before others may
_LOST_SECONDS: Final = 45.0

Clock = Callable[[], float]


def _count_seconds() -> float:
    """Nothing → seconds that also pass while the machine sleeps, where it can tell."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class LeaseLost(UnwritableData):
    """This process could not renew its lease in time, or another one has taken it over."""

    def __init__(self, data: Address) -> None:
        Exception.__init__(
            self,
            f"The right to write to {data} was lost: it was not renewed for {_LOST_SECONDS:.0f} s, or "
            "another process has taken it over. Nothing was committed since; run the same again to carry on.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class LockState:
    """What the object says."""

    #: who writes; empty: nobody
    holder: str = ""
    #: names the holder's machine
    machine: str = ""
    #: another one for each lease
    token: str = ""
    #: the batch that was decided last, and its manifest, relative to the data folder
    batch: int = 0
    manifest: str = ""


@dataclass(slots=True, kw_only=True)
class _Lease:
    data: Address
    state: LockState
    etag: str
    #: when it was renewed last, by the holder's clock
    renewed: float
    clock: Clock
    taken: bool = False
    mutex: threading.Lock = field(default_factory=threading.Lock)

    def write(self, state: LockState) -> None:
        """State → the same in the object, which renews the lease."""
        with self.mutex:
            begun = self.clock()
            if self.taken:
                raise LeaseLost(self.data)
            try:
                self.etag = put_if(self.data / LEASE, as_bytes(state), self.etag)
            except Changed:
                self.taken = True
                raise LeaseLost(self.data) from None
            self.state, self.renewed = state, begun

    def is_lost(self) -> bool:
        """Whether another has it, or may have it."""
        return self.taken or self.clock() - self.renewed > _LOST_SECONDS


#: Process-wide, since Beam packs the functions of a graph and what they hold.
_held: dict[str, _Lease] = {}


@contextmanager
def hold_lease(data: Address, machine: str, clock: Clock = _count_seconds) -> Iterator[None]:
    """Data folder → the right to write to it, renewed by a thread for as long as the context lasts.

    Args:
        data: the data folder.
        machine: names this machine; hold its own lock of the data folder, so that a holder of the same
            machine is known to be gone.
        clock: seconds that only grow.

    Raises:
        DataFolderInUse: another process holds it, or did less than `LEASE_SECONDS` ago.
        UnwritableData: the object can't be written.
    """
    with os_errors_as_unwritable(data):
        lease = _take(data, machine, clock)
    _held[str(data)] = lease
    done = threading.Event()
    thread = threading.Thread(target=_renew, args=(lease, done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join(_LOST_SECONDS)
        del _held[str(data)]
        # If it can't be given back, it expires.
        with suppress(OSError, LeaseLost):
            lease.write(replace(lease.state, holder="", machine="", token=""))


def _take(data: Address, machine: str, clock: Clock) -> _Lease:
    begun = clock()
    state, etag, age = _read(data)
    if state.holder and state.machine != machine and age < LEASE_SECONDS:
        heard = f"heard of {max(0, age):.0f} s ago (another may write after {LEASE_SECONDS:.0f} s)"
        raise DataFolderInUse(data, f"{state.holder}, {heard}")
    started = datetime.now(UTC).isoformat(timespec="seconds")
    holder = f"process {os.getpid()} on {socket.gethostname()} since {started}"
    state = replace(state, holder=holder, machine=machine, token=uuid.uuid4().hex)
    try:
        etag = put_if(data / LEASE, as_bytes(state), etag)
    except Changed:
        # Another was quicker.
        raise DataFolderInUse(data, _read(data)[0].holder) from None
    return _Lease(data=data, state=state, etag=etag, renewed=begun, clock=clock)


def _renew(lease: _Lease, done: threading.Event) -> None:
    while not done.wait(_RENEW_SECONDS):
        try:
            lease.write(lease.state)
        except LeaseLost:
            _log.warning("another process has taken over the right to write to %s", lease.data)
            return
        except OSError as error:
            _log.warning("the right to write to %s could not be renewed: %s", lease.data, error.strerror)


def confirm_lease(data: Place, *, ask: bool = False) -> None:
    """Data folder, whose lock this process took → nothing, if it still has it: the kernel takes none back.

    Args:
        data: the data folder.
        ask: the store, not only this machine's clock: before what can't be taken back.

    Raises:
        LeaseLost: it hasn't.
    """
    if isinstance(data, Path):
        return
    lease = _held.get(str(data))
    if lease is None or lease.is_lost():
        raise LeaseLost(data)
    if ask:
        lease.write(lease.state)


def decide_batch(data: Address, batch: int, manifest: str) -> None:
    """Batch and its manifest, relative to the data folder → the point of decision, by one conditional write.

    Raises:
        LeaseLost: another process may have written meanwhile; nothing was decided.
    """
    lease = _held.get(str(data))
    if lease is None:
        raise LeaseLost(data)
    lease.write(replace(lease.state, batch=batch, manifest=manifest))


def read_decision(data: Address) -> LockState:
    """Data folder → what the lock says; nobody and nothing where there is none."""
    return _read(data)[0]


def _read(data: Address) -> tuple[LockState, str | None, float]:
    """Data folder → state of its lock, its ETag (None: there is none), seconds since then."""
    try:
        found = read_object(data / LEASE)
    except FileNotFoundError:
        return LockState(), None, 0.0
    return LockState(**json.loads(found.content)), found.etag, found.age


def as_bytes(state: LockState) -> bytes:
    """State → what the object holds."""
    return json.dumps(asdict(state), indent=1).encode()
