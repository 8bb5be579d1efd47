"""Fetching within limits, against a site on loopback."""

import asyncio
import gzip
import time
import zlib
from collections.abc import Iterator
from contextlib import suppress

import brotli
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st
from web_site import Answer, Site, open_site

from transforms.addresses import refuse_address
from transforms.decompression import Damaged, TooLarge, decompress
from transforms.fetching import Fetched, FetchFailure, FetchLimits, Resolve, fetch, open_client, resolve_host


@pytest.fixture
def site() -> Iterator[Site]:
    with open_site() as site:
        yield site


def get(
    url: str, resolve: Resolve = resolve_host, headers: dict[str, str] | None = None, **limits: object
) -> Fetched | FetchFailure:
    given = {"user_agent": "test/1", "allow_hosts": ("127.0.0.1",), "seconds": 3.0, **limits}

    async def once() -> Fetched | FetchFailure:
        async with open_client(FetchLimits(**given), 4, resolve) as client:  # type: ignore[arg-type]
            return await fetch(client, url, headers)

    return asyncio.run(once())


def reason(answer: Fetched | FetchFailure) -> str:
    assert isinstance(answer, FetchFailure), answer
    return answer.reason


PACKED = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstandard.ZstdCompressor().compress,
}


@pytest.mark.parametrize("encoding", [*PACKED, "identity"])
def test_body_is_unpacked(site: Site, encoding: str) -> None:
    body = PACKED.get(encoding, bytes)(b"hello " * 1000)
    site.answers["/x"] = Answer(body, headers={"Content-Encoding": encoding})
    answer = get(f"{site.url}/x")
    assert isinstance(answer, Fetched)
    assert (answer.status, answer.body) == (200, b"hello " * 1000)
    assert site.asked[0][1]["user-agent"] == "test/1"


@pytest.mark.parametrize("encoding", PACKED)
def test_no_more_is_unpacked_than_allowed(encoding: str) -> None:
    bomb = PACKED[encoding](b"\0" * 10_000_000)
    assert len(bomb) < 20_000
    with pytest.raises(TooLarge):
        decompress(bomb, encoding, 1_000_000)
    with pytest.raises(Damaged):
        decompress(PACKED[encoding](bytes(range(256)) * 50)[:-20], encoding, 1_000_000)


@given(st.binary(max_size=300), st.sampled_from([*PACKED, "gzip, br", "x", "gzip,gzip,gzip"]))
def test_whatever_comes_is_unpacked_or_refused(body: bytes, encoding: str) -> None:
    with suppress(Damaged, TooLarge):
        assert len(decompress(body, encoding, 1_000)) <= 1_000


def test_bodies_are_bounded(site: Site) -> None:
    site.answers["/large"] = Answer(b"x" * 50_000)
    site.answers["/bomb"] = Answer(gzip.compress(b"x" * 500_000), headers={"Content-Encoding": "gzip"})
    assert reason(get(f"{site.url}/large", compressed_bytes=10_000)) == "too_large"
    assert reason(get(f"{site.url}/bomb", decompressed_bytes=10_000)) == "too_large"


def test_redirects(site: Site) -> None:
    def move(status: int, to: str) -> Answer:
        return Answer(status=status, headers={"Location": to})

    site.answers |= {
        "/a": move(301, "/b"),
        "/b": move(308, "/c"),
        "/c": Answer(b"here"),
        "/t": move(302, "/a"),
        "/p": move(301, "/u"),
        "/u": move(302, "/c"),
        "/round": move(301, "/round"),
        "/out": move(301, "http://10.0.0.1/x"),
        "/meta": move(302, "http://169.254.169.254/latest"),
        "/file": move(302, "file:///etc/passwd"),
        "/name": move(302, site.url.replace("127.0.0.1", "localhost") + "/c"),
    }
    moved = get(f"{site.url}/a")
    assert isinstance(moved, Fetched) and moved.body == b"here" and moved.moved_to == f"{site.url}/c"
    passing = get(f"{site.url}/t")
    assert isinstance(passing, Fetched) and passing.moved_to is None and passing.url == f"{site.url}/c"
    half = get(f"{site.url}/p")
    assert isinstance(half, Fetched) and half.moved_to == f"{site.url}/u"
    assert reason(get(f"{site.url}/round")) == "redirects"
    assert site.paths().count("/round") == 6
    for path in ("/out", "/meta", "/name"):
        assert reason(get(site.url + path)) == "blocked_address"
    assert reason(get(f"{site.url}/file")) == "bad_address"


def test_time_is_bounded(site: Site) -> None:
    site.answers["/drip"] = Answer(b"x" * 200, drip=0.05)
    started = time.monotonic()
    assert reason(get(f"{site.url}/drip", seconds=0.5)) == "timeout"
    assert time.monotonic() - started < 2


def test_a_cut_connection_is_no_answer(site: Site) -> None:
    site.answers["/cut"] = Answer(b"x" * 1000, cut_after=100)
    assert reason(get(f"{site.url}/cut")) == "connection"


def test_nothing_inside_is_fetched_unless_named(site: Site) -> None:
    site.answers["/x"] = Answer(b"secret")
    port = site.url.rpartition(":")[2]
    for host in ("127.0.0.1", "localhost", "2130706433", "0x7f.1", "[::ffff:127.0.0.1]", "0.0.0.0"):
        assert reason(get(f"http://{host}:{port}/x", allow_hosts=())) == "blocked_address"
    assert site.asked == []
    assert isinstance(get(f"http://localhost:{port}/x", allow_hosts=("localhost",)), Fetched)


def test_a_name_that_changes_its_address_leads_nowhere(site: Site) -> None:
    """The address that is looked at is the one that is connected to: no second look is taken."""
    site.answers["/x"] = Answer(b"here")
    looks: list[str] = []

    async def rebind(host: str, port: int) -> list[str]:
        looks.append(host)
        return ["127.0.0.1"]

    port = site.url.rpartition(":")[2]
    assert isinstance(get(f"http://mine.example:{port}/x", rebind, allow_hosts=("mine.example",)), Fetched)
    assert looks == ["mine.example"]
    assert site.asked[0][1]["host"] == f"mine.example:{port}"
    # Also where the list names an address inside: it holds for what the URL names.
    assert reason(get(f"http://news.example:{port}/x", rebind)) == "blocked_address"
    assert len(site.asked) == 1


@pytest.mark.parametrize(
    "url", ["ftp://x.example/", "file:///x", "http://", "x", "http://[::1", "http://a:b/"]
)
def test_only_web_addresses(url: str) -> None:
    assert reason(get(url)) == "bad_address"


def test_no_such_host() -> None:
    assert reason(get("http://nothing.invalid/")) == "no_such_host"


@pytest.mark.parametrize(
    "address",
    ["10.1.2.3", "172.16.0.1", "192.168.1.1", "127.8.8.8", "169.254.169.254", "100.100.100.200", "0.0.0.0",
     "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1",
     "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "nonsense"],
)  # fmt: skip
def test_addresses_inside(address: str) -> None:
    assert refuse_address("news.example", address, ())


def test_addresses_outside_and_named() -> None:
    for address in ("93.184.216.34", "2606:2800:220:1::1"):
        assert refuse_address("news.example", address, ()) is None
    assert refuse_address("10.1.2.3", "10.1.2.3", ("10.1.0.0/16",)) is None
    assert refuse_address("10.2.2.3", "10.2.2.3", ("10.1.0.0/16",))
    assert refuse_address("Feeds.Local", "10.1.2.3", ("feeds.local",)) is None
    assert refuse_address("::1", "::1", ("[::1]",)) is None
