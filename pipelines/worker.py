"""A process that works for a run with `--workers`: Beam's own worker, silent unless something goes wrong."""

import logging
import sys

if __name__ == "__main__":
    # Before the import: Beam tells every step it takes, and what it misses.
    logging.disable(logging.WARNING)
    from apache_beam.runners.worker.sdk_worker_main import main

    main(sys.argv)
