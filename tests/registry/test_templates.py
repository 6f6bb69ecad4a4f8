import io

import openpyxl
import pytest

from feewatch.registry.kinds import KINDS
from feewatch.registry.reader import read_register
from feewatch.registry.templates import SAMPLES, template


def opened(kind):
    return openpyxl.load_workbook(io.BytesIO(template(KINDS[kind])))


def saved(book):
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_template_imports_as_it_is_and_holds_no_row(kind):
    reading = read_register(KINDS[kind], template(KINDS[kind]), "t.xlsx")
    assert (reading.refused, reading.warnings, reading.rows) == ([], [], [])


@pytest.mark.parametrize("kind", KINDS)
def test_the_sample_of_the_second_sheet_copied_to_the_first_imports(kind):
    book = opened(kind)
    first, second = book.worksheets[:2]
    first.append([cell.value for cell in second[2]])
    reading = read_register(KINDS[kind], saved(book), "t.xlsx")
    assert (reading.faults, len(reading.rows)) == ([], 1)


@pytest.mark.parametrize("kind", KINDS)
def test_samples_name_columns_that_exist(kind):
    assert set(SAMPLES[kind]) <= {column.name for column in KINDS[kind].columns}


def test_enumerations_are_chosen_from_a_list_of_chinese_words():
    sheet = opened("contracts").worksheets[0]
    lists = {str(each.sqref): each.formula1 for each in sheet.data_validations.dataValidation}
    assert lists["E2:E100000"] == '"按课时,按培训周期,两者"'


@pytest.mark.parametrize(("kind", "letter"), [("accounts", "B"), ("contracts", "A")])
def test_account_and_contract_numbers_are_text(kind, letter):
    sheet = opened(kind).worksheets[0]
    at = openpyxl.utils.column_index_from_string(letter)
    (column,) = [each for each in sheet.column_dimensions.values() if each.min <= at <= each.max]
    assert column.number_format == "@"


def test_notes_tell_in_both_languages_what_a_column_holds():
    note = opened("contracts").worksheets[0]["D1"].comment.text
    assert "不得填写姓名" in note
    assert "never a name" in note


def test_the_same_template_is_the_same_bytes():
    assert template(KINDS["contracts"]) == template(KINDS["contracts"])
    book = openpyxl.load_workbook(io.BytesIO(template(KINDS["contracts"])))
    assert book.properties.modified.year == 2021
