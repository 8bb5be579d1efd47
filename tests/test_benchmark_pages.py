"""The pages that benchmarks measure are the same everywhere, and are turned away where they should be."""

import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from pipelines.plan import build_plan
from pipelines.settings import load_settings
from transforms.articles import make_article
from transforms.byte_gate import compile_byte_gate, may_name_watched
from transforms.gate import compile_matcher, find_watched
from transforms.inputs import InputFile
from transforms.read_limits import ReadLimits
from transforms.readers import plan_slices, read_slice
from transforms.records import Article, PageCount, RawDocument

PLAN = build_plan(load_settings(None))
GATE = compile_byte_gate(PLAN.world)
MATCHER = compile_matcher(PLAN.world)


@pytest.fixture(scope="module")
def corpora() -> Iterator[ModuleType]:
    folder = str(Path(__file__).parent / "benchmarks")
    sys.path.insert(0, folder)
    import corpora

    yield corpora
    sys.path.remove(folder)


def as_article(page: str) -> Article:
    raw = RawDocument(key="k", order=0, origin="o", format="html", content=page, url=None)
    article = make_article(raw, PLAN.articles)
    assert isinstance(article, Article)
    return article


@pytest.mark.parametrize(
    ("on_topic", "in_menus", "bytes_pass", "text_passes"),
    [(True, False, True, True), (False, True, True, False), (False, False, False, False)],
)
def test_pages_pass_the_gates_that_they_are_made_for(
    corpora: ModuleType, on_topic: bool, in_menus: bool, bytes_pass: bool, text_passes: bool
) -> None:
    for number in range(10):
        known = corpora.make_text(1, number, on_topic)
        page = corpora.make_page(1, known, in_menus)
        article = as_article(page)
        assert 110_000 < len(page.encode()) < 200_000
        assert may_name_watched(page.encode(), GATE) == bytes_pass
        assert bool(find_watched(f"{article.title}\n{article.text}", MATCHER)) == text_passes
        assert (article.title, article.published_at) == (known.title, known.published)
        # One old layout loses its first paragraph, to whoever extracts it.
        assert len(article.text) > 0.8 * len(known.text)


def test_an_archive_is_the_same_each_time_and_has_its_shares(corpora: ModuleType, tmp_path: Path) -> None:
    mix = corpora.Mix(pages=100, on_topic=0.04, in_menus=0.11)
    first, second = (corpora.write_archive(tmp_path / f"{name}.warc.gz", mix) for name in "ab")
    assert first.read_bytes() == second.read_bytes()
    [part] = plan_slices(InputFile(path=str(first), name="a.warc.gz"), 0, 1_000)
    counts, texts = Counter[str](), list[str]()
    for found in read_slice(part, ReadLimits(), lambda body: may_name_watched(body, GATE)):
        if isinstance(found, PageCount):
            counts[found.outcome] = found.pages
        else:
            assert isinstance(found, RawDocument)
            article = as_article(found.content)
            if find_watched(f"{article.title}\n{article.text}", MATCHER):
                texts.append(article.text)
    assert counts == {"read": 15, "off_topic": 85}
    assert len(texts) == len(set(texts)) == 4


def test_a_result_is_a_regression_only_beyond_target_and_margin(corpora: ModuleType) -> None:
    from rows import Result
    from table import find_regressions

    def result(value: float, target: float) -> Result:
        return Result(row="warc", work="w", measure="m", value=value, target=target)

    assert find_regressions([result(3.1, 2.0)], [result(2.0, 2.0)])
    assert not find_regressions([result(2.9, 2.0)], [result(2.0, 2.0)])
    assert not find_regressions([result(3.1, 4.0)], [result(1.0, 4.0)])
