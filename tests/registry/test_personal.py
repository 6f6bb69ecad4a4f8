import pytest

from feewatch.registry.personal import looks_personal


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
        "a13812345678b",  # part of a longer token
        "550e8400-e29b-41d4-a716-446655440000",
        "00000012345",
    ],
)
def test_an_opaque_token_does_not(cell):
    assert not looks_personal(cell)
