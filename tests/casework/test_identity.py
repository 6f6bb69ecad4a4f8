import hashlib

from feewatch.casework.identity import alert_id
from feewatch.engine.findings import Identity

FEE = Identity("FEE-CAP-5000", "91370702MA3C00000X", "contract", "HT-001", 20_500)


def test_the_id_can_be_recomputed_from_the_identity():
    canonical = '["FEE-CAP-5000","91370702MA3C00000X","contract","HT-001","2026-02-16"]'
    assert alert_id(FEE) == "A" + hashlib.sha256(canonical.encode()).hexdigest()[:15]


def test_each_part_of_the_identity_changes_the_id():
    others = [
        FEE._replace(rule="FEE-CAP-5001"),
        FEE._replace(uscc=""),
        FEE._replace(subject_kind="course"),
        FEE._replace(subject_id="HT-002"),
        FEE._replace(on=20_501),
    ]
    ids = {alert_id(each) for each in [FEE, *others]}
    assert len(ids) == 6
    assert {len(each) for each in ids} == {16}
