"""A compressed body and its encoding → the bytes in it; rejects what is larger than allowed or damaged.

No more than the limit is ever held: a body of 1 MB can hold 1 GB.
"""

import zlib
from collections.abc import Callable
from io import BytesIO

import brotli
import zstandard

#: as `Accept-Encoding` says it
ACCEPTED = "gzip, br, zstd, deflate"
_MAX_LAYERS = 2
_GZIP = b"\x1f\x8b"


class TooLarge(Exception):
    """More comes out than is allowed."""


class Damaged(Exception):
    """It is not compressed the way it says, or ends too early."""


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """Body and its `Content-Encoding` → the bytes in it, at most `limit`.

    A body that says it is compressed and isn't is taken as it is where it looks like text; one that is a gzip
    file is unpacked whether it says so or not.

    Raises:
        TooLarge: more than `limit` bytes come out.
        Damaged: it can't be unpacked.
    """
    layers = [name.strip().lower() for name in encoding.split(",") if name.strip()]
    layers = [name for name in layers if name != "identity"]
    if len(layers) > _MAX_LAYERS:
        raise Damaged(f"{len(layers)} layers of compression")
    for layer in reversed(layers):
        unpack = _UNPACK.get(layer)
        if unpack is None:
            raise Damaged(f"unknown compression {layer[:20]!r}")
        if body.lstrip()[:1] in (b"<", b"{"):
            break
        body = _bounded(unpack, body, limit)
    if body.startswith(_GZIP):
        body = _bounded(_unpack_gzip, body, limit)
    if len(body) > limit:
        raise TooLarge
    return body


def _bounded(unpack: Callable[[bytes, int], bytes], body: bytes, limit: int) -> bytes:
    try:
        return unpack(body, limit)
    except (zlib.error, brotli.error, zstandard.ZstdError, EOFError) as error:
        raise Damaged(str(error)[:200]) from None


def _unpack_gzip(body: bytes, limit: int) -> bytes:
    return _inflate(zlib.decompressobj(wbits=31), body, limit)


def _unpack_deflate(body: bytes, limit: int) -> bytes:
    # Some servers leave out the zlib header that the standard asks for.
    try:
        return _inflate(zlib.decompressobj(), body, limit)
    except zlib.error:
        return _inflate(zlib.decompressobj(wbits=-15), body, limit)


def _inflate(stream: "zlib._Decompress", body: bytes, limit: int) -> bytes:
    made = stream.decompress(body, limit + 1)
    if len(made) > limit:
        raise TooLarge
    if not stream.eof:
        raise Damaged("the compressed body ends too early")
    return made


def _unpack_brotli(body: bytes, limit: int) -> bytes:
    stream = brotli.Decompressor()
    made = bytearray(stream.process(body, output_buffer_limit=limit + 1))
    while not stream.is_finished() and len(made) <= limit:
        more = stream.process(b"", output_buffer_limit=limit + 1)
        if not more:
            raise Damaged("the compressed body ends too early")
        made += more
    if len(made) > limit:
        raise TooLarge
    return bytes(made)


def _unpack_zstd(body: bytes, limit: int) -> bytes:
    # A window is memory too: eight megabytes are what the standard grants a web server.
    reader = zstandard.ZstdDecompressor(max_window_size=8 << 20).stream_reader(BytesIO(body))
    made = bytes(reader.read(limit + 1))
    if len(made) > limit:
        raise TooLarge
    if not made and body:
        raise Damaged("the compressed body ends too early")
    return made


_UNPACK: dict[str, Callable[[bytes, int], bytes]] = {
    "gzip": _unpack_gzip,
    "x-gzip": _unpack_gzip,
    "deflate": _unpack_deflate,
    "br": _unpack_brotli,
    "zstd": _unpack_zstd,
}
