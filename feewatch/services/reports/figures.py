"""All figures of the report of a period, found by their ids."""

from feewatch.kernel.errors import NotFoundError
from feewatch.services.reports.figure_kinds import FigureKind
from feewatch.services.reports.figures_of_cases import CASE_FIGURES
from feewatch.services.reports.figures_of_registers import REGISTER_FIGURES
from feewatch.services.reports.figures_of_rounds import ROUNDS_FIGURES

#: All figures by id, in the order of the report.
FIGURES: dict[str, FigureKind] = {
    kind.id: kind for kind in (*CASE_FIGURES, *REGISTER_FIGURES, *ROUNDS_FIGURES)
}


def get_figure(figure: str) -> FigureKind:
    """A figure, or a part of one, by its id.

    Raises: NotFoundError.
    """
    name, colon, part = figure.partition(":")
    word, equals, value = part.partition("=")
    kind = FIGURES.get(name)
    is_part = bool(equals) and kind is not None and word in kind.by and len(value) <= 40
    if kind is None or not (is_part if colon else kind.is_whole):
        raise NotFoundError("FIGURE-UNKNOWN", f"没有指标 {figure}", f"no figure {figure}")
    return kind.narrowed(word, value) if colon else kind
