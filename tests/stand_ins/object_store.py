"""A server of moto on loopback, in a process of its own → an object store for a test, with one bucket.

Called as `python object_store.py PORT` it is that server. What is in it is gone with it.
"""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3

BUCKET = "bucket"
_PATIENCE = 30


@contextmanager
def start_store(environ: "dict[str, str]") -> Iterator[str]:
    """Environment of this process or of others → the address of a bucket, which it says how to reach."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, __file__, str(port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    environ.update(name_store(port))
    try:
        _await(port)
        make_client(environ).create_bucket(Bucket=BUCKET)
        yield f"s3://{BUCKET}"
    finally:
        server.kill()
        server.wait()


def name_store(port: int) -> "dict[str, str]":
    """Port of a store → the environment of who may use it."""
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "not-a-secret",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def make_client(environ: "dict[str, str]"):  # type: ignore[no-untyped-def]
    """Environment → boto3's client for its store."""
    return boto3.client(
        "s3",
        endpoint_url=environ["AWS_ENDPOINT_URL"],
        aws_access_key_id=environ["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environ["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1",
    )


def upload(client, folder: Path, prefix: str) -> None:  # type: ignore[no-untyped-def]
    """Client, folder and where it is to go → its files there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            client.put_object(
                Bucket=BUCKET, Key=f"{prefix}/{path.relative_to(folder).as_posix()}", Body=path.read_bytes()
            )


def keep_to_months(lines: Path) -> Path:
    """File of articles → the same, of few months: each is a file in a table, so some requests."""
    lines.write_text(re.sub(r'"20\d\d-0\d-', '"2024-04-', lines.read_text("utf-8")), "utf-8")
    return lines


def list_keys(client, prefix: str = "") -> "list[str]":  # type: ignore[no-untyped-def]
    """Client → the keys below a prefix."""
    pages = client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=prefix)
    return [one["Key"] for page in pages for one in page.get("Contents", ())]


def _await(port: int) -> None:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise TimeoutError("the store")


if __name__ == "__main__":
    import threading

    from moto.server import ThreadedMotoServer

    # It ends with who started it, whatever ends that.
    ThreadedMotoServer("127.0.0.1", int(sys.argv[1]), verbose=False).start()
    threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0))).start()
