"""An act in a parsed sentence → who acts and who gains: by the parse first, then by what stands near.

Each answer says how it was found; confidence is made of that.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spacy.tokens import Token

from transforms.detection.acts import MAX_CLIMB, Act
from transforms.detection.lexicon import Slot
from transforms.detection.mentions import Mention
from transforms.detection.objects import ObjectCue
from transforms.detection.references import Parsed, Reference, refer, refer_one

_PREPOSITIONS: dict[Slot, tuple[str, ...]] = {
    "from": ("from",), "by": ("by",), "of": ("of",), "to": ("to", "toward", "towards"), "for": ("for",),
    "with": ("with",), "on": ("on",), "against": ("against",), "in": ("in",),
}  # fmt: skip
#: Edges over which a verb without a subject takes that of the verb above.
_SHARED_SUBJECT = frozenset({"xcomp", "conj", "advcl", "ccomp", "pcomp", "acl", "dep", "prep"})


@dataclass(frozen=True, slots=True)
class Role:
    """Who fills a slot, and how that was found out."""

    references: tuple[Reference, ...]
    how: str

    @property
    def codes(self) -> tuple[str, ...]:
        """All codes, each once, in order."""
        return tuple(dict.fromkeys(code for reference in self.references for code in reference.codes))


def find_subject(parsed: Parsed, verb: Token) -> tuple[Token | None, str]:
    """Verb → its subject and how it was found: its own, shared with the verb above, or the noun it describes."""
    current = verb
    how = "subject"
    for _ in range(MAX_CLIMB):
        passive = any(child.dep_ in ("nsubjpass", "auxpass") for child in current.children)
        for child in current.children:
            if child.dep_ == "agent":
                for pobj in child.children:
                    if pobj.dep_ == "pobj":
                        return pobj, "agent"
        for child in sorted(current.children, key=lambda word: (word.dep_ == "csubj", abs(word.i - current.i))):
            if child.dep_ in ("nsubj", "csubj") or (child.dep_ == "nsubjpass" and current is not verb):
                if child.tag_ in ("WDT", "WP") and current.dep_ == "relcl":
                    return current.head, "relative"
                if child.tag_ in ("WDT", "WP", "EX"):
                    break
                return child, how
        if passive and current is verb:
            giver = _giver_in_passive(parsed, current)
            return (giver, "passive_owner") if giver is not None else (None, "passive")
        if current.dep_ == "relcl" and current.tag_ in ("VBG", "VBN"):
            return current.head, "relative"
        if current.dep_ == "acl":
            if current.tag_ == "VBG" or current.head.dep_ in ("nsubj", "nsubjpass"):
                return current.head, "describes"
            head = current.head
            owner = next((child for child in head.children if child.dep_ in ("poss", "compound", "amod") and child.i in parsed.by_token), None)
            if owner is not None:
                return owner, "owner"
            current = head.head if head.dep_ in ("dobj", "attr", "pobj") else head
            if current.dep_ == "prep":
                current = current.head
            how = "shared"
            continue
        if current.dep_ not in _SHARED_SUBJECT or current.head.i == current.i:
            if current.pos_ in ("NOUN", "PROPN") and current.dep_ in ("dobj", "attr", "pobj", "nsubjpass") and current.head.i != current.i:
                current = current.head
                how = "shared"
                continue
            return None, "none"
        if current.dep_ == "pcomp":
            blamed = _blamed(current)
            if blamed is not None:
                return blamed, "controlled"
        controlled = _object_controller(current)
        if controlled is not None:
            return controlled, "controlled"
        current = current.head
        how = "shared"
    return None, "none"


_BLAMING = frozenset("accuse blame criticise criticize praise thank condemn suspect congratulate push pressure persuade talk convict".split())


def _blamed(verb: Token) -> Token | None:
    """'Accused Budapest of blocking', 'his reasons for vetoing' → who does what stands after the preposition."""
    holder = verb.head.head
    owner = next((child for child in holder.children if child.dep_ == "poss"), None)
    if holder.pos_ == "NOUN" and owner is not None:
        return owner
    if holder.lemma_.lower() in _BLAMING:
        return next((child for child in holder.children if child.dep_ == "dobj" and child.i < verb.i), None)
    return None


def _giver_in_passive(parsed: Parsed, verb: Token) -> Token | None:
    """'U.S. aid was withheld': without an agent, the owner of what is given is who acts."""
    for child in verb.children:
        if child.dep_ == "nsubjpass" and "aid" in (parsed.lexicon.strong.get(child.lemma_.lower()) or parsed.lexicon.weak.get(child.lemma_.lower()) or ""):
            for owner in child.children:
                if owner.dep_ in ("poss", "compound", "amod", "nmod") and owner.i in parsed.by_token:
                    codes = parsed.by_token[owner.i].codes
                    if codes and not set(codes) & set(parsed.document.likely_gainers(True)[:1]):
                        return owner
    return None


def _object_controller(verb: Token) -> Token | None:
    """'Urged Congress to pass' → Congress: the object of the verb above is the one who should act."""
    if verb.dep_ not in ("xcomp", "ccomp"):
        return None
    if verb.head.lemma_.lower() in ("promise", "vow", "pledge", "threaten", "assure", "tell") and verb.dep_ == "ccomp":
        return None
    if verb.head.lemma_.lower() == "promise":
        return None
    if verb.dep_ == "xcomp" and any(child.lower_ == "to" and child.dep_ == "aux" for child in verb.children):
        for child in verb.head.children:
            if child.dep_ == "dobj" and child.i < verb.i and child.i > verb.head.i:
                return child
    return None


def find_actor(parsed: Parsed, act: Act) -> Role:
    """Act → who acts, by the frame's slots in order."""
    slots = act.frame.actor
    if act.part != "noun" and not act.frame.reversed:
        slots = ("subject",)
    if act.part == "noun":
        slots = tuple(sorted(slots, key=("possessor", "from", "by", "subject", "of", "in", "to", "for").index))
    for slot in slots:
        role = _actor_in(parsed, act, slot)
        if role.references:
            return role
    return Role((), "none")


def subject_role(parsed: Parsed, verb: Token) -> Role:
    """Verb → who its subject stands for; over a subject that is a thing ('a process that would send') to who does it."""
    current = verb
    for step in range(4):
        subject, how = find_subject(parsed, current)
        if subject is None:
            return Role((), "none")
        references = refer(parsed, subject)
        if references and references[0].how == "modifier" and parsed.lexicon.strong.get(subject.lemma_.lower()) in ("membership", "partnership"):
            return Role((), "nobody")
        if references:
            return Role(tuple(references), how if step == 0 else "through_thing")
        inside = _named_inside(parsed, subject)
        if inside is not None:
            return Role((inside,), "inside")
        if subject.pos_ == "PRON" or subject.tag_ == "DT":
            return Role((), "none")
        if subject.dep_ not in ("dobj", "pobj", "attr") or subject.i in parsed.by_token:
            return Role((), "nobody")
        head = subject.head.head if subject.dep_ == "pobj" else subject.head
        if head.i == current.i or head.pos_ not in ("VERB", "AUX"):
            return Role((), "none")
        current = head
    return Role((), "none")


def _named_inside(parsed: Parsed, subject: Token) -> Reference | None:
    """'A large sum of U.S. funding', 'members of the French cabinet' → who is named inside the subject's phrase."""
    for token in subject.children:
        if token.dep_ == "prep" and token.lower_ == "of":
            for pobj in token.children:
                if pobj.dep_ == "pobj":
                    reference = refer_one(parsed, pobj)
                    if reference is not None:
                        return reference
    return None


def _actor_in(parsed: Parsed, act: Act, slot: Slot) -> Role:
    token = act.token
    if slot == "subject":
        if act.part == "verb":
            return subject_role(parsed, token)
        if act.part == "adjective":
            return subject_role(parsed, token.head if token.dep_ in ("acomp", "attr", "prep", "oprd") else token)
        return _light_verb_subject(parsed, token)
    if slot == "possessor":
        for child in token.children:
            if child.dep_ in ("poss", "compound", "amod", "nmod"):
                mention = parsed.by_token.get(child.i)
                if mention is not None and mention.codes and not mention.inactive and mention.form != "city":
                    if act.frame.id in ("admit", "join") and mention.codes[0] not in parsed.document.gazetteer.alliances:
                        continue
                    return Role(tuple(owner_references(parsed, child)), "possessor")
                if child.dep_ == "poss" and act.frame.id not in ("admit", "join"):
                    return Role(tuple(refer(parsed, child)), "possessor")
        return Role((), "none")
    if slot in _PREPOSITIONS:
        for child in token.children:
            if child.dep_ in ("prep", "agent") and child.lower_ in _PREPOSITIONS[slot]:
                for pobj in child.children:
                    if pobj.dep_ == "pobj":
                        references = refer(parsed, pobj)
                        if references:
                            return Role(tuple(references), slot)
    return Role((), "none")


def owner_references(parsed: Parsed, token: Token) -> list[Reference]:
    """Owner in front of a noun → its references, with those coordinated with it."""
    mention = parsed.by_token[token.i]
    found = [Reference(mention.codes, mention.role, str(mention.form), token.i)] if mention.codes else []
    for child in token.children:
        if child.dep_ == "conj":
            other = parsed.by_token.get(child.i)
            if other is not None and other.codes:
                found.append(Reference(other.codes, other.role, str(other.form), child.i))
    return found


def _light_verb_subject(parsed: Parsed, noun: Token) -> Role:
    """'Expressed support', 'voiced its opposition' → the subject of the verb the noun completes."""
    current = noun
    for _ in range(3):
        if current.dep_ in ("dobj", "attr", "pobj", "prep", "oprd") and current.head.i != current.i:
            current = current.head
            if current.pos_ in ("VERB", "AUX"):
                if current.lemma_.lower() not in parsed.lexicon.lexicon.light_verbs:
                    return Role((), "none")
                role = subject_role(parsed, current)
                return Role(role.references, "light_" + role.how)
        else:
            break
    return Role((), "none")


def find_beneficiary(parsed: Parsed, act: Act, cues: Iterable[ObjectCue], actor: Role, membership: bool) -> Role:
    """Act → who gains, ranked by where it stands in what the act is about."""
    excluded = set(actor.codes) if not act.frame.own else set()
    ranked: list[tuple[int, int, Token]] = []
    cue_tokens = {i for cue in cues for i in range(cue.token, cue.last + 1)}
    actor_tokens = {reference.token for reference in actor.references}
    for i in act.theme:
        token = parsed.doc[i]
        if i in actor_tokens or _is_addressed(act, token):
            continue
        if i not in parsed.by_token and token.pos_ not in ("NOUN", "PRON", "PROPN", "NUM", "DET"):
            continue
        reference = _beneficiary_reference(parsed, token)
        if reference is None or set(reference.codes) & excluded:
            continue
        if not _can_gain(parsed, reference) or _is_enemy(parsed, token):
            continue
        if membership and _is_member_there(parsed, reference):
            continue
        ranked.append((_rank(token, act, cue_tokens, membership), abs(i - act.token.i), token))
    if not ranked:
        return Role((), "none")
    rank, _, best = min(ranked, key=lambda item: (item[0], item[1]))
    references = [
        reference
        for reference in _beneficiary_list(parsed, best)
        if not set(reference.codes) & excluded and _can_gain(parsed, reference)
    ]
    return Role(tuple(references), f"theme_{rank}")


#: Verbs whose direct object is told something, and gains nothing by that.
_ADDRESSING = frozenset("warn urge ask tell press pressure push persuade convince call beg lobby encourage implore request demand".split())


def _is_addressed(act: Act, token: Token) -> bool:
    """'Warned Russia against', 'call on Germany to': the one spoken to."""
    if act.token.lemma_.lower() not in _ADDRESSING:
        return False
    if token.dep_ == "dobj" and token.head.i == act.token.i:
        return True
    return token.dep_ == "pobj" and token.head.head.i == act.token.i and token.head.lower_ in ("on", "to", "upon")


def _beneficiary_reference(parsed: Parsed, token: Token) -> Reference | None:
    mention = parsed.by_token.get(token.i)
    if mention is not None:
        if not mention.codes or mention.form == "city" or mention.inactive:
            return None
        return Reference(mention.codes, mention.role, str(mention.form), token.i)
    if token.pos_ == "PRON" or token.lemma_.lower() in parsed.lexicon.lexicon.country_nouns:
        return refer_one(parsed, token)
    return None


def _beneficiary_list(parsed: Parsed, token: Token) -> list[Reference]:
    first = token
    while first.dep_ == "conj" and first.head.i != first.i and first.head.pos_ in ("PROPN", "NOUN", "ADJ"):
        if _beneficiary_reference(parsed, first.head) is None:
            break
        first = first.head
    found: list[Reference] = []
    stack = [first]
    while stack and len(found) < 20:
        current = stack.pop(0)
        reference = _beneficiary_reference(parsed, current)
        if reference is not None:
            found.append(reference)
        stack += [child for child in current.children if child.dep_ in ("conj",)]
    known = {code for reference in found for code in reference.codes}
    mention = parsed.by_token.get(token.i)
    if mention is not None:
        for other in listed_with(parsed, mention):
            if not set(other.codes) & known and other.form != "city" and not other.inactive:
                found.append(Reference(other.codes, other.role, str(other.form), -1))
    return found


_LISTED = re.compile(r"^(?:'s?)?\s*(?:,|,?\s*(?:and|or|&|as well as|plus|along with|together with|alongside))\s*(?:the\s+|both\s+)?$")


def listed_with(parsed: Parsed, mention: Mention) -> list[Mention]:
    """Mention → the mentions that stand in one list with it ('Sweden, Finland', "Finland's and Sweden's")."""
    mentions = [m for m in parsed.mentions if m.codes]
    position = mentions.index(mention) if mention in mentions else -1
    if position < 0:
        return []
    found: list[Mention] = []
    text = parsed.doc.text
    for step in (1, -1):
        current = position
        while 0 <= current + step < len(mentions) and len(found) < 20:
            one, two = sorted((mentions[current], mentions[current + step]), key=lambda m: m.start)
            if not _LISTED.match(text[one.end : two.start]):
                break
            current += step
            found.append(mentions[current])
    return found


def _can_gain(parsed: Parsed, reference: Reference) -> bool:
    return all(code in parsed.document.gazetteer.countries for code in reference.codes)


def _is_enemy(parsed: Parsed, token: Token) -> bool:
    """'War with Russia', 'Russian threat': a country that a conflict's noun goes with gains nothing."""
    head = token.head
    if token.dep_ == "pobj":
        head = head.head
    if token.dep_ == "poss" and token.i in parsed.by_token and set(parsed.by_token[token.i].codes) <= parsed.document.adversaries:
        return head.lemma_.lower() not in ("war", "fight", "effort", "campaign", "army", "military")
    if head.lemma_.lower() in parsed.lexicon.lexicon.conflict_nouns and (token.dep_ == "pobj" or token.dep_ in ("amod", "poss", "compound")):
        return not any(code in parsed.document.at_war for code in (parsed.by_token[token.i].codes if token.i in parsed.by_token else ()))
    return token.dep_ == "pobj" and token.head.lower_ in ("against", "between", "in", "inside", "at", "over", "near", "across", "outside")


def _is_member_there(parsed: Parsed, reference: Reference) -> bool:
    return not parsed.document.can_join(reference.codes[0])


def _rank(token: Token, act: Act, cue_tokens: set[int], membership: bool) -> int:
    """Where a country stands in the theme → how likely it gains, 0 best."""
    dep, head = token.dep_, token.head
    while dep == "conj" and head.i != head.head.i:
        dep, head = head.dep_, head.head
    if dep == "conj":
        dep, head = head.dep_, head.head
    owner = dep in ("poss", "compound", "amod", "nmod")
    if owner and head.dep_ in ("poss", "compound", "nmod") and head.i not in cue_tokens:
        head = head.head
    if membership:
        if owner and head.i in cue_tokens:
            return 0
        if dep in ("nsubj", "nsubjpass"):
            return 0 if head.lemma_.lower() in ("join", "become", "enter", "accede", "belong", "be", "integrate") else 1
        if dep in ("dobj", "dative"):
            return 1
        if dep == "pobj":
            return 1 if head.lower_ in ("for", "of", "with", "to", "from") else 3
        return 2 if owner else 3
    if dep == "pobj" and head.lower_ in ("to", "for", "with", "of", "toward", "towards", "behind", "by"):
        return 0
    if dep in ("dative", "dobj"):
        return 0
    if owner:
        return 1
    return 2 if dep in ("nsubj", "nsubjpass") else 3
