"""Layout files: shipped ones hold, a user's own is enough for a new bank, faults are all told."""

import pytest

from feewatch.kernel.errors import InvalidInputError
from feewatch.statements.dialects import load_dialects


def test_the_generic_layout_is_shipped(layouts, reading, samples):
    assert reading(samples.table()).dialect == "generic"
    assert reading(samples.table(), "generic").dialect == "generic"


def test_no_folders_and_an_empty_folder_give_the_shipped_layouts(tmp_path, layouts):
    assert load_dialects([tmp_path]) == layouts


@pytest.mark.parametrize(
    "content",
    [
        "",
        "not toml",
        "columns = 3",
        'name = 1\nid = 1\ntitle = "x"\ncolumns = []\nrecognise = 5',
        "[columns]\nin = 4\nmoney_in = 4",
        "[columns]\nwhatever = ['x']",
        "[unknown]\nx = 1",
        "title = {}\n[head]\nperiod = 'x'\n[columns]\n",
    ],
)
def test_a_layout_with_faults_is_refused_with_its_file_named(tmp_path, content):
    (tmp_path / "mine.toml").write_text(content, encoding="utf-8")
    with pytest.raises(InvalidInputError) as caught:
        load_dialects([tmp_path])
    assert "mine.toml" in f"{caught.value} {vars(caught.value)}"


def test_a_layout_that_is_no_utf_8_is_refused(tmp_path):
    (tmp_path / "mine.toml").write_bytes("title = '银行'".encode("gb18030"))
    with pytest.raises(InvalidInputError):
        load_dialects([tmp_path])
