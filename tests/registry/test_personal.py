import csv
import hashlib
from pathlib import Path

import pytest

from feewatch.demo.world import build
from feewatch.kernel.problems import Problem
from feewatch.registry.kinds import KINDS
from feewatch.registry.personal import looks_personal, names_a_person
from feewatch.registry.reader import read_register
from feewatch.registry.templates import SAMPLES


@pytest.mark.parametrize(
    "cell",
    [
        "张三",
        "阿依古丽·买买提",
        "张*",
        "S001张三",
        "Zhang San",
        "13812345678",
        "138 1234 5678",
        "+86 138-1234-5678",
        "S001/13812345678",
        "0532-88886666",
        "370702201503071234",
        "37070220150307123X",
        "370702 20150307 1234",
        "tel13800138000x",
        "a13812345678b",
        "138.0013.8000",
        "S37070220150307123X",
        "id:370702201503071234.",
        "١٣٨٠٠١٣٨٠٠٠",
        "१३८००१३८०००",
        "①③⑧⓪⓪①③⑧⓪⓪⓪",
        "一三八零零一三八〇〇〇",
        "zhangsan",
        "ZhangSan",
        "zhang.san",
        "Zhang-San",
        "San_Zhang",
        "li_xiaoming01",
        "2013wangwei",
        "stu-zhangsan",
        "ouyangnana",
        "lǚbù",
        "ｚｈａｎｇｓａｎ",
    ],
)
def test_a_name_a_phone_or_an_identity_number_looks_personal(cell):
    assert looks_personal(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "Sd4b5d23309",
        "S-0001",
        "20260001234",
        "370702201513071234",  # no month 13
        "175928847299117056",
        "1381234567",  # a digit short of a mobile
        "138123456789",
        "a13812345678b7c",  # part of a hash
        "S1024",
        "stu-88a1",
        "xuehao-0012",
        "yuan01",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "wang",
        "a1li2wei3",
        "550e8400-e29b-41d4-a716-446655440000",
        "00000012345",
    ],
)
def test_an_opaque_token_does_not(cell):
    assert not looks_personal(cell)


@pytest.mark.parametrize(
    "number", ["tel13800138000x", "张三13800138000", "zhangsan", "KC-37070220150307123X", "li.wei"]
)
def test_a_number_of_a_record_names_nobody(number):
    assert names_a_person(number)


@pytest.mark.parametrize(
    "number",
    [
        "HT20260001",
        "yuwen",
        "LANTIAN-2026-01",
        "KC-yuwen-01",
        "合同〔2026〕第3号",
        "15-2026-07-01-3",
    ],
)
def test_schools_and_subjects_stand_in_numbers(number):
    assert not names_a_person(number)


@pytest.mark.parametrize(
    ("kind", "row", "column"),
    [
        ("contracts", {"student": "zhangsan"}, "student"),
        ("contracts", {"contract_no": "HT-tel13800138000x"}, "contract_no"),
        ("contracts", {"course_id": "张三１３８００１３８０００"}, "course_id"),
        ("courses", {"title": "舞蹈（联系١٣٨٠٠١٣٨٠٠٠）"}, "title"),
        (
            "institutions",
            {"legal_representative": "张三37070219800307123X"},
            "legal_representative",
        ),
    ],
)
def test_a_register_refuses_such_cells_and_does_not_echo_them(kind, row, column):
    values = SAMPLES[kind] | row
    out = [list(values), list(values.values())]
    data = "\n".join(",".join(line) for line in out).encode()
    reading = read_register(KINDS[kind], data, "a.csv")
    faults = [each for each in (*reading.faults, *reading.refused) if isinstance(each, Problem)]
    [fault] = [each for each in faults if each.code == "CELL-PERSONAL"]
    assert (fault.column, fault.value) == (column, None)
    assert row[column] not in str(faults)


def test_no_token_of_the_worlds_that_ship_is_refused(tmp_path):
    """Precision: what offices really use must pass."""
    made = build(1, tmp_path, contracts_each=8)
    tokens = {contract.student for school in made.schools for contract in school.contracts}
    world = Path(__file__).parents[1] / "data" / "example-world"
    for path in world.rglob("contracts*.csv"):
        rows = csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines())
        tokens |= {row.get("student") or row.get("学员标识") or "" for row in rows}
    tokens |= {"S" + hashlib.sha256(str(n).encode()).hexdigest()[:16] for n in range(20_000)}
    assert len(tokens) > 20_500
    assert [token for token in tokens if looks_personal(token)] == []
