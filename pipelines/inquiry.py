"""What this program needs where it runs → what is there, and whether it will do: asked of workers first.

Takes what the one who submits a run has, gives what a worker answers as text; rejects answers of workers that
can't do the run (`UnfitWorkers`), in words that say what to do. Knows nothing of Beam, nor of who asks.
"""

import hashlib
import importlib.metadata
import importlib.util
import json
import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

import configs
from pipelines import __version__
from transforms.data_folder import LOCK
from transforms.lease import LEASE
from transforms.object_address import Address, is_address
from transforms.object_store import MissingExtra
from transforms.staging import STAGING
from transforms.storage import can_list, read_file, write_durably


class UnfitWorkers(Exception):
    """Workers that can't do what they would be asked to."""

    def __init__(self, problem: str, advice: str) -> None:
        super().__init__(f"The workers can't do this run: {problem}. {advice}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Questions:
    """What a worker is asked about."""

    #: spaCy pipeline of the detector
    model: str
    #: the data folder, whose lock the asker holds
    data: str
    #: folders of what is to be read
    inputs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one process has; equal where two will make the same rows."""

    release: str
    #: of the program's own files: the same release may have been changed by hand
    sources: str
    python: str
    beam: str
    #: name and version of the model; None: not there
    model: str | None
    #: what the lock file of the data folder says, each time something else; None: not seen or not writable
    lock: str | None
    #: inputs that can't be read
    unseen: tuple[str, ...] = ()


def answer_questions(questions: Questions) -> Answer:
    """Questions → what this process has to say."""
    return Answer(
        release=__version__,
        sources=digest_sources(),
        python=platform.python_version().rpartition(".")[0],
        beam=importlib.metadata.version("apache-beam"),
        model=find_model(questions.model),
        lock=_read_lock(questions.data),
        unseen=tuple(path for path in questions.inputs if not can_list(path)),
    )


def find_model(name: str) -> str | None:
    """Name of a spaCy pipeline, or its folder → with its version; None where it isn't."""
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    if spec is None:
        return name if Path(name).is_dir() else None
    try:
        return f"{name} {importlib.metadata.version(name)}"
    except importlib.metadata.PackageNotFoundError:
        return name


@cache
def digest_sources() -> str:
    """Nothing → a name for the program's own files: code, and the settings it ships with."""
    root = Path(configs.__file__).parent.parent
    digest = hashlib.sha256()
    for path in list_sources(root):
        digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def list_sources(root: Path) -> list[Path]:
    """Folder that the packages are in → the files that rows depend on, in order.

    What the report's page is drawn with makes no row, and part of it is only where it is developed.
    """
    return [
        path
        for package in ("configs", "pipelines", "transforms")
        for path in sorted((root / package).rglob("*"))
        if path.is_file() and path.suffix != ".pyc" and "page" not in path.relative_to(root).parts
    ]


def _read_lock(data: str) -> str | None:
    try:
        if is_address(data):
            address = Address.read(data)
            # Whether one may write is only known by writing.
            write_durably(address / STAGING / "asked", b"")
            return read_file(address / LEASE).decode()
        return (Path(data) / LOCK).read_text("utf-8") if os.access(data, os.W_OK | os.X_OK) else None
    except (OSError, MissingExtra):
        return None


def as_text(answer: Answer) -> str:
    """Answer → one line, the same for the same answer."""
    return json.dumps(asdict(answer), sort_keys=True)


def judge_answers(ours: Answer, answers: Iterable[str], questions: Questions) -> None:
    """What the asker has and what workers answered → nothing, where they can do the run.

    Raises:
        UnfitWorkers: one of them can't.
    """
    known = [Answer(**json.loads(text)) for text in sorted(answers)]
    if not known:
        raise UnfitWorkers("none of them answered", "See the log of the cluster.")
    for theirs in known:
        _judge_answer(ours, theirs, questions)


def _judge_answer(ours: Answer, theirs: Answer, questions: Questions) -> None:
    same = "Install the same release of alliance-watch, with the same lock file, for both."
    if theirs.release != ours.release:
        raise UnfitWorkers(f"they have alliance-watch {theirs.release}, this is {ours.release}", same)
    if theirs.sources != ours.sources:
        raise UnfitWorkers(
            f"their alliance-watch {theirs.release} differs from this one in its files "
            f"({theirs.sources}, here {ours.sources})",
            same,
        )
    for what, here, there in (("Beam", ours.beam, theirs.beam), ("Python", ours.python, theirs.python)):
        if here != there:
            raise UnfitWorkers(f"they have {what} {there}, this is {here}", same)
    if theirs.model is None:
        raise UnfitWorkers(
            f"they have no spaCy pipeline {questions.model!r}",
            "Install it where the workers run (`pip install --require-hashes -r requirements.lock`), "
            "or name one that they have as detection.model.",
        )
    if theirs.model != ours.model:
        raise UnfitWorkers(f"they have the model {theirs.model}, here it is {ours.model}", same)
    if theirs.lock != ours.lock:
        raise UnfitWorkers(
            f"they can't write to the data folder {questions.data}, or it is another one there",
            "Workers and the one who submits share the data folder under the same path: put it on a file "
            "system that all of them have mounted, or in an object store, for which each of them has the "
            "extra s3, the endpoint and credentials.",
        )
    if theirs.unseen:
        raise UnfitWorkers(
            f"they can't read {_first(theirs.unseen)}",
            "Put what is to be read on a file system that the workers have mounted under the same path, or "
            "in an object store that they may read.",
        )


def _first(paths: Sequence[str]) -> str:
    return paths[0] if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} other folders"
