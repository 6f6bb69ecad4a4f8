"""The unified social credit code (统一社会信用代码) of GB 32100-2015."""

_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_WEIGHTS = tuple(3**position % 31 for position in range(17))


def check_character(first_seventeen: str) -> str:
    """The 18th character that GB 32100 assigns to the first 17.

    Raises: KeyError for a character outside the code's alphabet.
    """
    total = sum(w * _VALUES[c] for w, c in zip(_WEIGHTS, first_seventeen, strict=True))
    return _ALPHABET[-total % 31]


def is_credit_code(text: str) -> bool:
    """Whether the text is a well-formed code with the right check character."""
    return (
        len(text) == 18
        and all(character in _VALUES for character in text)
        and check_character(text[:17]) == text[17]
    )
