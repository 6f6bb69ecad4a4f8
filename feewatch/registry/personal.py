"""Tells cells that look like personal data from opaque tokens.

It leans towards refusal for Chinese characters, towards acceptance for long numbers without a
plausible date of birth: offices use such numbers as tokens.
"""

import re

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U000323af]")
#: Two or more words of letters alone: ``Zhang San``, ``Li, Hua``; hyphens are common in tokens.
_LATIN_NAME = re.compile(r"[^\W\d_]+(?:[ .,·'’]+[^\W\d_]+)+\.?")
_MOBILE = re.compile(
    r"(?<![0-9A-Za-z])(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?![0-9A-Za-z])"
)
#: Only with its separator: zero-padded numbers are common tokens.
_LANDLINE = re.compile(r"(?:(?:\+|00)?86[ -]?)?\(?0\d{2,3}[) -]{1,2}[2-9]\d{6,7}")
#: 18 characters with a plausible date of birth; the check digit may be misread and still betrays.
_IDENTITY = re.compile(
    r"(?<![0-9A-Za-z])[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
    r"\d{3}[0-9Xx](?![0-9A-Za-z])"
)


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
