"""Nothing → Python looks for garbage in cycles less often: most objects of a run live as long as it does.

By default Python looks after each 700 new objects, and at all of them every 70,000: a sixth of what a start
costs, and a tenth of a run over pages, went into finding nothing. Memory stays the same.
"""

import gc

#: new objects after which the youngest are looked at, and how many of such looks come before a larger one
SELDOM = (100_000, 20, 50)


def collect_seldom() -> None:
    """Nothing → the process collects by `SELDOM`; call it before the imports that make the most objects."""
    gc.set_threshold(*SELDOM)
