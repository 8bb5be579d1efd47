"""A verb in a parsed sentence → its subject: its own, shared with a verb above, or the noun it describes.

Rejects subjects that only point elsewhere ('which', 'there') and those that stand for nobody who can act.
"""

from transforms.detection.acts import MAX_CLIMB
from transforms.detection.parsed import Parsed, Reference
from transforms.detection.references import refer, refer_one
from transforms.detection.roles import NOBODY, Role
from transforms.detection.tokens import Token

#: Edges over which a verb without a subject takes that of the verb above.
_SHARED_SUBJECT = frozenset({"xcomp", "conj", "advcl", "ccomp", "pcomp", "acl", "dep", "prep"})

Subject = tuple[Token | None, str]


def find_subject(parsed: Parsed, verb: Token) -> Subject:
    """Verb → its subject and how it was found: its own, shared, or the noun it describes."""
    current = verb
    for step in range(MAX_CLIMB):
        found = _subject_at(parsed, current, first=step == 0)
        if found is not None:
            return found
        above = _verb_above(current)
        if above is None:
            break
        current = above
    return None, "none"


def _subject_at(parsed: Parsed, verb: Token, first: bool) -> Subject | None:
    """Verb → its subject and how, (None, …) where it has none at all, None where the verb above may tell."""
    agent = _agent(verb)
    if agent is not None:
        return agent, "agent"
    own = _own_subject(verb, first)
    if own is not None:
        return own
    if first and any(child.dep_ in ("nsubjpass", "auxpass") for child in verb.children):
        giver = _giver_in_passive(parsed, verb)
        return (giver, "passive_owner") if giver is not None else (None, "passive")
    if verb.dep_ == "relcl" and verb.tag_ in ("VBG", "VBN"):
        return verb.head, "relative"
    if verb.dep_ == "acl":
        return _described(parsed, verb)
    if verb.dep_ not in _SHARED_SUBJECT or verb.head.i == verb.i:
        return None
    controller = (_blamed(parsed, verb) if verb.dep_ == "pcomp" else None) or _object_controller(parsed, verb)
    return (controller, "controlled") if controller is not None else None


def _verb_above(verb: Token) -> Token | None:
    """Verb without a subject → the word above whose subject it shares, or None."""
    if verb.head.i == verb.i:
        return None
    if verb.dep_ == "acl":
        current = verb.head.head if verb.head.dep_ in ("dobj", "attr", "pobj") else verb.head
        return current.head if current.dep_ == "prep" else current
    completes = verb.pos_ in ("NOUN", "PROPN") and verb.dep_ in ("dobj", "attr", "pobj", "nsubjpass")
    return verb.head if verb.dep_ in _SHARED_SUBJECT or completes else None


def _agent(verb: Token) -> Token | None:
    """'Was vetoed by Hungary' → Hungary."""
    for child in verb.children:
        if child.dep_ == "agent":
            for pobj in child.children:
                if pobj.dep_ == "pobj":
                    return pobj
    return None


def _own_subject(verb: Token, first: bool) -> Subject | None:
    """'Norway sent' → Norway, the nearest; 'Norway, which sent' → Norway; 'there is' has none."""
    for child in sorted(verb.children, key=lambda word: (word.dep_ == "csubj", abs(word.i - verb.i))):
        if child.dep_ in ("nsubj", "csubj") or (child.dep_ == "nsubjpass" and not first):
            if child.tag_ in ("WDT", "WP") and verb.dep_ == "relcl":
                return verb.head, "relative"
            if child.tag_ in ("WDT", "WP", "EX"):
                return None
            return child, "subject" if first else "shared"
    return None


def _described(parsed: Parsed, verb: Token) -> Subject | None:
    """'The states sending arms' → states; 'Norway's plan to send' → Norway."""
    if verb.tag_ == "VBG" or verb.head.dep_ in ("nsubj", "nsubjpass"):
        return verb.head, "describes"
    for child in verb.head.children:
        if child.dep_ in ("poss", "compound", "amod") and child.i in parsed.by_token:
            return child, "owner"
    return None


def _blamed(parsed: Parsed, verb: Token) -> Token | None:
    """'Accused Budapest of blocking', 'his reasons for vetoing' → who does it."""
    holder = verb.head.head
    owner = next((child for child in holder.children if child.dep_ == "poss"), None)
    if holder.pos_ == "NOUN" and owner is not None:
        return owner
    if holder.lemma_.lower() in parsed.words.participants.blaming:
        return next((child for child in holder.children if child.dep_ == "dobj" and child.i < verb.i), None)
    return None


def _giver_in_passive(parsed: Parsed, verb: Token) -> Token | None:
    """'U.S. aid was withheld': without an agent, the owner of what is given is who acts."""
    gainer = set(parsed.document.likely_gainers(True)[:1])
    for child in verb.children:
        lemma = child.lemma_.lower()
        value = parsed.lexicon.strong.get(lemma) or parsed.lexicon.weak.get(lemma) or ""
        if child.dep_ != "nsubjpass" or "aid" not in value:
            continue
        for owner in child.children:
            if owner.dep_ in ("poss", "compound", "amod", "nmod") and owner.i in parsed.by_token:
                codes = set(parsed.by_token[owner.i].codes)
                if codes and not codes & gainer:
                    return owner
    return None


def _object_controller(parsed: Parsed, verb: Token) -> Token | None:
    """'Urged Congress to pass' → Congress: the object of the verb above is the one who should act."""
    above = verb.head.lemma_.lower()
    if above == "promise" or (above in parsed.words.participants.telling and verb.dep_ == "ccomp"):
        return None
    if verb.dep_ == "xcomp" and any(child.lower_ == "to" and child.dep_ == "aux" for child in verb.children):
        for child in verb.head.children:
            if child.dep_ == "dobj" and verb.head.i < child.i < verb.i:
                return child
    return None


def subject_role(parsed: Parsed, verb: Token) -> Role:
    """Verb → who its subject stands for; over a thing ('a process that would send') to who does it."""
    current = verb
    for step in range(4):
        subject, how = find_subject(parsed, current)
        if subject is None:
            return NOBODY
        references = refer(parsed, subject)
        if references:
            if references[0].how == "modifier" and _is_membership(parsed, subject):
                return Role((), "nobody")
            return Role(tuple(references), how if step == 0 else "through_thing")
        inside = _named_inside(parsed, subject)
        if inside is not None:
            return Role((inside,), "inside")
        if subject.pos_ == "PRON" or subject.tag_ == "DT":
            return NOBODY
        if subject.dep_ not in ("dobj", "pobj", "attr") or subject.i in parsed.by_token:
            return Role((), "nobody")
        head = subject.head.head if subject.dep_ == "pobj" else subject.head
        if head.i == current.i or head.pos_ not in ("VERB", "AUX"):
            return NOBODY
        current = head
    return NOBODY


def _is_membership(parsed: Parsed, subject: Token) -> bool:
    """'Georgia's accession would help …': membership as a subject is nobody's act."""
    return parsed.lexicon.strong.get(subject.lemma_.lower()) in ("membership", "partnership")


def _named_inside(parsed: Parsed, subject: Token) -> Reference | None:
    """'A large sum of U.S. funding', 'members of the French cabinet' → who is named inside it."""
    for token in subject.children:
        if token.dep_ == "prep" and token.lower_ == "of":
            for pobj in token.children:
                if pobj.dep_ == "pobj":
                    reference = refer_one(parsed, pobj)
                    if reference is not None:
                        return reference
    return None


def light_verb_subject(parsed: Parsed, noun: Token) -> Role:
    """'Expressed support', 'voiced its opposition' → the subject of the verb the noun completes."""
    current = noun
    for _ in range(3):
        if current.dep_ not in ("dobj", "attr", "pobj", "prep", "oprd") or current.head.i == current.i:
            break
        current = current.head
        if current.pos_ in ("VERB", "AUX"):
            if current.lemma_.lower() not in parsed.words.acts.light_verbs:
                return NOBODY
            role = subject_role(parsed, current)
            return Role(role.references, "light_" + role.how)
    return NOBODY
