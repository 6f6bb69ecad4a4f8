import pytest

from feewatch.kernel.days import parse_day
from feewatch.kernel.errors import InvalidInputError
from feewatch.ledger.channels import NAMES, load_channels

GOOD = """
settlement_words = ["结算"]
[channels.wechat]
words = ["财付通", "ＴｅｎＰａｙ"]
lags = [1]
rates = [{ from = 2020-01-01, rate = 0.006 }, { from = 2026-01-01, rate = 0.0038 }]
"""


def load(tmp_path, text):
    path = tmp_path / "channels.toml"
    path.write_text(text, encoding="utf-8")
    return load_channels(path)


def test_the_file_shipped_has_all_channels_of_the_register():
    assert {each.name for each in load_channels()} == set(NAMES)


def test_a_rate_holds_from_its_day_on(tmp_path):
    (wechat,) = load(tmp_path, GOOD)
    days = ("2019-12-31", "2020-01-01", "2025-12-31", "2026-01-01")
    assert [wechat.rate_on(parse_day(day)) for day in days] == [0, 6000, 6000, 3800]
    assert wechat.words == ("财付通", "tenpay")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "[channels.wechat]",
            "[channels.paypal]",
            "unknown key paypal; allowed: platform",
        ),
        ("lags = [1]", "lags = [1, 9]", "channels.wechat.lags"),
        ("lags = [1]", "lags = []", "channels.wechat.lags"),
        (
            "lags = [1]",
            "lag = [1]",
            "channels.wechat.lag: unknown key lag; allowed: ",
        ),
        ('["财付通", "ＴｅｎＰａｙ"]', '[""]', "channels.wechat.words"),
        ('["结算"]', "3", "settlement_words"),
        ("0.0038", "0.2", "channels.wechat.rates"),
        ("0.0038", "0.00000001", "channels.wechat.rates"),
        ("2026-01-01", '"2026-01-01"', "channels.wechat.rates"),
        ("rates = [{ from = 2020-01-01, rate = 0.006 }, {", "rates = [3, {", "wechat.rates"),
        ("lags = [1]", "lags = 1", "channels.wechat.lags"),
        ('words = ["财付通", "ＴｅｎＰａｙ"]', 'words = "', "line"),
    ],
)
def test_a_fault_is_named(tmp_path, old, new, told):
    with pytest.raises(InvalidInputError, match="channels") as refused:
        load(tmp_path, GOOD.replace(old, new))
    assert told in str(refused.value)


def test_rates_that_are_no_list_are_a_fault(tmp_path):
    with pytest.raises(InvalidInputError, match="rates"):
        load(tmp_path, GOOD[: GOOD.index("rates")] + "rates = 3")


def test_a_file_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(InvalidInputError):
        load_channels(tmp_path / "nothing.toml")
