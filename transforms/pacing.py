"""Requests to one host after another → none too many at a time and none too soon after the last."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from transforms.addresses import is_named

_MANY_HOSTS = 10_000


@dataclass(slots=True)
class _Host:
    turns: asyncio.Semaphore
    #: when the next request may start, by the clock of the event loop
    next_start: float = 0.0
    users: int = 0


@dataclass(slots=True)
class HostPace:
    """How each host is treated; one for an event loop."""

    #: requests to one host at a time
    connections: int
    #: seconds between the starts of two requests to one host
    pause: float
    #: hosts of one's own, which are not spared
    unpaced: Iterable[str] = ()
    #: requests at a time, whatever the host
    total: int = 64
    _hosts: dict[str, _Host] = field(default_factory=dict)
    _all: asyncio.Semaphore | None = None

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Host → the right to one request, for as long as the context lasts."""
        if self._all is None:
            self._all = asyncio.Semaphore(self.total)
        if is_named(host, self.unpaced):
            async with self._all:
                yield
            return
        place = self._find(host)
        place.users += 1
        try:
            async with place.turns:
                loop = asyncio.get_running_loop()
                wait = place.next_start - loop.time()
                place.next_start = max(place.next_start, loop.time()) + self.pause
                if wait > 0:
                    await asyncio.sleep(wait)
                async with self._all:
                    yield
        finally:
            place.users -= 1

    def _find(self, host: str) -> _Host:
        if host not in self._hosts:
            if len(self._hosts) >= _MANY_HOSTS:
                now = asyncio.get_running_loop().time()
                self._hosts = {
                    name: one for name, one in self._hosts.items() if one.users or one.next_start > now
                }
            self._hosts[host] = _Host(asyncio.Semaphore(self.connections))
        return self._hosts[host]
