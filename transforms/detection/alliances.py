"""An act with its participants → the alliance it is about: named in it, acting, near, or the text's own.

Never an alliance that is not watched; for aid, only one that is named in what is given or that gives alone.
"""

from collections.abc import Iterable

from transforms.codebook import Object
from transforms.detection.acts import Act
from transforms.detection.objects import object_class
from transforms.detection.parsed import MEMBERS, Parsed
from transforms.detection.roles import Role
from transforms.detection.tokens import Token

_NAMING_FORMS = ("alliance", "body", "office", "office_again")


def find_alliance(
    parsed: Parsed, act: Act, actor: Role, gainer: Role, value: Object
) -> tuple[str | None, str]:
    """Act with who acts, who gains and what → alliance and how it was found: 'theme', 'actor' …"""
    membership = object_class(value) == "membership"
    theme = [parsed.doc[i] for i in act.theme]
    in_theme = _named(parsed, theme)
    if in_theme is not None:
        return in_theme, "theme"
    generic = _generic(parsed, theme)
    if generic is not None:
        return generic, "generic"
    acting = _acting(parsed, actor, alone=not membership)
    if acting is not None:
        return acting, "actor"
    if not membership:
        return None, "none"
    in_sentence = _named(parsed, parsed.doc)
    if in_sentence is not None:
        return in_sentence, "sentence"
    if value == "partnership":
        return None, "none"
    gazetteer, day = parsed.document.gazetteer, parsed.document.day
    for code in parsed.document.alliances:
        if all(gazetteer.is_aspirant(country, code, day) for country in gainer.codes):
            return code, "aspirant"
    return parsed.document.main_alliance, "document"


def _named(parsed: Parsed, tokens: Iterable[Token]) -> str | None:
    """'The EU's talks', 'the NATO chief' → the first watched alliance named."""
    alliances = parsed.document.gazetteer.alliances
    for token in tokens:
        mention = parsed.by_token.get(token.i)
        if mention is not None and mention.form in _NAMING_FORMS:
            for code in mention.codes:
                if code in alliances and alliances[code].watched:
                    return code
    return None


def _generic(parsed: Parsed, tokens: Iterable[Token]) -> str | None:
    """'The bloc', 'the alliance' → the one of the text that is called so."""
    alliances = parsed.document.gazetteer.alliances
    for token in tokens:
        if token.i in parsed.by_token:
            continue
        for code in parsed.document.alliances[:2]:
            if token.lemma_.lower() in alliances[code].generic:
                return code
    return None


def _acting(parsed: Parsed, actor: Role, alone: bool) -> str | None:
    """'The EU opened talks', 'most allies have ratified' → the alliance that acts, if need be alone."""
    codes = [code.removesuffix(MEMBERS) for code in actor.codes]
    acting = [code for code in codes if code in parsed.document.gazetteer.alliances]
    if not acting or (alone and set(codes) != {acting[0]}):
        return None
    return acting[0]
