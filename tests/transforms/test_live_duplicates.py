from collections.abc import Collection, Iterable

import pytest
from made_records import make_article

from transforms.live_duplicates import judge_article
from transforms.near_duplicates import THRESHOLD, Fingerprint, fingerprint
from transforms.records import Article, Rejection

WORDS = " ".join(f"word{number}" for number in range(60))


class Index:
    """What the tables know."""

    def __init__(self, articles: Iterable[Article] = (), keys: Collection[str] = ()) -> None:
        self._prints = [fingerprint(article) for article in articles]
        self._keys = {one.key for one in self._prints} | set(keys)

    def contains_key(self, key: str) -> bool:
        return key in self._keys

    def find_revision(self, article_id: str) -> int:
        return max((one.revision for one in self._prints if one.article_id == article_id), default=0)

    def candidates(self, bands: Iterable[bytes]) -> list[Fingerprint]:
        wanted = set(bands)
        return [one for one in self._prints if wanted & set(one.bands)]


def make(number: int, text: str = WORDS, **fields: object) -> Article:
    return make_article(article_id=f"a{number}", key=f"k{number}", title="", text=text, **fields)


def judge(
    article: Article, index: Index, waiting: tuple[Fingerprint, ...] = ()
) -> tuple[Article | Rejection | None, tuple[Fingerprint, ...]]:
    return judge_article(article, index, waiting, THRESHOLD)  # type: ignore[arg-type]


def test_an_original_waits_until_the_tables_know_it() -> None:
    first = make(1)
    made, waiting = judge(first, Index())
    assert made == first and [one.key for one in waiting] == ["k1"]
    copy, waiting = judge(make(2), Index(), waiting)
    assert isinstance(copy, Article) and copy.duplicate_of == "a1"
    # A copy is nobody's original.
    assert [one.key for one in waiting] == ["k1"]
    copy, waiting = judge(make(3), Index([first]), waiting)
    assert isinstance(copy, Article) and copy.duplicate_of == "a1" and waiting == ()


@pytest.mark.parametrize("index", [Index([make(1)]), Index(keys=["k1"])], ids=["an article", "a reject"])
def test_what_ended_waits_no_longer(index: Index) -> None:
    other = make(2, text=WORDS.replace("word", "other"))
    assert [one.key for one in judge(other, index, (fingerprint(make(1)),))[1]] == ["k2"]


def test_the_same_id_again_is_a_repeat() -> None:
    _, waiting = judge(make(1), Index())
    again = make_article(article_id="a1", key="k9", title="", text=WORDS)
    made, waiting = judge(again, Index(), waiting)
    assert isinstance(made, Rejection) and (made.key, made.reason) == ("k9", "duplicate")


def test_a_later_revision_is_none() -> None:
    _, waiting = judge(make(1), Index())
    changed = make_article(article_id="a1", key="k9", title="", text=WORDS, revision=2)
    made, waiting = judge(changed, Index(), waiting)
    assert made == changed and [one.key for one in waiting] == ["k1", "k9"]
