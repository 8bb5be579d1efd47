"""A worker's side of a shared run: its share of each batch through the same graph, step for step.

What takes all of a batch to decide is asked of the process that shares it out (`pipelines.crew`). For each
share three answers leave, in this order: fingerprints, staged files, counts; or a `Failure` instead of one.
Bodies of documents never do.
"""

import os
import threading
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import Any

from pipelines.monitor import Decisions, run_graph
from transforms.duplicates import Verdict
from transforms.near_duplicates import Fingerprint


@dataclass(frozen=True, slots=True)
class Failure:
    """What ended the work on a share that was expected to go well."""

    traceback: str


#: Process-wide, since Beam packs the functions of a graph and what they hold: the line to the crew's leader.
_line: list[Connection] = []
_received: SimpleQueue[Any] = SimpleQueue()


def work(line: Connection) -> None:
    """Line to who started this process → nothing; works on share after share, and ends with the line."""
    _line.append(line)
    threading.Thread(target=_listen, args=(line,), daemon=True).start()
    plan, engine = _received.get()
    decisions = Decisions(judge=ask_verdicts, finish=_send)
    for batch in iter(_received.get, None):
        try:
            _send(run_graph(batch, plan, decisions, engine))
        except Exception:
            _send(Failure(traceback.format_exc()))


def ask_verdicts(fingerprints: list[Fingerprint]) -> Mapping[str, Verdict]:
    """Fingerprints of a share → verdict by key of the document, once those of all shares are there."""
    _send(fingerprints)
    verdicts: Mapping[str, Verdict] = _received.get()
    return verdicts


def _send(answer: object) -> None:
    try:
        _line[0].send(answer)
    except OSError:
        os._exit(0)


def _listen(line: Connection) -> None:
    """Line → what comes over it, put where it is waited for; ends the process with the line.

    So that nobody works, or writes, for a run that is gone: killed, or done.
    """
    try:
        while True:
            _received.put(line.recv())
    except (EOFError, OSError):
        os._exit(0)
    except Exception:
        # What came can't be unpacked here.
        _send(Failure(traceback.format_exc()))
        os._exit(1)
