"""Column profiles: other systems' exports read as registers, problems under their own headers."""

import io

import openpyxl
import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.registry.kinds import KINDS
from feewatch.registry.profile_file import SHIPPED, load_profiles, samples
from feewatch.registry.reader import read_register
from feewatch.registry.rejects import rejected_csv

USCC = "52370702651728628K"
PLATFORM = (
    "合同(订单)列表,,,,,,,,,,\n"
    "*订单编号,机构统一社会信用代码,课程编号,学员标识,收费类型,课时数,开课日期,结课日期,"
    "订单金额（元）,支付时间,支付方式\n"
)
ROW = (
    f"D1,{USCC},KC1,S1,按课次,40 课时,2026/9/1,20261231,"
    '"¥2,800.00 元",2026-08-20 10:11:12,微信支付\n'
)


def read(text, kind="contracts", profiles=None):
    profiles = load_profiles() if profiles is None else profiles
    return read_register(KINDS[kind], text.encode(), "导出.csv", profiles)


def platform(*rows):
    return read(PLATFORM.replace("订单金额（元）", "订单金额") + "".join(rows))


def test_every_shipped_profile_loads_and_none_claims_to_be_proven():
    profiles = load_profiles()
    assert len(profiles) == len(list(SHIPPED.glob("*.toml")))
    assert not any(profile.proven for profile in profiles)
    assert all("未见真实导出文件" in profile.source.zh for profile in profiles)


#: What each sample comes to: rows, warnings beside that of the unproven profile, some fields.
SAMPLES = {
    "academic-contracts": (1, 1, {"contract_no": "HT26090001", "fee_fen": 280_000}),
    "academic-lessons": (1, 1, {"held_on": parse_day("2026-09-01"), "lessons": 2}),
    "hotline-clues": (2, 3, {"clue_no": "RX202607010001", "due_on": parse_day("2026-07-08")}),
    "platform-contracts": (2, 1, {"contract_no": "PT26090001", "channel": "wechat"}),
    "platform-institutions": (1, 1, {"subject": "arts", "custody": "bank_custody"}),
    "platform-lessons": (2, 1, {"lessons": 2, "confirmed_by": "parent"}),
    "platform-orders": (2, 0, {"charge_no": "D26090001", "amount_fen": 200_000}),
    "platform-refunds": (1, 1, {"refund_no": "TF26100001", "amount_fen": 70_000}),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_sample_of_each_profile_says_that_it_was_made_and_is_read_whole(name):
    rows, warnings, fields = SAMPLES[name]
    content = samples()[f"{name}.csv"]
    assert content.decode().startswith("样例：本系统自制")
    profile = next(each for each in load_profiles() if each.id == name)
    reading = read_register(KINDS[profile.kind], content, "样例.csv", load_profiles())
    assert reading.profile == profile
    assert (reading.faults, reading.refused, len(reading.rows)) == ([], [], rows)
    assert len(reading.warnings) == warnings + 1
    record = reading.rows[0].record
    assert {field: getattr(record, field) for field in fields} == fields
    assert "样例学员" not in repr(reading)
    assert "样例家长" not in repr(reading)


def test_every_profile_has_a_sample_and_no_sample_is_without_one():
    assert {f"{each.id}.csv" for each in load_profiles()} == set(samples())


def test_a_file_read_by_an_unproven_profile_says_so_and_one_by_a_proven_does_not(tmp_path):
    unproven = platform(ROW).warnings
    assert [(w.code, w.line) for w in unproven] == [("PROFILE-UNPROVEN", 2)]
    (tmp_path / "mine.toml").write_text("proven = true\n" + MINE, encoding="utf-8")
    text = "单号,日期,课时消耗\nHT1,20260901,2\n"
    assert read(text, "lessons", load_profiles([tmp_path])).warnings == []


def test_an_export_of_the_platform_is_read_below_its_title_and_without_its_foot():
    reading = platform(ROW, "合计,,,,,,,,2800.00,,\n")
    assert (reading.faults, reading.refused) == ([], [])
    (row,) = reading.rows
    assert row.line == 3
    record = row.record
    assert (record.contract_no, record.basis, record.lessons) == ("D1", "hours", 40)
    assert (record.fee_fen, record.channel) == (280_000, "wechat")
    assert (record.starts_on, record.ends_on, record.paid_on) == tuple(
        parse_day(day) for day in ("2026-09-01", "2026-12-31", "2026-08-20")
    )


@pytest.mark.parametrize(
    ("good", "bad", "header", "value"),
    [
        ("20261231", "20261331", "结课日期", "20261331"),
        ("2026/9/1", "1/9/2026", "开课日期", "1/9/2026"),
        ("40 课时", "40 小时", "课时数", "40 小时"),
        ("40 课时", "40.5", "课时数", "40.5"),
        ("¥2,800.00 元", "US$2,800", "订单金额", "US$2,800"),
        ("按课次", "包年", "收费类型", "包年"),
    ],
)
def test_a_problem_names_the_column_and_the_value_as_the_file_has_them(good, bad, header, value):
    (fault,) = platform(ROW.replace(good, bad)).faults
    assert (fault.line, fault.column, fault.value) == (3, header, value)
    assert fault.message.zh.startswith(header)


@pytest.mark.parametrize("cell", ["40", "40.0", "40.00", "40节"])
def test_a_count_may_carry_its_unit_and_an_empty_part(cell):
    (row,) = platform(ROW.replace("40 课时", cell)).rows
    assert row.record.lessons == 40


def test_personal_columns_are_dropped_before_anything_else_sees_them():
    text = PLATFORM.replace("\n*订单编号", "\n学员姓名,监护人姓名,*订单编号")
    reading = read(
        text.replace("订单金额（元）", "订单金额") + "张三,李四," + ROW.replace("40 ", "x")
    )
    assert [(w.code, w.column) for w in reading.warnings] == [
        ("COLUMN-PERSONAL", "学员姓名"),
        ("COLUMN-PERSONAL", "监护人姓名"),
        ("PROFILE-UNPROVEN", None),
    ]
    assert len(reading.faults) == 1
    everything = repr(reading) + rejected_csv(reading, reading.faults).decode()
    assert "张三" not in everything
    assert "李四" not in everything


def test_the_registers_own_headers_need_no_profile():
    header = "contract_no,uscc,course_id,student,basis,lessons,starts_on,ends_on,fee,paid_on"
    reading = read(f"{header}\nHT1,{USCC},KC1,S1,hours,40,2026.9.1,2026-12-31,1,2026-08-20\n")
    assert reading.profile is None
    assert [(f.code, f.column) for f in reading.faults] == [("CELL-DAY", "starts_on")]


def test_a_file_that_no_profile_fits_is_refused_for_the_registers_own_columns():
    reading = read("甲,乙\n1,2\n")
    assert reading.profile is None
    assert {problem.code for problem in reading.refused} == {"COLUMN-MISSING"}


def test_a_file_without_tokens_is_told_how_they_are_made():
    reading = read(
        PLATFORM.replace("学员标识", "学员姓名").replace("订单金额（元）", "订单金额") + ROW
    )
    assert [(p.code, p.column) for p in reading.refused] == [("COLUMN-MISSING", "student")]
    assert "feewatch tokenize" in reading.refused[0].message.zh


def test_lessons_of_an_academic_system_are_read_from_a_workbook():
    book = openpyxl.Workbook()
    book.active.append(["合同号", "学员", "上课时间", "消耗课时", "签到方式"])
    book.active.append(["HT1", "张三", "2026.9.1 18:30", 2, "老师点名"])
    out = io.BytesIO()
    book.save(out)
    reading = read_register(KINDS["lessons"], out.getvalue(), "课消.xlsx", load_profiles())
    assert reading.profile.id == "academic-lessons"
    (row,) = reading.rows
    assert (row.record.held_on, row.record.lessons) == (parse_day("2026-09-01"), 2)
    assert row.record.confirmed_by == "institution"


MINE = """
id = "mine"
kind = "lessons"
title = { zh = "甲系统", en = "system A" }
recognise = ["单号", "课时消耗"]
days = ["YMD"]
[columns]
contract_no = ["单号"]
held_on = ["日期"]
lessons = ["课时消耗"]
[constants]
confirmed_by = "parent"
"""


def test_an_office_adds_a_profile_by_a_file_in_its_folder(tmp_path):
    (tmp_path / "mine.toml").write_text(MINE, encoding="utf-8")
    reading = read("单号,日期,课时消耗\nHT1,20260901,2\n", "lessons", load_profiles([tmp_path]))
    (row,) = reading.rows
    assert row.record.confirmed_by == "parent"
    assert "confirmed_by" in reading.fields_told


def test_a_file_of_the_office_replaces_the_shipped_profile_of_its_id(tmp_path):
    text = MINE.replace('"mine"', '"academic-lessons"')
    (tmp_path / "a.toml").write_text(text, encoding="utf-8")
    profiles = {profile.id: profile for profile in load_profiles([tmp_path])}
    assert len(profiles) == len(load_profiles())
    assert profiles["academic-lessons"].title.zh == "甲系统"


@pytest.mark.parametrize(
    ("good", "bad", "words"),
    [
        ('kind = "lessons"', 'kind = "teachers"', "one of institutions"),
        ('id = "mine"', 'id = "mine"\nheader = 3', "unknown key header; allowed: "),
        ('id = "mine"', "", "id: id is missing"),
        ('days = ["YMD"]', 'days = "YMD"', "days: must be a list"),
        ('days = ["YMD"]', 'days = ["D.M.Y"]', "D.M.Y: one of Y-M-D"),
        ('zh = "甲系统", ', "", "title: must be {zh, en}"),
        ('recognise = ["单号", "课时消耗"]', "recognise = []", "recognise: must be a list"),
        ('["单号", "课时消耗"]', '["单号", "学员姓名"]', "学员姓名 is a personal column"),
        ('held_on = ["日期"]', 'held_on = ["单号"]', "单号 stands for several columns"),
        ('held_on = ["日期"]', 'taught_on = ["日期"]', "taught_on: no column of lessons"),
        ('held_on = ["日期"]', 'held_on = "日期"', "columns.held_on: must be a list"),
        ('= "parent"', '= "mother"', "constants.confirmed_by: mother: not one of"),
        ("[constants]", '[personal]\nphone = ["日期"]\n[constants]', "日期 stands in columns too"),
        (
            "[constants]",
            '[personal]\nage = ["年"]\n[constants]',
            "personal.age: unknown key age; allowed: name",
        ),
        ("[constants]", '[values.lessons]\n"两" = "2.5"\n[constants]', "values.lessons.两: 2.5"),
        ("[columns]", "[columns", "cannot be read"),
    ],
)
def test_a_faulty_profile_is_refused_with_the_key_and_what_is_allowed(tmp_path, good, bad, words):
    (tmp_path / "mine.toml").write_text(MINE.replace(good, bad), encoding="utf-8")
    with pytest.raises(InvalidInputError) as refused:
        load_profiles([tmp_path])
    assert "mine.toml" in refused.value.text.en
    assert words in refused.value.text.en


def test_all_faults_of_all_files_come_at_once(tmp_path):
    (tmp_path / "a.toml").write_text("id = 1", encoding="utf-8")
    (tmp_path / "b.toml").write_text(MINE.replace("YMD", "DMY"), encoding="utf-8")
    with pytest.raises(InvalidInputError) as refused:
        load_profiles([tmp_path, tmp_path / "gone"])
    for words in ("a.toml: id", "a.toml: kind", "b.toml: days", "no folder"):
        assert words in refused.value.text.en
