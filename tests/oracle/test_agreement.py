"""The engine against an oracle that shares no code with it, on random worlds and both databases.

The oracle (``rules_*.py``, ``amounts.py``, ``matching.py``) is plain Python written from the texts:
the catalogue of rules, the contract's definitions, the price table. ``--seeds 20`` runs the whole.
"""

from collections import Counter

from oracle.engine import Answer, Engine, answers
from oracle.generator import make_world
from oracle.rules_prices import FILE
from oracle.verdicts import BREACH, COMPLIANT, UNDETERMINED
from oracle.verdicts_of_world import judge

RULES = {each.stem for each in (FILE.parents[1] / "rulebook").glob("*.toml")}
#: Rules that cannot come out in all three ways, and the ways they cannot.
NEVER = {
    "ACC-NONE": {UNDETERMINED},
    "ACC-UNMATCHED": {UNDETERMINED},
    "ACC-UNREG": {COMPLIANT, UNDETERMINED},
    "BAL-MIN": {UNDETERMINED},
    "CASE-OVERDUE": {UNDETERMINED},
    "CON-SILENT": {UNDETERMINED},
    "DATA-BAL": {UNDETERMINED},
    "DATA-DARK": {UNDETERMINED},
    "DATA-GAP": {UNDETERMINED},
    "DATA-SELF": {UNDETERMINED},
    "DATA-STALE": {UNDETERMINED},
    "DEP-PLEDGE": {UNDETERMINED},
    "FEE-CAP-5000": {UNDETERMINED},
    "PRICE-EXTRA": {UNDETERMINED},
    "STAGE-PRESCHOOL": {UNDETERMINED},
    "SUBJ-DISGUISED": {UNDETERMINED},
}


def expected(world):
    """The oracle's answers by identity."""
    verdicts = judge(world)
    found = {each.identity: Answer(each.outcome, each.figures) for each in verdicts}
    assert len(found) == len(verdicts), "the oracle judges a subject twice"
    return found


def differences(world, engine):
    """(identity, the oracle's word, the engine's) wherever one of them says something else."""
    want, got = expected(world), answers(engine, world.as_of)
    return [
        (key, want.get(key), got.get(key))
        for key in sorted({*want, *got})
        if want.get(key) != got.get(key)
    ]


def test_sqlite_agrees_with_the_oracle(seed, tmp_path):
    world, engine = make_world(seed), Engine(tmp_path)
    engine.take_in(world, tmp_path / "world")
    assert differences(world, engine) == []


def test_postgresql_agrees_with_the_oracle(postgres_seed, tmp_path, postgres_url):
    world, engine = make_world(postgres_seed), Engine(tmp_path, postgres_url)
    engine.take_in(world, tmp_path / "world")
    assert differences(world, engine) == []


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
