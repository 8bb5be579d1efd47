"""A place in an object store → a folder of this machine for what is derived from it and can be made anew."""

import hashlib
import os
import socket
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from transforms.data_folder import os_errors_as_unwritable
from transforms.object_store import endpoint_name
from transforms.storage import Place, write_durably

_MACHINE: Final = "machine"


def cache_folder(data: Place, environ: Mapping[str, str] = os.environ) -> Path:
    """Data folder → where its derived files are: in itself, or for an object store in one of this machine's.

    Raises:
        UnwritableData: it can't be.
    """
    if isinstance(data, Path):
        return data
    above = environ.get("XDG_CACHE_HOME") or environ.get("HOME") or "/tmp"
    below = "alliance-watch" if environ.get("XDG_CACHE_HOME") else ".cache/alliance-watch"
    # Two stores may have buckets of the same name.
    name = hashlib.sha256(f"{endpoint_name()} {data}".encode()).hexdigest()[:16]
    folder = Path(above) / below / name
    with os_errors_as_unwritable(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def name_machine(folder: Path) -> str:
    """Cache folder, locked → a name for it: who has it, and the lock, is alone on this machine."""
    path = folder / _MACHINE
    with os_errors_as_unwritable(path):
        if not path.is_file():
            write_durably(path, uuid.uuid4().hex.encode())
        return f"{path.read_text('utf-8')} {socket.gethostname()}"
