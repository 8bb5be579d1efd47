import pytest

from transforms.detection.ordinals import find_ordinal


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("It is the 22nd country to back the bid.", 22),
        ("Finland became NATO's 31st member.", 31),
        ("It became the twenty-ninth member of the alliance.", 29),
        ("Latvia is the ninth ally to do so.", 9),
        ("It is the tenth full member of the group.", 10),
        ("It becomes the third ally to ratify.", 3),
        ("It was the first state to ratify the protocol.", 1),
        ("It was the second EU member to approve it.", 2),
        ("Its 31<sup>st</sup> Ally was welcomed.", 31),
    ],
)
def test_a_number_in_a_row(detector, text, number):
    assert find_ordinal(text, detector.lexicon.lexicon.ordinal_nouns) == number


@pytest.mark.parametrize(
    "text",
    [
        "It sent tanks for the third time.",
        "In the 20th century members were few.",
        "Its second partner left.",
        "On 4th July leaders met.",
        "It is the last country to ratify.",
        "Both countries agreed.",
    ],
)
def test_no_number_in_a_row(detector, text):
    assert find_ordinal(text, detector.lexicon.lexicon.ordinal_nouns) is None
