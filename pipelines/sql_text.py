"""Text → a literal of SQL: for words that come from outside and stand in a query."""


def quoted(text: str) -> str:
    """Text → the same as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
