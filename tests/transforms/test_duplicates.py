from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from transforms.duplicates import Verdict, judge_duplicates
from transforms.near_duplicates import Fingerprint


class Known:
    """An index in memory: what earlier batches left."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.originals: list[Fingerprint] = []

    def find_revision(self, article_id: str) -> int:
        return 1 if article_id in self.ids else 0

    def candidates(self, bands: Iterable[bytes]) -> list[Fingerprint]:
        return [one for one in self.originals if set(one.bands) & set(bands)]


def fingerprint(order: int, article_id: str, words: str) -> Fingerprint:
    """Two texts are alike where they share a band; `words` are the bands."""
    return Fingerprint(
        article_id=article_id,
        key=f"key {order}",
        order=order,
        content_sha256=words[0],
        signature=words[0].encode(),
        bands=tuple(word.encode() for word in words),
    )


def test_verdicts() -> None:
    verdicts = judge_duplicates(
        [
            fingerprint(2, "c", "x"),
            fingerprint(0, "a", "x"),
            fingerprint(1, "b", "y"),
            fingerprint(3, "a", "z"),
        ],
        Known(),
        0.8,
    )
    assert verdicts == {
        "key 0": Verdict("original", "a"),
        "key 1": Verdict("original", "b"),
        "key 2": Verdict("copy", "a"),
        "key 3": Verdict("repeat", "a"),
    }


prints = st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["x", "y", "z"])), max_size=12)


@given(prints, st.integers(1, 12))
def test_verdicts_do_not_depend_on_batches(drawn: list[tuple[str, str]], size: int) -> None:
    some = [fingerprint(order, name, words) for order, (name, words) in enumerate(drawn)]
    whole = judge_duplicates(some, Known(), 0.8)
    known, parts = Known(), {}
    for start in range(0, len(some), size):
        batch = some[start : start + size]
        verdicts = judge_duplicates(batch, known, 0.8)
        parts.update(verdicts)
        known.ids |= {one.article_id for one in batch if verdicts[one.key].kind != "repeat"}
        known.originals += [one for one in batch if verdicts[one.key].kind == "original"]
    assert parts == whole
    originals = {verdict.article_id for verdict in whole.values() if verdict.kind == "original"}
    assert all(verdict.article_id in originals for verdict in whole.values() if verdict.kind == "copy")
