"""A step that is slow to make, and its settings → a recipe: it is made once in each process that needs it."""

import pickle
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from threading import Lock, RLock
from typing import Any

Step = Callable[..., Any]

#: Process-wide: what is slow to make and to pack, by its name.
_ready: dict[str, Step] = {}
_packed: dict[str, bytes] = {}
#: Of threads that need the same step, one makes it.
_making = RLock()


def forget_steps() -> None:
    """Nothing → every step is made and packed anew: for programs that change what makes them."""
    _ready.clear()
    _packed.clear()


@dataclass(frozen=True, slots=True)
class Recipe:
    """How to make a step's function where it runs: once for each process, however many batches there are."""

    #: name of the step and of the settings it is made from
    name: str
    #: the function that makes it, packed, as Beam packs and unpacks each step many times over
    packed: bytes

    def prepare(self) -> Step:
        """The step's function, made now or before."""
        with _making:
            if self.name not in _ready:
                # Packed by `write_recipe` in the process that started this one, never read from outside.
                _ready[self.name] = _in_turn(pickle.loads(zlib.decompress(self.packed))())
            return _ready[self.name]


def _in_turn(step: Step) -> Step:
    """Step → the same, for one thread at a time: models and matchers are not made for more.

    A worker of a cluster may run several threads; with one there is nobody to wait for.
    """
    lock = Lock()

    def take_turn(*arguments: Any) -> Any:
        with lock:
            return step(*arguments)

    return take_turn


def write_recipe(name: str, make: Callable[..., Step], *settings: Any) -> Recipe:
    """Name, function and the settings it takes → recipe."""
    if name not in _packed:
        _packed[name] = zlib.compress(pickle.dumps(partial(make, *settings)), 1)
    return Recipe(name, _packed[name])
