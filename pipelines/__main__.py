"""`python -m pipelines` and the installed command `alliance-watch`."""

import os
import sys
from typing import NoReturn

from pipelines.command import main
from pipelines.garbage import collect_seldom


def run_command() -> NoReturn:
    """Command line → exit code."""
    collect_seldom()
    code = main(sys.argv[1:])
    try:
        sys.stdout.flush()
        sys.stderr.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    # Leave at once: worker threads may be in the middle of a document that nobody waits for any more.
    os._exit(code)


if __name__ == "__main__":
    run_command()
