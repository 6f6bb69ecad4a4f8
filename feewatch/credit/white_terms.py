"""The office's figures for the white list, as parameters of the rule book; judges nothing."""

from typing import NamedTuple

from feewatch.kernel.days import Day


class WhiteTerms(NamedTuple):
    """What proof the white list asks for in a place; shares in millionths."""

    window_days: int = 35  # that statements and registers must cover
    lag_days: int = 7  # of them that may still be on their way from the bank
    unexplained_share: int = 10_000  # of a year's receipts that no contract need explain
    cover_share: int = 10_000  # of what is needed that may lack: slight with the next alone
    cover_fen: int = 50_000
    renewal_days: int = 30  # before its end by which a licence's renewal must be applied for
    hold_days: int = 10  # working days in which an officer decides

    def window(self, cut_off: Day) -> tuple[Day, Day]:
        """The first and the last day that must be covered."""
        return cut_off - self.window_days + 1, cut_off - self.lag_days

    def is_slight(self, needed_fen: int, balance_fen: int) -> bool:
        """Whether a shortfall is too small to matter: both limits included."""
        short = needed_fen - balance_fen
        return short * 1_000_000 <= needed_fen * self.cover_share and short <= self.cover_fen


#: The parameter of the rule book behind each term.
PARAMETERS: dict[str, str] = {
    "window_days": "public_coverage_days",
    "lag_days": "white_lag_days",
    "unexplained_share": "white_unexplained_share",
    "cover_share": "cover_slight_share",
    "cover_fen": "cover_slight_fen",
    "renewal_days": "white_renewal_days",
    "hold_days": "hold_days",
}
