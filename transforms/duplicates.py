"""Fingerprints of a batch and the originals before it → which articles are new, copies or repeats.

Judged one after another in the order of the input, so that the verdicts don't depend on where batches are
cut: an article is compared with originals only, a copy never becomes one. Where several originals are like
it, the one of the lowest id is chosen: once an article is in the tables its place in the input is not known.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from transforms.near_duplicates import Fingerprint, find_original


class Originals(Protocol):
    """The articles of earlier batches."""

    def find_revision(self, article_id: str) -> int:
        """Id → its newest revision; 0 where there is no row of it."""

    def candidates(self, bands: Iterable[bytes]) -> list[Fingerprint]:
        """Bands → the originals that share one."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an article is to those before it."""

    #: original: nothing like it, or a new revision of it; copy: the same text under another id; repeat: the
    #: same id again
    kind: Literal["original", "copy", "repeat"]
    #: id of the article it copies or repeats; its own for an original
    article_id: str


def judge_duplicates(
    fingerprints: Iterable[Fingerprint], known: Originals, threshold: float
) -> Mapping[str, Verdict]:
    """Fingerprints of a batch → verdict by key of the document."""
    verdicts: dict[str, Verdict] = {}
    seen: dict[str, int] = {}
    new: dict[bytes, list[Fingerprint]] = defaultdict(list)
    for one in sorted(fingerprints, key=lambda fingerprint: fingerprint.order):
        if one.revision <= (seen.get(one.article_id) or known.find_revision(one.article_id)):
            verdicts[one.key] = Verdict("repeat", one.article_id)
            continue
        seen[one.article_id] = one.revision
        alike = {other.article_id: other for band in one.bands for other in new.get(band, ())}
        alike.update((other.article_id, other) for other in known.candidates(one.bands))
        ranked = [replace(alike[name], order=rank) for rank, name in enumerate(sorted(alike))]
        original = find_original(one, ranked, threshold)
        if original is not None:
            verdicts[one.key] = Verdict("copy", original)
            continue
        verdicts[one.key] = Verdict("original", one.article_id)
        for band in one.bands:
            new[band].append(one)
    return verdicts
