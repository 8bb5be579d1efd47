"""Pairs of texts that differ in one thing → the claims differ in just that.

Each pair is right where both texts give exactly the labelled claims. The share reached is pinned in
`floors.json`; run with `-s` to see the pairs that are not, by the change made and the module at fault.
"""

import json
from collections import Counter, defaultdict
from datetime import date
from pathlib import Path

HERE = Path(__file__).parent
FIELDS = ("actor", "beneficiary", "alliance", "object", "kind", "stance", "factuality")
#: Which module decides a field, first cause first.
AT_FAULT = {
    "actor": "roles",
    "beneficiary": "roles",
    "alliance": "candidates",
    "object": "objects",
    "factuality": "composition",
    "kind": "composition",
    "stance": "conditions",
}


def claims_of(detected):
    """What was detected → claims as the pairs label them, denied ones among them."""
    return {
        (actor, beneficiary, e.alliance, e.object, e.kind, e.stance, e.factuality)
        for e in detected.events
        for actor in e.actors
        for beneficiary in e.beneficiaries
    }


def blame(wanted, found, rejection):
    """Labelled and found claims of a text → the module most likely at fault, and the first difference."""
    missing, extra = sorted(wanted - found, key=str), sorted(found - wanted, key=str)
    if rejection:
        return "gate", rejection
    if missing and not extra:
        return "candidates", f"missed {missing[0]}"
    if extra and not missing:
        return ("timing" if not wanted else "candidates"), f"false {extra[0]}"
    near = min(extra, key=lambda claim: sum(a != b for a, b in zip(claim, missing[0], strict=True)))
    wrong = [name for name, a, b in zip(FIELDS, near, missing[0], strict=True) if a != b]
    return next(
        module for name, module in AT_FAULT.items() if name in wrong
    ), f"{', '.join(wrong)}: {near} for {missing[0]}"


def test_pairs_that_differ_in_one_thing(detect):
    pairs = [json.loads(line) for line in (HERE / "contrasts.jsonl").read_text(encoding="utf-8").splitlines()]
    passed, of = Counter(), Counter()
    failures = defaultdict(list)
    for pair in pairs:
        right = True
        for side in ("before", "after"):
            text = pair[side]
            detected = detect(text["title"], text["text"], date.fromisoformat(text["published"]))
            wanted = {tuple(claim) for claim in pair[f"{side}_claims"]}
            found = claims_of(detected)
            if found != wanted:
                right = False
                module, why = blame(wanted, found, detected.rejection)
                failures[pair["change"], module].append(f"{pair['id']} {side}: {why} | {text['text']}")
        of[pair["change"]] += 1
        passed[pair["change"]] += right
    lines = [f"{sum(passed.values())} of {len(pairs)} pairs right"]
    lines += [f"  {change}: {passed[change]} of {of[change]}" for change in sorted(of)]
    for (change, module), found in sorted(failures.items()):
        lines += [f"{change}, {module}:", *(f"  {line}" for line in found)]
    report = "\n".join(lines)
    print(report)
    floor = json.loads((HERE / "floors.json").read_text(encoding="utf-8"))["contrasts"]
    assert sum(passed.values()) >= floor, report
