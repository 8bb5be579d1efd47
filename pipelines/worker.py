"""A process that works for a run with `--workers`, and says nothing itself; see `pipelines.share`."""

import logging
import signal
import sys
from multiprocessing.connection import Connection

from pipelines.garbage import collect_seldom

if __name__ == "__main__":
    # The run decides when to stop: it hears of the signals itself, and ends its workers.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    collect_seldom()
    # Before the import: Beam tells every step it takes, and what it misses; what goes wrong is an answer.
    logging.disable(logging.ERROR)
    from pipelines.share import work

    work(Connection(int(sys.argv[1])))
