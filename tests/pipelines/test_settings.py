from pathlib import Path

import pytest

from pipelines.plan import digest_settings
from pipelines.settings import SettingsError, describe_settings, load_settings
from transforms.gate import compile_matcher, find_watched


def mistakes_of(tmp_path: Path, text: str) -> list[str]:
    config = tmp_path / "mine.yaml"
    config.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load_settings(config)
    return [mistake.removeprefix(f"{config}: ") for mistake in caught.value.mistakes]


def test_shipped_settings_are_sound() -> None:
    settings = load_settings().settings
    assert settings.languages == ("en",)
    assert {"NATO", "EU"} <= {alliance.id for alliance in settings.alliances}
    assert len(settings.countries) > 190


@pytest.mark.parametrize(
    ("text", "mistake"),
    [
        ("run: {wokers: 2}", "run.wokers: no such setting; did you mean run.workers?"),
        ("min_confidence: 0.2", "min_confidence: no such setting; did you mean detection.min_confidence?"),
        ("duplicates: {threshold: 2}", "duplicates.threshold: input should be less than or equal to 1, is 2"),
        ("detection: {model: [a]}", "detection.model: input should be a valid string, is ['a']"),
        ("languages: [english]", "languages.0: string should match pattern '^[a-z]{2}$', is 'english'"),
        (
            "alliances: [{id: NATO, membrs: []}]",
            "alliances.NATO.membrs: no such setting; did you mean alliances.NATO.members?",
        ),
        ("alliances: [{id: LAKES}]", "alliances.LAKES.name: is required"),
        (
            "groups: [{name: The Two, countries: [BGRX]}]",
            "groups.The Two.countries: no country or alliance has the code BGRX; did you mean BGR?",
        ),
        (
            "alerts: {rules: [{name: x, to: [a.jsonl], benificiary: [UKR]}]}",
            "alerts.rules.x.benificiary: no such setting; did you mean alerts.rules.x.beneficiary?",
        ),
        (
            "alerts: {rules: [{name: x, to: [a.jsonl], beneficiary: [UKRX]}]}",
            "alerts.rules.x.beneficiary: no country or alliance has the code UKRX; did you mean UKR?",
        ),
        (
            "alerts: {rules: [{name: x, to: [a.txt]}]}",
            "alerts.rules.x.to: 'a.txt' is neither an http or https address nor a file that ends in .jsonl"
            " or .rss",
        ),
        ("alerts: {rules: [{name: x}]}", "alerts.rules.x.to: is required"),
        (
            "alerts: {rules: [{name: x, to: [a.rss], stance: [ratified]}]}",
            "alerts.rules.x.stance: 'ratified' is a stance of positions; say kind: [ratify], or when:"
            " changed",
        ),
        ("data_files: {actors: nowhere.yaml}", "nowhere.yaml: can't be read: No such file or directory"),
    ],
)
def test_mistakes_name_their_path_and_the_nearest_right_key(tmp_path: Path, text: str, mistake: str) -> None:
    assert [line.removeprefix(f"{tmp_path}/") for line in mistakes_of(tmp_path, text)] == [mistake]


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    assert len(mistakes_of(tmp_path, "run: {workers: 0, wokers: 1}\nlanguages: 3\nfoo: 1")) == 4


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("run: {workers: 1}\nrun: {workers: 2}", "line 2, column 1: the key 'run' stands twice"),
        ("- run", "should be a mapping of settings, is a list"),
        ("run: [", "line 2"),
        ("run: !!python/object/apply:os.getcwd []", "could not determine a constructor"),
    ],
)
def test_broken_files(tmp_path: Path, text: str, words: str) -> None:
    (mistake,) = mistakes_of(tmp_path, text + "\n")
    assert words in mistake


def test_precedence(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("run: {workers: 2, batch_documents: 7}\ndetection: {min_confidence: 0.1}")
    environ = {"ALLIANCE_WATCH_RUN__WORKERS": "3", "ALLIANCE_WATCH_RUN__BATCH_DOCUMENTS": "8"}
    loaded = load_settings(config, environ, {"run.workers": 4})
    assert loaded.settings.run.workers == 4
    assert loaded.settings.run.batch_documents == 8
    assert loaded.settings.detection.min_confidence == 0.1
    sources = {path: source for path, _, source in describe_settings(loaded)}
    assert sources["run.workers"] == "flag --workers"
    assert sources["run.batch_documents"] == "environment variable ALLIANCE_WATCH_RUN__BATCH_DOCUMENTS"
    assert sources["detection.min_confidence"] == str(config)
    assert sources["duplicates.threshold"] == "shipped default"


@pytest.mark.parametrize(
    ("variable", "words"),
    [
        ("ALLIANCE_WATCH_RUN__WOKERS", "no such setting as run.wokers; did you mean run.workers?"),
        ("ALLIANCE_WATCH_RUN__WORKERS", "run.workers: input should be a valid integer"),
        ("ALLIANCE_WATCH_ALLIANCES", "no such setting as alliances"),
    ],
)
def test_mistakes_in_the_environment_name_the_variable(variable: str, words: str) -> None:
    with pytest.raises(SettingsError, match=variable) as caught:
        load_settings(environ={variable: "many"})
    assert words in str(caught.value)


def test_another_data_file_replaces_the_shipped_one(tmp_path: Path) -> None:
    (tmp_path / "few.yaml").write_text("fallback: rest\ntopics: [{name: fish, cues: [{words: [cod]}]}]")
    config = tmp_path / "mine.yaml"
    config.write_text("data_files: {topics: few.yaml}")
    topics = load_settings(config).settings.topics
    assert topics.fallback == "rest" and [topic.name for topic in topics.topics] == ["fish"]


def test_new_names_are_a_change_of_yaml_alone(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text(
        "alliances:\n"
        "- {id: LAKES, name: Lakes Pact, aliases: [Great Lakes Pact],\n"
        "   members: [{country: CHE, since: 2020-01-01}]}\n"
        "countries: [{code: BGR, aliases: [Land of Roses]}]\n"
        "leaders: [{name: Ann Example, surname: Example, speaks_for: BGR, office: president, role: HEAD,\n"
        "           since: 2024-01-01}]\n"
        "topics: [{name: fishing, cues: [{words: [cod]}]}]\n"
    )
    settings = load_settings(config).settings
    world = settings.build_world()
    assert find_watched("Austria wants to join the Great Lakes Pact.", compile_matcher(world)) == ("LAKES",)
    (bulgaria,) = (country for country in world.countries if country.code == "BGR")
    assert "Land of Roses" in bulgaria.aliases and len(bulgaria.demonyms) > 0
    assert "Ann Example" in {leader.name for leader in world.leaders}
    assert "fishing" in {topic.name for topic in settings.topics.topics}
    shipped = compile_matcher(load_settings().settings.build_world())
    assert find_watched("Austria wants to join the Great Lakes Pact.", shipped) == ()


def test_the_digest_names_what_rows_depend_on(tmp_path: Path) -> None:
    config = tmp_path / "mine.yaml"
    config.write_text("run: {workers: 2}")
    assert digest_settings(load_settings(config)) == digest_settings(load_settings())
    config.write_text("duplicates: {threshold: 0.9}")
    assert digest_settings(load_settings(config)) != digest_settings(load_settings())
