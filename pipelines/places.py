"""Options of a command → nothing, where it can work with the places they name; else a refusal in words."""

from argparse import Namespace
from typing import Final

from transforms.object_address import Address, is_address

#: commands that keep a state of their own beside the tables, or files that only grow
_LOCAL_ONLY: Final = {
    ("watch", None): "it keeps its ledger of feeds there, and tells alerts from it",
    ("serve", None): "it looks several times a second whether the tables have changed",
    ("feeds", "status"): "what watch knows of feeds lies there",
    ("rejects", "retry"): "it takes rows out of a table, which is only tried on a file system",
}


class NotInObjectStores(Exception):
    """A command that can't work with tables in an object store yet."""

    def __init__(self, command: str, data: Address, why: str) -> None:
        super().__init__(
            f"{command} can't work with tables in an object store ({data}) yet: {why}. Give it a folder; "
            "what can are run, query, report, export, why, resolve, maintain, rejects list and show."
        )


def check_places(options: Namespace) -> None:
    """Options of a command → nothing.

    Raises:
        NotInObjectStores: the command needs a file system for its tables.
        MissingExtra: object stores are named, and what reads them isn't installed.
    """
    data = getattr(options, "data", None)
    if isinstance(data, Address):
        action = getattr(options, "action", None)
        if why := _LOCAL_ONLY.get((options.command, action)) or _LOCAL_ONLY.get((options.command, None)):
            raise NotInObjectStores(" ".join(filter(None, (options.command, action))), data, why)
    if isinstance(data, Address) or any(map(is_address, getattr(options, "inputs", ()))):
        from transforms.object_store import check_extra

        check_extra()
