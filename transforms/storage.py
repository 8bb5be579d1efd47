"""A folder or an address of an object store → what can be done there: the one place that knows which it is.

Takes places, paths or `s3://…`, and gives their files read, written, listed and removed. What is written is
whole or not there: on a disk by a rename, in an object store since it puts objects whole.
"""

import os
import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO

import pyarrow.dataset
import pyarrow.parquet as pq
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError

from transforms import object_reading, object_store
from transforms.object_address import Address, is_address

#: where something lies: a path on a file system, or an address in an object store
Place = Path | Address


def folder_exists(folder: Place) -> bool:
    """Folder → whether there is one; in an object store, whether anything is in it."""
    return object_store.has_objects(folder) if isinstance(folder, Address) else folder.is_dir()


def can_list(path: str) -> bool:
    """Path or address of a folder → whether this process can read what is in it."""
    if not is_address(path):
        return os.access(path, os.R_OK | os.X_OK)
    try:
        return object_store.has_objects(Address.read(path))
    except (OSError, object_store.MissingExtra):
        return False


def make_folder(folder: Place) -> None:
    """Folder → it is there; a store needs none."""
    if isinstance(folder, Path):
        folder.mkdir(parents=True, exist_ok=True)


def write_durably(place: Place, content: bytes) -> None:
    """Bytes → a file that is either all there or not there, also after a power cut; its folder is made.

    On a disk the caller makes the name last with `sync_folder`.
    """
    if isinstance(place, Address):
        object_store.put_object(place, content)
        return
    place.parent.mkdir(parents=True, exist_ok=True)
    temporary = place.with_name(f".{place.name}.{os.getpid()}.tmp")
    with temporary.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(place)


def sync_folder(folder: Place) -> None:
    """Folder → its names on disk: a rename lasts only when its folder is synced. Objects last anyway."""
    if isinstance(folder, Address):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read_file(place: Place) -> bytes:
    """Place → all bytes of the file there.

    Raises:
        FileNotFoundError: there is none.
    """
    return object_store.read_object(place).content if isinstance(place, Address) else place.read_bytes()


def list_files(folder: Place, pattern: str) -> list[str]:
    """Folder and a pattern of paths in it (`*` is any text but '/') → the files that it fits, from there."""
    if isinstance(folder, Path):
        return [path.relative_to(folder).as_posix() for path in folder.glob(pattern)]
    fits = re.compile(re.escape(pattern).replace(r"\*", "[^/]*"))
    begins = pattern.partition("*")[0]
    return [name for name, _ in object_store.list_objects(folder, begins) if fits.fullmatch(name)]


def remove_files(folder: Place, names: Iterable[str]) -> None:
    """Folder and files relative to it → nothing there any more; what isn't there is no error."""
    if isinstance(folder, Address):
        object_store.remove_objects(folder, list(names))
        return
    for name in names:
        (folder / name).unlink(missing_ok=True)


def remove_folder(folder: Place) -> None:
    """Folder → nothing there any more, what lies in its folders first; what isn't there is no error."""
    if isinstance(folder, Address):
        names = [name for name, _ in object_store.list_objects(folder)]
        object_store.remove_objects(folder, sorted(names, key=lambda name: -name.count("/")))
        return
    for inner in folder.iterdir() if folder.is_dir() else ():
        if inner.is_dir():
            shutil.rmtree(inner)
    shutil.rmtree(folder, ignore_errors=True)


def remove_empty_folders(folder: Place, pattern: str) -> None:
    """Folder and a pattern of names → those folders in it that are empty, removed; a store has none."""
    for inner in folder.glob(pattern) if isinstance(folder, Path) else ():
        if not any(inner.iterdir()):
            inner.rmdir()


def put_in_place(waiting: Place, target: Place) -> int:
    """File that waits, and where it belongs → when it was changed, in ms since 1970, once it is there.

    An object was put where it belongs: when is of no use to anybody, and would cost a request.
    """
    if isinstance(target, Address) or isinstance(waiting, Address):
        return 0
    target.parent.mkdir(exist_ok=True)
    # A crash after this rename leaves the target only, so its presence means 'done'.
    if not target.exists():
        waiting.rename(target)
    return int(target.stat().st_mtime * 1000)


def lend_file(place: Place, target: Path) -> None:
    """File, and where it is wanted for a while → it is there: by a link, or fetched."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if isinstance(place, Address):
        object_store.get_file(place, target)
    else:
        target.symlink_to(place.resolve())


def place_exists(place: Place) -> bool:
    """Place → whether there is a file, or folder."""
    if isinstance(place, Path):
        return place.exists()
    try:
        object_store.size_of_object(place)
    except FileNotFoundError:
        return False
    return True


def absolute_place(place: Place) -> Place:
    """Place → the same from anywhere on this machine."""
    return place.absolute() if isinstance(place, Path) else place


def name_absolutely(path: str) -> str:
    """Path or address → one that holds wherever the working folder is."""
    return path if is_address(path) else str(Path(path).absolute())


def name_parent(path: str) -> str:
    """Path or address → that of the folder it is in."""
    return str(Address.read(path).parent if is_address(path) else Path(path).parent)


def name_below(place: Place, folder: Place) -> str:
    """Place in a folder → the way from there."""
    if isinstance(place, Address):
        return place.relative_to(folder) if isinstance(folder, Address) else str(place)
    return str(place.relative_to(str(folder)))


def size_of(place: Place | str) -> int:
    """Place of a file → its bytes."""
    if isinstance(place, str):
        place = Address.read(place) if is_address(place) else Path(place)
    return object_store.size_of_object(place) if isinstance(place, Address) else place.stat().st_size


def open_file(path: str) -> BinaryIO:
    """Path or address → the file, open for reading from any place in it.

    Raises:
        OSError: it can't be read.
    """
    return object_reading.open_object(Address.read(path)) if is_address(path) else Path(path).open("rb")


def open_parquet(place: Place) -> pq.ParquetFile:
    """Place of a Parquet file → the same, open."""
    if isinstance(place, Address):
        # One request for all of it: ours are small, and each piece would be one more.
        return pq.ParquetFile(pyarrow.BufferReader(object_store.read_object(place).content))
    return pq.ParquetFile(place)


def open_dataset(places: Sequence[Address], schema: Any) -> Any:
    """Parquet files of a table in an object store → a data set that fetches of them what a query needs.

    Args:
        places: of its files, each in a folder `<partition>=<value>` of the table's.
        schema: of their rows; what older files lack is null.
    """
    form, files = pyarrow.dataset.ParquetFileFormat(), object_reading.arrow_files()
    # Their sizes are known from one list: asking for each would double the requests.
    folder, [partition, *_] = places[0].parent.parent, places[0].parent.name.partition("=")
    sizes = dict(object_store.list_objects(folder, f"{partition}="))
    fragments = []
    for place in places:
        value = place.parent.name.partition("=")[2]
        fragments.append(
            form.make_fragment(
                object_reading.arrow_path(place),
                files,
                partition_expression=pyarrow.dataset.field(partition) == value,
                file_size=sizes.get(place.relative_to(folder)),
            )
        )
    return pyarrow.dataset.FileSystemDataset(fragments, schema, form, files)


def delta_address(folder: Place) -> dict[str, Any]:
    """Folder of a table → what delta-rs is told to find it."""
    options = object_store.delta_options() if isinstance(folder, Address) else None
    return {"table_uri": str(folder), "storage_options": options}


def open_delta(folder: Place, *, kept: bool = False) -> DeltaTable | None:
    """Folder → the Delta table in it as it is now; None where there is none.

    Args:
        folder: of the table.
        kept: whether a table in an object store may be the one that was opened before, brought up to date: so
            that its log needn't be read again from its last checkpoint. For who doesn't change its version.
    """
    if not isinstance(folder, Address):
        path = str(folder)
        if not (folder / "_delta_log").is_dir() or not DeltaTable.is_deltatable(path):
            return None
        return DeltaTable(path)
    try:
        with delta_refusals(folder):
            if not kept:
                return DeltaTable(**delta_address(folder))
            table = _keep_delta(folder, tuple(object_store.delta_options().items()))
            table.update_incremental()
    except TableNotFoundError:
        return None
    return table


@contextmanager
def delta_refusals(folder: Place) -> Iterator[None]:
    """Folder of a table → errors of delta-rs about its store in few words: its own hold the endpoint."""
    try:
        yield
    except OSError:
        if isinstance(folder, Address):
            raise object_store.StoreRefusal(str(folder), f"{object_store.UNREACHABLE} (delta)") from None
        raise


@lru_cache(maxsize=16)
def _keep_delta(folder: Address, options: tuple[tuple[str, str], ...]) -> DeltaTable:
    """Table and how to reach it → the table, open: credentials that have changed open it anew."""
    return DeltaTable(str(folder), storage_options=dict(options))


def sync_log(folder: Place) -> None:
    """Table folder → its newest log entry on disk: delta-rs doesn't wait for the disk, a batch must."""
    if isinstance(folder, Address):
        return
    log = folder / "_delta_log"
    newest = max(log.glob("*[0-9].json"), key=lambda path: path.name)
    handle = os.open(newest, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    sync_folder(log)
