"""What random worlds may hold beyond the plain, and which of it the engine knows by now."""

CHARGES, ENDINGS, SUCCESSIONS, RETURNS = "charges", "endings", "successions", "returns"
SELF_TOLD, CONTAINED = "self-told", "contained"
ALL = frozenset((CHARGES, ENDINGS, SUCCESSIONS, RETURNS, SELF_TOLD, CONTAINED))
#: Elements in the worlds that the engine is compared on; the others wait for it.
LANDED = ALL
