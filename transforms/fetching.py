"""An address → its answer, fetched within limits; rejects addresses inside a network and too large answers.

Takes an http or https URL, gives status, headers and unpacked body, or a `FetchFailure`. Redirects are
followed by hand, each target checked anew; the address is checked where the connection is made, so that a
name that changes its address in between leads nowhere.
"""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import httpcore2

from transforms.addresses import refuse_address
from transforms.decompression import ACCEPTED, Damaged, TooLarge, decompress

#: Host and port → the addresses of the host, best first.
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

FailureReason = Literal[
    "bad_address",
    "blocked_address",
    "no_such_host",
    "connection",
    "timeout",
    "too_large",
    "redirects",
    "damaged",
]
_MOVED = (301, 302, 303, 307, 308)
_MOVED_FOR_GOOD = (301, 308)
_MAX_URL = 4_000


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLimits:
    """What one request may cost."""

    user_agent: str
    #: hosts that may be inside a network: names, addresses, networks
    allow_hosts: tuple[str, ...] = ()
    #: of a body as it travels, and of what is in it
    compressed_bytes: int = 5_000_000
    decompressed_bytes: int = 20_000_000
    redirects: int = 5
    #: for all of it: name, connection, redirects, body
    seconds: float = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer, whatever its status."""

    #: where it came from in the end
    url: str
    status: int
    #: names in lower case; the last of several of the same name
    headers: Mapping[str, str]
    body: bytes
    #: where the address has moved for good, if it has
    moved_to: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchFailure:
    """Why there is no answer."""

    reason: FailureReason
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """Open connections and the limits they are used within."""

    pool: httpcore2.AsyncConnectionPool
    limits: FetchLimits


class BlockedAddress(Exception):
    """The address must not be connected to."""


async def resolve_host(host: str, port: int) -> Sequence[str]:
    """Host and port → its addresses, as the system finds them."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@asynccontextmanager
async def open_client(
    limits: FetchLimits, connections: int, resolve: Resolve = resolve_host, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Client]:
    """Limits → a client, for as long as the context lasts: HTTP/2 where the server speaks it."""
    async with httpcore2.AsyncConnectionPool(
        ssl_context=tls or httpcore2.default_ssl_context(),
        max_connections=connections,
        max_keepalive_connections=min(connections, 20),
        keepalive_expiry=10.0,
        http2=True,
        network_backend=_GuardedConnections(limits.allow_hosts, resolve),
    ) as pool:
        yield Client(pool=pool, limits=limits)


async def fetch(client: Client, url: str, headers: Mapping[str, str] | None = None) -> Fetched | FetchFailure:
    """URL and headers of one's own (`If-None-Match`, …) → the answer at the end of its redirects.

    Rejects: a URL that is none, an address inside a network, more bytes, redirects or seconds than allowed.
    """
    return await _within_limits(client, lambda: _follow(client, url, headers or {}))


async def post(client: Client, url: str, body: bytes, headers: Mapping[str, str]) -> Fetched | FetchFailure:
    """URL, body and headers → the answer; it is never sent on to where the answer points.

    Rejects: what `fetch` rejects.
    """
    target = _checked(url)
    if target is None:
        return FetchFailure(reason="bad_address", detail=f"no http or https address: {url[:200]!r}")

    async def ask() -> Fetched | FetchFailure:
        answer = await _ask(client, target, headers, body)
        if isinstance(answer, FetchFailure):
            return answer
        return Fetched(url=target, status=answer[0], headers=answer[1], body=answer[2])

    return await _within_limits(client, ask)


async def _within_limits(
    client: Client, ask: Callable[[], Awaitable[Fetched | FetchFailure]]
) -> Fetched | FetchFailure:
    try:
        async with asyncio.timeout(client.limits.seconds):
            return await ask()
    except (TimeoutError, httpcore2.TimeoutException):
        return FetchFailure(
            reason="timeout", detail=f"no whole answer within {client.limits.seconds:g} seconds"
        )
    except BlockedAddress as error:
        return FetchFailure(reason="blocked_address", detail=str(error))
    except TooLarge:
        detail = f"more than {client.limits.decompressed_bytes:,} bytes unpacked"
        return FetchFailure(reason="too_large", detail=detail)
    except Damaged as error:
        return FetchFailure(reason="damaged", detail=str(error))
    except socket.gaierror as error:
        return FetchFailure(reason="no_such_host", detail=error.strerror or str(error))
    except (OSError, httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol) as error:
        return FetchFailure(reason="connection", detail=f"{type(error).__name__}: {error}"[:300])


async def _follow(client: Client, url: str, headers: Mapping[str, str]) -> Fetched | FetchFailure:
    for_good, moved_to = True, None
    for _ in range(client.limits.redirects + 1):
        target = _checked(url)
        if target is None:
            return FetchFailure(reason="bad_address", detail=f"no http or https address: {url[:200]!r}")
        answer = await _ask(client, target, headers)
        if isinstance(answer, FetchFailure):
            return answer
        status, found, body = answer
        location = found.get("location")
        if status not in _MOVED or not location:
            return Fetched(url=target, status=status, headers=found, body=body, moved_to=moved_to)
        try:
            url = urljoin(target, location)
        except ValueError:
            return FetchFailure(reason="bad_address", detail=f"redirected to {location[:200]!r}")
        for_good = for_good and status in _MOVED_FOR_GOOD
        moved_to = url if for_good else moved_to
    return FetchFailure(reason="redirects", detail=f"more than {client.limits.redirects} redirects")


async def _ask(
    client: Client, url: str, headers: Mapping[str, str], content: bytes | None = None
) -> tuple[int, dict[str, str], bytes] | FetchFailure:
    limits = client.limits
    if content is not None:
        headers = {"Content-Length": str(len(content)), **headers}
    sent = {
        "Host": urlsplit(url).netloc.rpartition("@")[2],
        "User-Agent": limits.user_agent,
        "Accept-Encoding": ACCEPTED,
        **headers,
    }
    step = limits.seconds
    timeouts = {"timeout": {"connect": step, "read": step, "write": step, "pool": step}}
    method = "GET" if content is None else "POST"
    async with client.pool.stream(
        method, url, headers=list(sent.items()), content=content, extensions=timeouts
    ) as response:
        found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
        if response.status in _MOVED and "location" in found:
            return response.status, found, b""
        body = bytearray()
        async for chunk in response.aiter_stream():
            body += chunk
            if len(body) > limits.compressed_bytes:
                detail = f"more than {limits.compressed_bytes:,} bytes"
                return FetchFailure(reason="too_large", detail=detail)
    encoding = found.get("content-encoding", "")
    unpacked = decompress(bytes(body), encoding, limits.decompressed_bytes) if body else b""
    return response.status, found, unpacked


def _checked(url: str) -> str | None:
    """URL → the same as it is sent, without user and fragment; None where it can't be requested."""
    if len(url) > _MAX_URL:
        return None
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname, parts.port
        if parts.scheme.lower() not in ("http", "https") or not host:
            return None
        host = host if host.isascii() else host.encode("idna").decode("ascii")
    except (ValueError, UnicodeError):
        return None
    netloc = f"[{host}]" if ":" in host else host
    netloc = f"{netloc}:{port}" if port else netloc
    path = "".join(_quoted(character) for character in parts.path or "/")
    query = "".join(_quoted(character) for character in parts.query)
    return f"{parts.scheme.lower()}://{netloc}{path}{'?' if query else ''}{query}"


def _quoted(character: str) -> str:
    if "!" <= character <= "~":
        return character
    return "".join(f"%{byte:02X}" for byte in character.encode("utf-8", "replace"))


class _GuardedConnections(httpcore2.AsyncNetworkBackend):
    """Connects to the very address that was looked at; the name stays in `Host` and in the TLS handshake."""

    def __init__(self, allow_hosts: tuple[str, ...], resolve: Resolve) -> None:
        self._allow_hosts = allow_hosts
        self._resolve = resolve
        self._connections = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        refusals = [refuse_address(host, address, self._allow_hosts) for address in addresses]
        if refusal := next((words for words in refusals if words), None):
            raise BlockedAddress(refusal)
        failure: Exception = httpcore2.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                return await self._connections.connect_tcp(
                    address, port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, OSError) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
