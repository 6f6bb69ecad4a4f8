"""Administrative division codes: which place a rule or an officer's scope covers."""

NATION = "000000"


def ancestry(district: str) -> tuple[str, ...]:
    """A county code and the places above it, nearest first: county, city, province, nation."""
    chain = (district, district[:4] + "00", district[:2] + "0000", NATION)
    return tuple(dict.fromkeys(chain))


def covers(place: str, district: str) -> bool:
    """Whether a place (county, city, province or nation) contains a district."""
    return place in ancestry(district)


def prefix(place: str) -> str:
    """The leading digits that every district of the place shares; empty for the nation.

    >>> prefix("370700")
    '3707'
    """
    if place.endswith("0000"):
        return "" if place == NATION else place[:2]
    return place[:4] if place.endswith("00") else place
