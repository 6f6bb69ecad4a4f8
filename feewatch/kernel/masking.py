"""Account numbers and names as they are shown: enough to recognise, too little to use."""


def mask_account(number: str) -> str:
    """The last four characters behind stars; all stars where there are no more than four.

    >>> mask_account("6222020200012345678")
    '****5678'
    """
    return "****" + number[-4:] if len(number) > 4 else "****"


def mask_name(name: str) -> str:
    """The first character of a name, nothing of an empty one.

    >>> mask_name("王小明")
    '王**'
    """
    return name[:1] + "**" if name else ""
