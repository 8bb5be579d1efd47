"""An act in a parsed sentence → what it is about, by its words, its names, the text; and how that was found.

Rejects objects of a class that the act's frame can't have: 'delivered' is never about membership.
"""

from collections import Counter
from collections.abc import Sequence

from transforms.codebook import Object
from transforms.detection.acts import Act
from transforms.detection.objects import ObjectCue, object_class
from transforms.detection.parsed import Parsed
from transforms.detection.relevance import earlier_sentences, told_in
from transforms.detection.tokens import Token

#: What an act is about, if known, and how that was found.
Choice = tuple[Object | None, str]

#: Ways of knowing what an act is about that a frame which needs a cue accepts.
_SURE = frozenset({"strong", "verb", "verb_alliance", "weak_alliance", "own", "at_war", "weak"})
#: Frames that need no more than a country at war: 'stand with Ukraine', 'help Ukraine'.
_PLAIN_SUPPORT = frozenset({"support", "help"})


def cues_around(parsed: Parsed, act: Act) -> list[ObjectCue]:
    """Act → the cues in what it is about, and in its own phrase."""
    described = (token.i for token in act.token.lefts if token.dep_ in ("compound", "amod"))
    return parsed.cues_within((act.token.i, *act.theme, *described))


def choose_object(parsed: Parsed, act: Act, cues: Sequence[ObjectCue]) -> Choice:
    """What an act is about: by its own words, by who gains, by the sentence, by what came before."""
    value, how = _choose_by_context(parsed, act, cues)
    known = how in _SURE or not act.frame.needs_cue or _points_back(parsed, act)
    return (value, how) if known else (None, "none")


def _points_back(parsed: Parsed, act: Act) -> bool:
    """'Hailed the decision', 'offered twenty': what it is about was told before."""
    if act.part != "verb":
        return False
    words = parsed.words.about
    for child in act.token.children:
        if child.dep_ in ("dobj", "nsubjpass"):
            named = any(
                below.dep_ in ("prep", "acl", "relcl", "compound", "poss") for below in child.children
            )
            if child.lemma_.lower() in words.told_before and not named:
                return True
            if child.pos_ == "NUM" and child.dep_ == "dobj" and not named:
                return "aid" in act.frame.objects
    return False


def _choose_by_context(parsed: Parsed, act: Act, cues: Sequence[ObjectCue]) -> Choice:
    value, how = _by_own_words(parsed, act, cues)
    if value is not None and object_class(value) not in act.frame.objects:
        value, how = None, "none"
    if value is not None and how == "weak" and _only_membership_is_named(parsed, act, value):
        return "membership", "sentence"
    plain = how == "weak" or (how == "none" and act.frame.id in _PLAIN_SUPPORT)
    if plain and "aid" in act.frame.objects and _names_country_at_war(parsed, act):
        return ("military_aid" if value is None or object_class(value) == "membership" else value), "at_war"
    if value is None:
        value, how = _by_sentence(parsed, act)
    if value is None:
        value, how = _by_earlier_sentence(parsed, act)
    return value, how


def _by_own_words(parsed: Parsed, act: Act, cues: Sequence[ObjectCue]) -> Choice:
    """'Backed the membership bid' → membership; strong cues first, then an alliance, then weak cues."""
    strong = [
        cue
        for cue in cues
        if cue.strong
        and object_class(cue.object) in act.frame.objects
        and (cue.token != act.token.i or act.frame.id == "aid-noun")
    ]
    if strong:
        return min(strong, key=lambda cue: abs(cue.token - act.token.i)).object, "strong"
    if "membership" in act.frame.objects and any(_enters_alliance(parsed, parsed.doc[i]) for i in act.theme):
        return "membership", "strong"
    if moves_member(parsed, act):
        return "membership", "verb_alliance"
    if act.frame.id in ("join", "withdraw", "admit") and joins_alliance(parsed, act, must=True):
        return "membership", "verb_alliance"
    if act.frame.id == "join" and joins_alliance(parsed, act):
        return "membership", "verb"
    fitting = [
        cue for cue in cues if cue.strong and (cue.token != act.token.i or act.frame.id != "take-part")
    ]
    own = next((cue.object for cue in fitting), None)
    if own is not None:
        return own, "own"
    weak = [cue for cue in cues if cue.token != act.token.i]
    names_alliance = any(parsed.by_token[i].form == "alliance" for i in act.theme if i in parsed.by_token)
    if names_alliance and any(cue.object == "membership" for cue in weak):
        return "membership", "weak_alliance"
    if "aid" in act.frame.objects and weak and _is_for_forces(parsed, act):
        return "military_aid", "strong"
    if weak:
        best = min(weak, key=lambda cue: (cue.object == "membership", abs(cue.token - act.token.i)))
        return best.object, "weak"
    return None, "none"


def _only_membership_is_named(parsed: Parsed, act: Act, value: Object) -> bool:
    """'Asked for support for its accession': what weakly looks like aid is about membership."""
    if object_class(value) != "aid" or act.frame.id not in ("apply", "promote"):
        return False
    here = {object_class(cue.object) for cue in parsed.cues if cue.strong}
    return here == {"membership"}


def _names_country_at_war(parsed: Parsed, act: Act) -> bool:
    return any(
        code in parsed.document.at_war
        for i in act.theme
        if (mention := parsed.by_token.get(i)) is not None
        for code in mention.codes
    )


def _is_for_forces(parsed: Parsed, act: Act) -> bool:
    """'Aid to the Malian army': what an army gets is military aid."""
    forces = (parsed.doc[i] for i in act.theme if parsed.doc[i].lemma_.lower() in parsed.words.about.forces)
    return any(word.dep_ == "pobj" and word.head.lower_ in ("to", "for") for word in forces)


def _enters_alliance(parsed: Parsed, verb: Token) -> bool:
    """'The wish to enter BRICS': a verb of joining over the name of an alliance."""
    if verb.pos_ != "VERB" or verb.lemma_.lower() not in parsed.words.about.entering:
        return False
    objects = [child for child in verb.children if child.dep_ == "dobj"] + objects_behind(
        verb, ("to", "into")
    )
    return any(
        token.i in parsed.by_token and parsed.by_token[token.i].form == "alliance" for token in objects
    )


def moves_member(parsed: Parsed, act: Act) -> bool:
    """'BRICS admitted Ethiopia', 'the G7 suspended Russia': an alliance lets a country in, or out."""
    verb = act.token
    if act.frame.id not in ("admit", "withdraw") or verb.lemma_.lower() not in parsed.words.about.moving:
        return False
    named = {
        child.dep_: mention
        for child in verb.children
        if child.dep_ in ("nsubj", "dobj") and (mention := parsed.by_token.get(child.i)) is not None
    }
    if len(named) < 2 or not named["nsubj"].codes or not named["dobj"].codes:
        return False
    moves = named["nsubj"].codes[0] in parsed.document.gazetteer.alliances
    return moves and named["dobj"].form == "country" and not named["dobj"].inactive


def joins_alliance(parsed: Parsed, act: Act, must: bool = False) -> bool:
    """Whether what is joined or left is an alliance; joining may leave it unsaid, unless it `must` be."""
    objects = [child for child in act.token.children if child.dep_ in ("dobj", "pobj")]
    objects += objects_behind(act.token, ("to", "into", "from", "of", "in"))
    if act.multiword and not must:
        return True
    if not objects:
        return not must
    generic = {
        word
        for code in parsed.document.alliances[:2]
        for word in parsed.document.gazetteer.alliances[code].generic
    }
    for token in objects:
        near = [token, *(c for c in token.children if c.dep_ in ("appos", "compound", "poss", "nmod"))]
        mentions = [parsed.by_token[word.i] for word in near if word.i in parsed.by_token]
        if any(mention.form in ("alliance", "body") for mention in mentions):
            return True
        if token.lemma_.lower() in generic:
            return True
    return False


def objects_behind(token: Token, prepositions: Sequence[str]) -> list[Token]:
    """Word → what stands behind its prepositions: 'withdraw from the treaty', 'pull out of it' → treaty."""
    below = [child for child in token.children if child.dep_ in ("prep", "prt", "advmod")]
    below += [
        word for child in below if child.lower_ == "out" for word in child.children if word.dep_ == "prep"
    ]
    return [
        pobj
        for child in below
        if child.dep_ == "prep" and child.lower_ in prepositions
        for pobj in child.children
        if pobj.dep_ == "pobj"
    ]


def _by_sentence(parsed: Parsed, act: Act) -> Choice:
    """What another word of the sentence is about, where the act's own do not say."""
    cues = [cue for cue in parsed.cues if cue.strong]
    cues = [cue for cue in cues if object_class(cue.object) in act.frame.objects]
    if not cues:
        return None, "none"
    return min(cues, key=lambda cue: abs(cue.token - act.token.i)).object, "sentence"


def _by_earlier_sentence(parsed: Parsed, act: Act) -> Choice:
    """What the sentence before, else the title, is about, where the act's own sentence does not say."""
    for sentence in earlier_sentences(parsed.sentence, parsed.document):
        told = told_in(sentence, parsed.document, parsed.lexicon)
        values = [parsed.lexicon.strong[phrase] for phrase in told]
        found = [value for value in values if object_class(value) in act.frame.objects]
        if found:
            return Counter(found).most_common(1)[0][0], "earlier"
    return None, "none"


# ---- sorts of aid ----


def sorts_of_aid(parsed: Parsed, act: Act) -> list[Object]:
    """'Security, economic and humanitarian assistance' → each sort once, in order."""
    words = parsed.words.about
    inside = [parsed.doc[i] for i in sorted({*act.theme, act.token.i})]
    sorts = [
        words.sorts_of_aid[token.lower_]
        for token in inside
        if token.lower_ in words.sorts_of_aid
        and token.dep_ in ("amod", "conj")
        and _described_noun(token).lemma_.lower() in words.aid_nouns
    ]
    return list(dict.fromkeys(sorts))


def _described_noun(token: Token) -> Token:
    current = token
    while current.dep_ == "conj" and current.head.i != current.i:
        current = current.head
    return current.head


def is_money_of_eu(parsed: Parsed, act: Act, value: Object, alliance: str | None) -> bool:
    """Whether it is an aid package of the EU that names no weapons: economic aid then."""
    if value != "military_aid" or alliance != "EU":
        return False
    words = {parsed.doc[i].lemma_.lower() for i in act.theme} | {act.token.lemma_.lower()}
    arms = any(
        cue.object == "military_aid" and cue.strong and cue.words != "aid package" for cue in parsed.cues
    )
    return bool(words & parsed.words.about.money) and not arms
