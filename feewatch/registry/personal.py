"""Tells cells and columns that look like personal data from opaque tokens.

It leans towards refusal for Chinese characters, towards acceptance for long numbers without a
plausible date of birth: offices use such numbers as tokens.
"""

import re
import unicodedata

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
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])"
)
#: Only with its separator: zero-padded numbers are common tokens.
_LANDLINE = re.compile(r"(?:(?:\+|00)?86[ -]?)?\(?0\d{2,3}[) -]{1,2}[2-9]\d{6,7}")
#: 18 characters with a plausible date of birth; the check digit may be misread and still betrays.
#: With a G before it, it is a pupil's number of the national school register.
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])G?[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"\d{3}[0-9Xx](?![0-9A-Za-z])"
)


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
    if _HAN.search(cell) or _LATIN_NAME.fullmatch(cell) or _LANDLINE.fullmatch(cell):
        return True
    return has_number_of_a_person(cell)


def has_number_of_a_person(cell: str) -> bool:
    """Whether a cell holds what looks like a mobile or identity number."""
    compact = re.sub(r"[ \-()]", "", cell)
    return any(
        pattern.search(cell) or pattern.fullmatch(compact) for pattern in (_MOBILE, _IDENTITY)
    )
