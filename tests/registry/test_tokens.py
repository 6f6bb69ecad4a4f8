import csv
import io

import openpyxl
import pytest

from feewatch.registry.kinds import KINDS
from feewatch.registry.personal import looks_personal
from feewatch.registry.profile_file import load_profiles
from feewatch.registry.reader import read_register
from feewatch.registry.tokens import old_token_of, token_of, tokenise

KEY, OTHER_KEY = b"k" * 32, b"x" * 32
USCC = "52370702651728628K"
ID = "37070220150307123X"
HEADER = (
    "contract_no,uscc,course_id,姓名,手机号,身份证号,basis,lessons,"
    "starts_on,ends_on,fee,paid_on,备注"
)
ROW = f"HT1,{USCC},KC1,张三,13812345678,{ID},hours,40,2026-03-01,2026-05-31,2800,2026-02-20,好"


def run(*rows, header=HEADER, kind="contracts", key=KEY):
    data = "\n".join([header, *rows]).encode()
    return tokenise(KINDS[kind], data, "名册.csv", key, load_profiles())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ((ID, "张三", "13812345678"), (ID.lower(), "张 三", "")),
        ((ID, "", ""), (" 370702 20150307 123X ", "", "")),
        ((ID, "", ""), ("G" + ID, "", "")),
        (("", "张三", "13812345678"), ("", " 张　三 ", "+86 138-1234-5678")),
        (("", "阿依古丽·买买提", "1381"), ("", "阿依古丽•买买提", "1381")),
        (("", "Zhang San", "1381"), ("", "ZHANG SAN", "１３８１")),
    ],
)
def test_the_same_person_gives_the_same_token_however_it_is_written(one, other):
    assert token_of(KEY, USCC, *one) == token_of(KEY, USCC, *other)


@pytest.mark.parametrize(
    "other", [("", "张三", "13812345679"), ("", "张四", "13812345678"), (ID, "张三", "13812345678")]
)
def test_another_person_gives_another_token(other):
    assert token_of(KEY, USCC, "", "张三", "13812345678") != token_of(KEY, USCC, *other)


def test_another_office_gives_another_token():
    assert token_of(KEY, USCC, ID, "", "") != token_of(OTHER_KEY, USCC, ID, "", "")


@pytest.mark.parametrize("person", [("", "张三", ""), ("", "", "13812345678"), (" ", " ", " ")])
def test_a_name_or_a_phone_alone_is_nobody(person):
    assert token_of(KEY, USCC, *person) is None


def test_a_token_is_opaque():
    token = token_of(KEY, USCC, ID, "", "")
    assert len(token) == 17
    assert not looks_personal(token)


def test_a_file_with_names_becomes_one_that_imports_and_tells_what_it_dropped():
    done = run(ROW, ROW.replace("HT1", "HT2"))
    assert done.dropped == ["姓名", "手机号", "身份证号", "备注"]
    assert (done.persons, done.without_identity) == (1, 0)
    text = done.as_csv().decode()
    for secret in ("张三", "13812345678", ID, "好"):
        assert secret not in text
    reading = read_register(KINDS["contracts"], done.as_csv(), "t.csv")
    assert (reading.refused, reading.faults, reading.warnings) == ([], [], [])
    assert {row.record.student for row in reading.rows} == {token_of(KEY, USCC, ID, "", "")}
    assert read_register(KINDS["contracts"], done.as_xlsx(), "t.xlsx").rows == reading.rows


def test_a_row_without_identity_number_is_known_by_name_and_phone():
    done = run(ROW, ROW.replace(ID, ""))
    assert (done.persons, done.without_identity) == (2, 1)


def test_swapped_columns_of_phones_give_equal_tokens():
    header = "家长手机号,学员手机号,姓名,contract_no,uscc"
    one = run(f"2222,1111,张三,HT1,{USCC}", header=header)
    other = run(f"1111,2222,张三,HT1,{USCC}", header="学员手机号,家长手机号,姓名,contract_no,uscc")
    assert one.rows[1] == other.rows[1]


def test_a_row_of_nobody_stops_the_whole_file_and_shows_nothing_of_it():
    done = run(ROW, ROW.replace(ID, "").replace("13812345678", ""))
    assert [(p.code, p.line, p.value) for p in done.problems] == [("PERSON-UNKNOWN", 3, None)]
    assert done.rows == []


@pytest.mark.parametrize(
    ("header", "row", "code"),
    [
        ("contract_no,姓名", "HT1,张三", "PERSON-COLUMNS"),
        ("contract_no,学员标识,姓名,手机号", "HT1,S1,张三,1", "TOKENS-STAND"),
        ("甲,姓名,手机号", "1,张三,1", "COLUMNS-UNKNOWN"),
        ("contract_no,姓名,手机号", "HT1,张三,1", "PERSON-INSTITUTION"),
        ("", "", "FILE-EMPTY"),
    ],
)
def test_a_file_that_cannot_be_tokenised_says_why(header, row, code):
    assert [problem.code for problem in run(row, header=header).problems] == [code]


def test_lessons_have_no_student_and_only_lose_what_is_personal():
    done = run("HT1,张三,2026-03-01,2", header="合同编号,学员,上课日期,课时数", kind="lessons")
    assert done.rows == [["合同编号", "上课日期", "课时数"], ["HT1", "2026-03-01", "2"]]


def test_an_identity_number_kept_as_a_number_has_lost_its_end_and_is_refused():
    book = openpyxl.Workbook()
    book.active.append(["contract_no", "身份证号", "uscc"])
    book.active.append(["HT1", 370702201503071234, USCC])
    out = io.BytesIO()
    book.save(out)
    done = tokenise(KINDS["contracts"], out.getvalue(), "a.xlsx", KEY)
    assert [(p.code, p.line, p.column) for p in done.problems] == [("CELL-DIGITS", 2, "身份证号")]


def test_a_file_of_a_profile_is_still_recognised_afterwards():
    header = "合同号,校区信用代码,课程编码,课程,学员,手机号,"
    header += "购买课时,有效期开始,有效期结束,实收金额,报名日期"
    row = f"HT1,{USCC},KC1,舞蹈,张三,13812345678,40,2026/3/1,2026/5/31,2800,2026/2/20"
    done = run(row, header=header)
    (titles, cells) = csv.reader(io.StringIO(done.as_csv().decode("utf-8-sig")))
    assert "课程" in titles
    assert "张三" not in cells
    reading = read_register(KINDS["contracts"], done.as_csv(), "t.csv", load_profiles())
    assert reading.profile.id == "academic-contracts"
    assert len(reading.rows) == 1


def test_a_pupil_of_two_institutions_has_two_tokens():
    other = ROW.replace(USCC, "52371003146412163U")
    mine, theirs, again = (row[-1] for row in run(ROW, other, ROW.replace("HT1", "HT2")).rows[1:])
    assert mine == again != theirs


def test_a_token_of_an_earlier_release_stays_where_it_is_on_file():
    old = old_token_of(KEY, ID, "", "")
    data = "\n".join([HEADER, ROW, ROW.replace(USCC, "52371003146412163U")]).encode()
    done = tokenise(
        KINDS["contracts"], data, "名册.csv", KEY, load_profiles(),
        lambda tokens: {(USCC, token) for token in tokens},
    )  # fmt: skip
    assert [row[-1] for row in done.rows[1:]] == [
        old, token_of(KEY, "52371003146412163U", ID, "", ""),
    ]  # fmt: skip
