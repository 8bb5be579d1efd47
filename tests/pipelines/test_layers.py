from hypothesis import given
from hypothesis import strategies as st

from pipelines.layers import find_source, merge_layer, read_environment, suggest

scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=5)
values = st.recursive(
    scalars | st.lists(scalars, max_size=3),
    lambda inner: st.dictionaries(st.text("abc", min_size=1, max_size=2), inner, max_size=3),
    max_leaves=8,
)
layers = st.dictionaries(st.text("abc", min_size=1, max_size=2), values, max_size=4)


@given(layers, layers)
def test_merging_a_layer_twice_changes_nothing_more(base: dict, layer: dict) -> None:
    once = merge_layer(base, layer, "file", {})
    assert merge_layer(once, layer, "file", {}) == once
    assert merge_layer(base, {}, "file", {}) == base


@given(layers)
def test_merging_leaves_the_base_as_it_was(base: dict) -> None:
    before = repr(base)
    merge_layer(base, {"a": {"b": 1}, "c": [1]}, "file", {})
    assert repr(base) == before


def test_entries_are_merged_by_name() -> None:
    base = {"alliances": [{"id": "NATO", "name": "NATO", "aliases": ["OTAN"], "watched": True}]}
    layer = {"alliances": [{"id": "NATO", "aliases": ["Otan"], "watched": False}, {"id": "X", "name": "X"}]}
    assert merge_layer(base, layer, "mine.yaml", {})["alliances"] == [
        {"id": "NATO", "name": "NATO", "aliases": ["OTAN", "Otan"], "watched": False},
        {"id": "X", "name": "X"},
    ]
    assert base["alliances"][0]["aliases"] == ["OTAN"]


def test_members_are_merged_by_country_and_day() -> None:
    member = {"country": "GBR", "since": "1973-01-01"}
    base = {"alliances": [{"id": "EU", "members": [member]}]}
    layer = {"alliances": [{"id": "EU", "members": [{**member, "until": "2020-02-01"}]}]}
    merged = merge_layer(base, layer, "mine.yaml", {})
    assert merged["alliances"][0]["members"] == [{**member, "until": "2020-02-01"}]


def test_other_lists_are_replaced() -> None:
    assert merge_layer({"languages": ["en"]}, {"languages": ["de", "fr"]}, "x", {}) == {
        "languages": ["de", "fr"]
    }


def test_source_of_a_value_is_the_last_layer_that_states_it() -> None:
    sources: dict[tuple[str, ...], str] = {}
    values = merge_layer({}, {"run": {"workers": 1, "batch_documents": 5}}, "shipped", sources)
    merge_layer(values, {"run": {"workers": 2}}, "mine.yaml", sources)
    assert find_source(("run", "workers"), sources) == "mine.yaml"
    assert find_source(("run", "batch_documents"), sources) == "shipped"
    assert find_source(("run", "workers", "0"), sources) == "mine.yaml"
    assert find_source(("other",), sources) is None


def test_environment_is_split_where_the_default_is_a_list() -> None:
    defaults = {"languages": ["en"], "run": {"workers": 1}}
    environ = {
        "ALLIANCE_WATCH_LANGUAGES": "en, de",
        "ALLIANCE_WATCH_RUN__WORKERS": "2",
        "PATH": "/bin",
    }
    assert read_environment(environ, defaults) == [
        ("ALLIANCE_WATCH_LANGUAGES", ("languages",), ["en", "de"]),
        ("ALLIANCE_WATCH_RUN__WORKERS", ("run", "workers"), "2"),
    ]


def test_suggestions() -> None:
    paths = ["run.workers", "detection.min_confidence"]
    assert suggest("run.wokers", paths) == "; did you mean run.workers?"
    assert suggest("min_confidence", paths) == "; did you mean detection.min_confidence?"
    assert suggest("zzz", paths) == ""
