"""The table `archives` → which parts of web archives are done: a run carries on where one was cut off."""

from collections import Counter
from collections.abc import Mapping

from transforms.archives import READ
from transforms.commit import data_files, open_tables
from transforms.records import InputSlice
from transforms.storage import Place, open_parquet

#: fingerprint of the file, first byte, first byte of what follows
Part = tuple[str, int, int | None]


def part_of(slice: InputSlice) -> Part:
    """Slice of an archive → what it is known by, wherever the file lies."""
    return slice.fingerprint, slice.offset, slice.end


def find_done_parts(data: Place, gate: str) -> Mapping[Part, int]:
    """Data folder and the name of the watched names → its done parts, with the number of their records."""
    table = open_tables(data).get("archives")
    if table is None:
        return {}
    records: Counter[Part] = Counter()
    done: set[Part] = set()
    columns = ["fingerprint", "gate", "start", "stop", "outcome", "pages"]
    for file in sorted(data_files(table)):
        for row in open_parquet(data / "archives" / file).read(columns=columns).to_pylist():
            part = (row["fingerprint"], row["start"], row["stop"])
            if row["gate"] != gate or not row["fingerprint"]:
                continue
            records[part] += row["pages"]
            if row["outcome"] == READ:
                done.add(part)
    return {part: records[part] for part in done}
