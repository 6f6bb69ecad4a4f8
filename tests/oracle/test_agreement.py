"""The engine against an oracle that shares no code with it, on random worlds and both databases.

The oracle (``rules_*.py``, ``amounts.py``, ``matching.py``) is plain Python written from the texts:
the catalogue of rules, the contract's definitions, the price table. ``--seeds 20`` runs the whole.
"""

from collections import Counter

from oracle.engine import Answer, Engine, answers
from oracle.generator import make_world
from oracle.verdicts import BREACH, COMPLIANT, UNDETERMINED
from oracle.verdicts_of_world import judge

#: The rules that the oracle knows; others are no matter here.
RULES = frozenset(
    """
    ACC-LICENCE ACC-NONE ACC-OFF ACC-SELF ACC-UNMATCHED ACC-UNREG BAL-COVER BAL-MIN CON-BURST
    CON-OVER CON-SILENT DATA-BAL DATA-DARK DATA-GAP DATA-STALE DEP-MIN DEP-PLEDGE FEE-CAP-5000
    FEE-EARLY-NEW FEE-EARLY-RENEW FEE-HOURS-60 FEE-NO-LOAN FEE-SPAN-3M FLOW-SPIKE OUT-DIVIDEND
    OUT-LARGE OUT-PAYEE OUT-PERSON OUT-PURPOSE PRICE-EXTRA PRICE-GUIDE PRICE-POSTED
    PRICE-PUBLISH REF-SHORT REL-SYNC SUBJ-DISGUISED
    """.split()  # noqa: SIM905 (a list reads worse)
)
#: Rules that cannot come out in all three ways, and the ways they cannot.
NEVER = {
    "ACC-NONE": {UNDETERMINED},
    "ACC-UNMATCHED": {UNDETERMINED},
    "ACC-UNREG": {COMPLIANT, UNDETERMINED},
    "BAL-MIN": {UNDETERMINED},
    "CON-SILENT": {UNDETERMINED},
    "DATA-BAL": {UNDETERMINED},
    "DATA-DARK": {UNDETERMINED},
    "DATA-GAP": {UNDETERMINED},
    "DATA-STALE": {UNDETERMINED},
    "DEP-PLEDGE": {UNDETERMINED},
    "FEE-CAP-5000": {UNDETERMINED},
    "PRICE-EXTRA": {UNDETERMINED},
    "SUBJ-DISGUISED": {UNDETERMINED},
}


def expected(world):
    """The oracle's answers by identity."""
    verdicts = judge(world)
    found = {each.identity: Answer(each.outcome, each.figures) for each in verdicts}
    assert len(found) == len(verdicts), "the oracle judges a subject twice"
    return found


def differences(world, engine, rules):
    """(identity, the oracle's word, the engine's) wherever one of them says something else."""
    want, got = expected(world), answers(engine, world.as_of)
    return [
        (key, want.get(key), got.get(key))
        for key in sorted({*want, *got})
        if want.get(key) != got.get(key) and key[0] in rules
    ]


def test_sqlite_agrees_with_the_oracle(seed, tmp_path):
    world, engine = make_world(seed), Engine(tmp_path)
    engine.take_in(world, tmp_path / "world")
    assert differences(world, engine, RULES) == []


def test_postgresql_agrees_with_the_oracle(postgres_seed, tmp_path, postgres_url):
    world, engine = make_world(postgres_seed), Engine(tmp_path, postgres_url)
    engine.take_in(world, tmp_path / "world")
    assert differences(world, engine, RULES) == []


def test_every_rule_comes_out_in_every_way_it_can():
    """No agreement is empty: each rule has breaches, compliant and undetermined subjects."""
    counts = Counter((v.rule, v.outcome) for seed in range(20) for v in judge(make_world(seed)))
    assert {rule for rule, _ in counts} == RULES
    lacking = [
        (rule, way)
        for rule in sorted(RULES)
        for way in (BREACH, COMPLIANT, UNDETERMINED)
        if not counts[rule, way] and way not in NEVER.get(rule, ())
    ]
    assert lacking == []
