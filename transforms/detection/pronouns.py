"""A pronoun or 'the country' in a parsed sentence → whom it stands for.

First the subjects of the verbs above it, as grammar binds them; then what was named before, subjects first.
"""

from collections.abc import Callable, Iterator

from transforms.detection.mentions import Mention, can_act, is_person
from transforms.detection.parsed import Parsed, Reference
from transforms.detection.tokens import Token

PERSON_PRONOUNS = frozenset({"he", "she", "him", "her", "his"})
THING_PRONOUNS = frozenset({"it", "its"})
PLURAL_PRONOUNS = frozenset({"they", "them", "their"})
SPEAKER_PRONOUNS = frozenset({"i", "we", "us", "our", "my", "me"})
ALL_PRONOUNS = PERSON_PRONOUNS | THING_PRONOUNS | PLURAL_PRONOUNS | SPEAKER_PRONOUNS

_OBJECT_EDGES = frozenset({"dobj", "pobj", "dative"})
_PLACE_WORDS = ("in", "at", "near", "from", "outside", "of")
#: How many sentences back a pronoun reaches.
MOST_BACK = 5

Refer = Callable[[Parsed, Token], list[Reference]]


def refer_pronoun(parsed: Parsed, token: Token, refer: Refer) -> Reference | None:
    """Pronoun → its reference, or None; `refer` resolves the subjects it may go back to."""
    lower = token.lower_
    if lower in SPEAKER_PRONOUNS:
        return _refer_speaker(parsed, token)
    if lower not in ALL_PRONOUNS or _is_empty(token):
        return None
    for subject in _subjects_above(token):
        references = refer(parsed, subject) if _agrees(parsed, subject, lower) else []
        if references:
            codes = tuple(dict.fromkeys(code for reference in references for code in reference.codes))
            return Reference(codes, references[0].role, "pronoun", token.i)
    if lower in PLURAL_PRONOUNS:
        codes = _group_before(parsed, token)
        if codes:
            return Reference(codes, "GOV", "pronoun", token.i)
    wanted = True if lower in PERSON_PRONOUNS else False if lower in THING_PRONOUNS else None
    mention = last_mention(parsed, token, wanted)
    return Reference(mention.codes, mention.role, "pronoun", token.i) if mention is not None else None


def _is_empty(token: Token) -> bool:
    """'It is time to …', 'it was clear that …': stands for nothing."""
    if token.lower_ != "it" or token.dep_ not in ("nsubj", "expl") or token.head.lemma_ != "be":
        return False
    children = {child.dep_ for child in token.head.children}
    return bool(children & {"acomp", "attr"}) and bool(children & {"ccomp", "xcomp", "csubj"})


def _subjects_above(token: Token) -> Iterator[Token]:
    """Pronoun → subjects of the verbs above it, nearest first, without the one that grammar rules out."""
    current = token
    own_clause = token.dep_ in ("nsubj", "nsubjpass") or token.dep_ in _OBJECT_EDGES
    for _ in range(10):
        if current.head.i == current.i:
            return
        current = current.head
        if current.pos_ not in ("VERB", "AUX"):
            continue
        subjects = [
            c
            for c in current.children
            if c.dep_ in ("nsubj", "nsubjpass") and c.i < token.i and not c.is_ancestor(token)
        ]
        if subjects and own_clause:
            own_clause = False
            continue
        if token.dep_ in ("nsubj", "nsubjpass") and current.i == token.head.i:
            own_clause = False
        yield from subjects
        for said in current.children:
            if said.dep_ == "ccomp" and said.i < token.i:
                yield from (
                    c for c in said.children if c.dep_ in ("nsubj", "nsubjpass") and not c.is_ancestor(token)
                )


def _agrees(parsed: Parsed, subject: Token, pronoun: str) -> bool:
    """Whether a subject and a pronoun agree in number and in being a person."""
    if subject.pos_ == "PRON":
        return subject.lower_ in ALL_PRONOUNS and _class_of(subject.lower_) == _class_of(pronoun)
    mention = parsed.by_token.get(subject.i)
    several = subject.tag_ in ("NNS", "NNPS") or any(child.dep_ == "conj" for child in subject.children)
    several = several or (mention is not None and (len(mention.codes) > 1 or mention.form == "group"))
    if pronoun in PLURAL_PRONOUNS:
        return several or (mention is not None and mention.form in ("capital", "alliance", "country"))
    if several:
        return False
    person = mention is not None and is_person(mention) and not _is_body(parsed, mention)
    return person if pronoun in PERSON_PRONOUNS else not person


def _class_of(pronoun: str) -> int:
    return next(
        number
        for number, group in enumerate((PERSON_PRONOUNS, THING_PRONOUNS, PLURAL_PRONOUNS, SPEAKER_PRONOUNS))
        if pronoun in group
    )


def _is_body(parsed: Parsed, mention: Mention) -> bool:
    """Whether an office is a body that 'it' goes back to ('the foreign ministry'), not a person."""
    last = mention.title.split()[-1] if mention.title else ""
    return not mention.person and last in parsed.words.pointing.bodies


def _group_before(parsed: Parsed, token: Token) -> tuple[str, ...]:
    """'They' → the people or the list of countries named last, in this sentence or the one before."""
    for other in reversed(parsed.doc[: token.i]):
        mention = parsed.by_token.get(other.i)
        if (
            mention is not None
            and mention.form == "demonym"
            and other.tag_ in ("NNS", "NNPS")
            and can_act(mention)
        ):
            return mention.codes
    for index in (parsed.sentence.index, parsed.sentence.index - 1):
        groups = [
            group
            for group in parsed.document.groups.get(index, ())
            if index < parsed.sentence.index or group.end <= token.idx
        ]
        if groups:
            return groups[0].codes
    return ()


def last_mention(parsed: Parsed, token: Token, persons: bool | None) -> Mention | None:
    """Pronoun → the mention it most likely stands for: earlier in the sentence, else the subject of one
    before.
    """

    def fits(mention: Mention) -> bool:
        if not can_act(mention):
            return False
        if persons is True:
            return is_person(mention) and mention.role != "LEG" and not _is_body(parsed, mention)
        if persons is False:
            return not mention.person and mention.form not in (
                "leader",
                "learned",
                "demonym",
                "alliance_seat",
            )
        return not mention.person

    barred = _own_subject(parsed, token)
    earlier = [
        m for m in parsed.mentions if m.end <= token.idx and fits(m) and (barred is None or m.codes != barred)
    ]
    if earlier:
        return earlier[0] if persons else earlier[-1]
    for index in range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - MOST_BACK), -1):
        before = [mention for mention in parsed.document.mentions[index] if fits(mention)]
        if before:
            text = parsed.document.sentences[index].text
            return next((mention for mention in before if persons or not _is_place(text, mention)), before[0])
    later = [mention for mention in parsed.mentions if mention.start > token.idx and fits(mention)]
    return later[0] if later and persons else None


def _own_subject(parsed: Parsed, token: Token) -> tuple[str, ...] | None:
    """Codes of the subject whose object the pronoun is: 'Poland helped it' is not about Poland."""
    if token.dep_ not in _OBJECT_EDGES:
        return None
    head = token.head if token.dep_ != "pobj" else token.head.head
    for child in head.children:
        if child.dep_ == "nsubj" and child.i in parsed.by_token:
            return parsed.by_token[child.i].codes
    return None


def _is_place(text: str, mention: Mention) -> bool:
    """Whether a mention says where something happened ('in Prague'), so that nothing goes back to it."""
    words = text[max(0, mention.start - 12) : mention.start].lower().split()
    return bool(words) and words[-1] in _PLACE_WORDS and mention.form in ("capital", "country", "seat")


# ---- who speaks ----


def _refer_speaker(parsed: Parsed, token: Token) -> Reference | None:
    """'We', 'our' → whose words they are: of the one quoted, or of the one whose statement the text is."""
    author = parsed.document.authors.get(parsed.sentence.index)
    if author and not _in_quotes(parsed.sentence.text, token.idx):
        return Reference(author, "HEAD", "author", token.i)
    mention = _speaker(parsed, token)
    return Reference(mention.codes, mention.role, "speaker", token.i) if mention is not None else None


def _in_quotes(text: str, position: int) -> bool:
    """Whether a character of a sentence stands inside quotation marks."""
    before = text[:position]
    if "“" in text or "”" in text:
        return before.count("“") > before.count("”") or text[position:].count("”") > text[position:].count(
            "“"
        )
    return before.count('"') % 2 == 1


def _speaker(parsed: Parsed, token: Token) -> Mention | None:
    """'We', 'our' → who speaks: the person named in the sentence outside the quote, else named last before
    it.
    """
    text = parsed.sentence.text
    persons = [mention for mention in parsed.mentions if can_act(mention) and is_person(mention)]
    outside = [mention for mention in persons if not _in_quotes(text, mention.start)]
    persons = outside if outside else persons
    after = [mention for mention in persons if mention.start > token.idx]
    before = [mention for mention in persons if mention.end <= token.idx]
    if before or after:
        return before[0] if before else after[-1]
    recent = range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - MOST_BACK), -1)
    for index in (*recent, 0):
        earlier = parsed.document.sentences[index].text
        for mention in parsed.document.mentions[index]:
            if (
                can_act(mention)
                and is_person(mention)
                and (index == 0 or not _in_quotes(earlier, mention.start))
            ):
                return mention
    return None


# ---- 'the country' ----


def last_country(parsed: Parsed, token: Token, region: frozenset[str] | None = None) -> str | None:
    """'The country', 'the president' → the country it most likely is: one that may gain, where it is to
    gain; else the last subject.

    Args:
        parsed: the sentence.
        token: the word that points back.
        region: countries it must be among ('the Nordic country').
    """
    document = parsed.document

    def countries(mentions: list[Mention]) -> list[str]:
        known = document.gazetteer.countries
        return [
            m.codes[0]
            for m in mentions
            if can_act(m)
            and len(m.codes) == 1
            and m.codes[0] in known
            and (region is None or m.codes[0] in region)
        ]

    gaining = token.dep_ in ("pobj", "dobj", "dative")

    def likely(codes: list[str]) -> list[str]:
        return (
            [code for code in codes if code in document.at_war or document.near_membership[code] > 0]
            if gaining
            else []
        )

    earlier = countries([mention for mention in parsed.mentions if mention.end <= token.idx])
    if earlier:
        return (likely(earlier) or earlier)[-1]
    reach = 3 if region is None else 8
    for index in range(parsed.sentence.index - 1, max(-1, parsed.sentence.index - reach), -1):
        before = countries(document.mentions[index])
        if before:
            return (likely(before) or before)[0]
    ranked = [code for code in document.countries if region is None or code in region]
    return ranked[0] if ranked else None
