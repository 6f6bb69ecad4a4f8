"""``feewatch rules backtest``: a past period judged with a change of the law; writes nothing."""

from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, DayParam, Session, pass_session, print_json
from feewatch.engine.revision import read_setting
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.money import format_yuan
from feewatch.services.trials.backtest import (
    Backtest,
    Case,
    Period,
    ProposedChange,
    RuleEffect,
    backtest_json,
    run_backtest,
)


@click.command()
@click.option(
    "--set", "settings", multiple=True, metavar="PARAM=VALUE",
    help="参数的新值，float_up 为指导价浮动幅度 / a parameter's value; float_up: of guided prices",
)  # fmt: skip
@click.option("--place", help="在哪个区划改 / the place that sets it (default: wherever it is set)")
@click.option(
    "--draft", type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="叠加的规则草案文件夹 / a folder of rule data laid over the book",
)  # fmt: skip
@click.option("--from", "first", type=DayParam(), required=True, help="起 / first law day")
@click.option("--to", "last", type=DayParam(), required=True, help="止 / last law day")
@click.option("--as-of", type=DayParam(), help="截止日，默认为止日 / default: the last day")
@click.option("--rule", "rules", multiple=True, help="只看这些规则 / these rules only")
@click.option("--examples", default=5, show_default=True, help="例子数 / examples of each kind")
@AS_JSON
@pass_session
def backtest(
    session: Session,
    settings: tuple[str, ...],
    place: str | None,
    draft: Path | None,
    first: Day,
    last: Day,
    as_of: Day | None,
    rules: tuple[str, ...],
    examples: int,
    as_json: bool,
) -> None:
    """回测：如改此值，过去会怎样 / what a change of the law would have done; a simulation."""
    if not settings and draft is None:
        raise click.UsageError("须给出 --set 或 --draft / give --set or --draft")
    result = run_backtest(
        session.app,
        ProposedChange(tuple(read_setting(each) for each in settings), place, draft),
        Period(first, last, last if as_of is None else as_of),
        scope=session.scope,
        rules=rules or None,
        examples=examples,
    )
    if as_json:
        print_json(backtest_json(result))
    else:
        _show(result)


def _show(result: Backtest) -> None:
    period, totals = result.period, result.totals
    days = format_day(period.first), format_day(period.last), format_day(period.as_of)
    click.echo("模拟，未写入任何数据 / a simulation: nothing was written")
    click.echo("{}..{} （截至 / as of {}）".format(*days))
    click.echo(
        f"变化 / changes: {totals['institutions']} 家机构 institutions, {totals['subjects']} 项 "
        f"subjects, {totals['contracts']} 份合同 contracts, {totals['families']} 个家庭 families, "
        f"{format_yuan(totals['fen'] or 0)} 元 yuan ({totals['fen'] or 0} fen)"
    )
    for effect in result.rules:
        if effect.flipped:
            _show_rule(effect)
    still = [f"{each.rule} ({each.judged})" for each in result.rules if not each.flipped]
    if still:
        click.echo(f"\n无变化（判定项数）/ unchanged (judged): {', '.join(still)}")
    if result.institutions:
        click.echo(
            "\n机构 / institutions\n"
            "uscc               breaches before -> after  new  gone  contracts families yuan"
        )
    for row in result.institutions:
        click.echo(
            f"{row['uscc'] or '-':18} {row['breaches_before']:>15} -> {row['breaches_after']:<6}"
            f"{row['newly']:>4} {row['no_longer']:>5} {row['contracts']:>10} {row['families']:>8} "
            f"{format_yuan(row['fen'] or 0)}  {row['institution_name']}"
        )


def _show_rule(effect: RuleEffect) -> None:
    click.echo(f"\n{effect.rule}  {effect.title.both()}")
    click.echo("  before       -> after         subjects institutions contracts families yuan")
    for row in effect.transitions:
        click.echo(
            f"  {row['before_outcome']:12} -> {row['after_outcome']:12} {row['subjects']:>9} "
            f"{row['institutions']:>12} {row['contracts']:>9} {row['families']:>8} "
            f"{format_yuan(row['fen'] or 0)}"
        )
    for title, cases in (
        ("例 / examples", effect.examples),
        ("最接近而不变 / nearest that do not flip", effect.counter_examples),
    ):
        if cases:
            click.echo(f"  {title}:")
        for case in cases:
            click.echo(f"    {_line(case)}")


def _line(case: Case) -> str:
    return (
        f"{case.uscc or '-'} {case.subject_id} {format_day(case.on)} "
        f"{case.before} -> {case.after}: {case.measured} "
        f"({case.limit_before} -> {case.limit_after} {case.unit})"
    )


COMMANDS: tuple[click.Command, ...] = (backtest,)
