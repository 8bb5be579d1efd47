"""Pages → the bytes of a web archive: plain, gzipped record by record, or gzipped as one piece."""

import gzip


def write_record(
    url: str,
    body: bytes,
    *,
    kind: str = "response",
    status: str = "200 OK",
    headers: str = "Content-Type: text/html; charset=utf-8",
    version: str = "1.0",
) -> bytes:
    """Page → its record; other kinds than responses have no HTTP headers."""
    block = f"HTTP/1.1 {status}\r\n{headers}\r\n\r\n".encode() + body if kind == "response" else body
    content_type = (
        "application/http; msgtype=response" if kind == "response" else headers.removeprefix("Content-Type: ")
    )
    number = sum(url.encode())
    head = (
        f"WARC/{version}\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {url}\r\n"
        "WARC-Date: 2024-07-11T00:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012d}>\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(block)}\r\n\r\n"
    )
    return head.encode() + block + b"\r\n\r\n"


def join_records(records: list[bytes], form: str) -> bytes:
    """Records and 'plain', 'by_record' or 'one_piece' → the file."""
    if form == "by_record":
        return b"".join(gzip.compress(record, mtime=0) for record in records)
    whole = b"".join(records)
    return gzip.compress(whole, mtime=0) if form == "one_piece" else whole
