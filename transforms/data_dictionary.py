"""Schemas → the data dictionary: what each column of each table means, in Markdown."""

import pyarrow as pa

from transforms.columns import COMMENT
from transforms.derived_tables import POSITIONS, RESOLVED_EVENTS
from transforms.tables import ARCHIVES, ARTICLES, EVENTS, REJECTS


def data_dictionary() -> str:
    """Schemas → Markdown, one table for each dataset: the README's chapter on the columns."""
    parts = []
    tables = (EVENTS, ARTICLES, REJECTS, ARCHIVES, RESOLVED_EVENTS)
    described = [(t.name, f"{t.description} Partitioned by `{t.partition}`.", t.schema) for t in tables]
    for name, description, schema in [*described, ("positions", *POSITIONS)]:
        lines = [
            f"### `{name}`",
            "",
            description,
            "",
            "| column | type | null | meaning |",
            "|---|---|---|---|",
        ]
        for field in schema:
            meaning = field.metadata[COMMENT].decode().replace("|", "\\|")
            null = "yes" if field.nullable else ""
            lines.append(f"| `{field.name}` | {type_name(field.type)} | {null} | {meaning} |")
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"


def type_name(type_: pa.DataType) -> str:
    """Type → its name in the data dictionary."""
    if pa.types.is_list(type_):
        return f"list<{type_name(type_.value_type)}>"
    if pa.types.is_struct(type_):
        inner = (type_.field(i) for i in range(type_.num_fields))
        return "struct<" + ", ".join(f"{f.name}: {type_name(f.type)}" for f in inner) + ">"
    names = {"date32[day]": "date32", "float": "float32"}
    return names.get(str(type_), str(type_))
