"""Ctrl-C and SIGTERM → KeyboardInterrupt, but never in the middle of a commit."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interruption:
    """Whether the run is to stop, and whether it may right now."""

    def __init__(self) -> None:
        self.requested = False
        self._postponed = False

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
        if self.requested and not self._postponed:
            self.requested = False
            raise KeyboardInterrupt

    def _receive(self, number: int, frame: FrameType | None) -> None:
        if self._postponed:
            self.requested = True
        else:
            raise KeyboardInterrupt
