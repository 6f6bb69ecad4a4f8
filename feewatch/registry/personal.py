"""Tells cells and columns that look like personal data from opaque tokens.

It leans towards refusal for Chinese characters and names in pinyin, towards acceptance for long
numbers without a plausible date of birth, and for hashes: offices use such as tokens.
"""

import re
import unicodedata

from feewatch.registry.pinyin import is_name_in_pinyin

#: Headers under which files carry what must never be stored, by what they tell of the student.
PERSONAL_HEADERS = {
    "name": ("学员姓名", "学生姓名", "学员", "学生", "姓名", "孩子姓名", "student_name"),
    "identity": (
        "身份证", "身份证号", "身份证号码", "身份证件号", "身份证件号码", "证件号", "证件号码",
        "学员身份证号", "学生身份证号", "学员证件号", "学员证件号码", "学生证件号码", "学籍号",
        "全国学籍号", "identity_no", "id_card",
    ),
    "phone": (
        "手机", "手机号", "手机号码", "电话", "联系电话", "联系方式", "学员手机号", "学员电话",
        "家长手机", "家长手机号", "家长电话", "家长联系电话", "监护人电话", "监护人手机号",
        "phone", "mobile",
    ),
    "other": (
        "家长", "家长姓名", "监护人", "监护人姓名", "联系人", "性别", "出生日期", "生日", "年龄",
        "住址", "家庭住址", "地址", "微信", "微信号", "邮箱", "电子邮箱", "就读学校", "学校",
        "班级", "付款人", "付款账号", "收款人", "收款账号", "退款账号", "parent_name", "email",
        "address",
    ),
}  # fmt: skip
_NOTES = re.compile(r"\((?:必填|选填|非必填)\)$")
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
#: Two or more words of letters alone: ``Zhang San``, ``Li, Hua``; hyphens are common in tokens.
_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[ .,·'’]+[^\W\d_]+)+\.?")
#: Also inside other text, ``tel13800138000x``, but not inside a longer number.
_MOBILE = re.compile(
    r"(?<!\d)(?:(?:\+|00)?86[ ._·—–-]?)?1[3-9]\d[ ._·—–-]?\d{4}[ ._·—–-]?\d{4}(?!\d)"
)
#: Only with its separator: zero-padded numbers are common tokens.
_LANDLINE = re.compile(r"(?:(?:\+|00)?86[ -]?)?\(?0\d{2,3}[) -]{1,2}[2-9]\d{6,7}")
#: 18 characters with a plausible date of birth; the check digit may be misread and still betrays.
#: Letters may stand around it, as the G of a pupil's number of the national school register.
_IDENTITY = re.compile(
    r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[0-9Xx](?!\d)"
)
#: Digits of a hash or UUID may look like a phone by chance.
_HASH = re.compile(
    r"[A-Za-z]?(?=[0-9]*[a-f])[0-9a-f]{14,}|[A-Z]?(?=[0-9]*[A-F])[0-9A-F]{14,}"
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖", "001234567891123456789")
_HAN_NUMBER = re.compile("[〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖]{11,}")


def header_key(header: str) -> str:
    """A header as it is compared: NFKC, lower case, no white space, no mark of a must."""
    compact = "".join(unicodedata.normalize("NFKC", header).lower().split())
    return _NOTES.sub("", compact).strip("*")


_ROLES = {header: role for role, headers in PERSONAL_HEADERS.items() for header in headers}


def role_of_header(header: str) -> str | None:
    """What a column of this header tells of a person: name, identity, phone, other; or nothing."""
    return _ROLES.get(header_key(header))


def looks_personal(cell: str) -> bool:
    """Whether a normalised cell looks like a person's name, phone or identity number."""
    digits = _with_plain_digits(cell)
    if _HAN.search(cell) or _LATIN_NAME.fullmatch(cell) or _LANDLINE.fullmatch(digits):
        return True
    compact = re.sub(r"[ \-()]", "", digits)
    if any(pattern.fullmatch(compact) for pattern in (_MOBILE, _IDENTITY)):
        return True
    return is_name_in_pinyin(cell) or has_number_of_a_person(cell)


def names_a_person(cell: str) -> bool:
    """Whether a number of a record holds what looks like a phone, an identity number or a name.

    Numbers have the pinyin of schools and subjects in them; what has no digit at all is no number.
    """
    if has_number_of_a_person(cell):
        return True
    return not any(letter.isdigit() for letter in cell) and is_name_in_pinyin(cell)


def has_number_of_a_person(cell: str) -> bool:
    """Whether a text holds what looks like a mobile or identity number, in whatever digits."""
    digits = _with_plain_digits(cell)
    if _HASH.fullmatch(digits):
        return False
    compact = re.sub(r"[ \-()]", "", digits)
    return any(
        pattern.search(digits) or (pattern is _IDENTITY and pattern.fullmatch(compact))
        for pattern in (_MOBILE, _IDENTITY)
    )


def _with_plain_digits(cell: str) -> str:
    """The cell with every digit, of whatever script, as one of 0 to 9; long Chinese numbers too."""
    plain = "".join(
        letter if letter.isascii() else str(unicodedata.digit(letter, letter))
        for letter in unicodedata.normalize("NFKC", cell)
    )
    return _HAN_NUMBER.sub(lambda match: match[0].translate(_HAN_DIGITS), plain)
