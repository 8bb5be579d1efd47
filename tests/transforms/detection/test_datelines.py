import pytest

from transforms.detection.datelines import read_dateline


@pytest.mark.parametrize(
    ("opening", "place", "region"),
    [
        ("RIGA, July 11 (Wire) - ", "RIGA", None),
        ("KUALA LUMPUR - ", "KUALA LUMPUR", None),
        ("SINTRA, Portugal, May 30 (Wire) — ", "SINTRA", "Portugal"),
        ("Riga (Wire) - ", "Riga", None),
        ("Riga, July 11 – ", "Riga", None),
        ("BRUSSELS/RIGA -- ", "BRUSSELS/RIGA", None),
    ],
)
def test_dateline(opening: str, place: str, region: str | None) -> None:
    dateline = read_dateline(opening + "The ministers said so")
    assert dateline is not None
    assert (dateline.place, dateline.region, dateline.end) == (place, region, len(opening))


@pytest.mark.parametrize(
    "text", ["Latvia - a member since 2004 - said no", "", "NATO said so", "RIGA, as ever, said no"]
)
def test_no_dateline_in_plain_words(text: str) -> None:
    assert read_dateline(text) is None
