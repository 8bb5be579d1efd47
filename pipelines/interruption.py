"""Ctrl-C and SIGTERM → KeyboardInterrupt, but never in the middle of a commit."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether the run is to stop, and whether it may right now."""

    def __init__(self) -> None:
        #: stays true once a signal has come: Beam may have swallowed the KeyboardInterrupt or wrapped it
        self.requested = False
        self._postponed = False

    def check(self) -> None:
        """Raise KeyboardInterrupt if a signal has come."""
        if self.requested:
            raise KeyboardInterrupt

    @contextmanager
    def caught(self) -> Iterator["Interruption"]:
        """While it lasts, SIGINT and SIGTERM raise KeyboardInterrupt in the main thread."""
        signals = (signal.SIGINT, signal.SIGTERM)
        before = {number: signal.signal(number, self._receive) for number in signals}
        try:
            yield self
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextmanager
    def postponed(self) -> Iterator[None]:
        """While it lasts, an interruption waits; it is raised at the end."""
        outer, self._postponed = self._postponed, True
        try:
            yield
        finally:
            self._postponed = outer
        if not self._postponed:
            self.check()

    def _receive(self, number: int, frame: FrameType | None) -> None:
        self.requested = True
        if not self._postponed:
            self.check()
