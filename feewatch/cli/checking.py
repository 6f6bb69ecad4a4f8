"""``feewatch check`` and ``feewatch findings``."""

import click

from feewatch.cli.session import AS_JSON, AS_OF, DayParam, Session, pass_session, print_json
from feewatch.engine.findings import Finding
from feewatch.kernel.days import Day, format_day
from feewatch.services.check import future
from feewatch.services.check.keeping import check_and_keep
from feewatch.services.machine import find_clock_complaint
from feewatch.services.trials.clocks import Clocks, list_findings_then
from feewatch.services.trials.shadow import shadow_findings


@click.command()
@AS_OF
@click.option("--institution", "uscc", help="统一社会信用代码 / credit code of one institution")
@click.option("--full", is_flag=True, help="全部机构 / all institutions, not only what changed")
@click.option("--force", is_flag=True, help="晚于今天的截止日，限管理员 / a day after today")
@click.option("--take-back", is_flag=True, help="撤回此类检查 / take checks of such days back")
@click.option("--reason", default="", help="撤回的理由 / why they are taken back")
@AS_JSON
@pass_session
def check(
    session: Session,
    as_of: Day,
    uscc: str | None,
    full: bool,
    force: bool,
    take_back: bool,
    reason: str,
    as_json: bool,
) -> None:
    """按规则库检查 / judge by the rule book and bring the alerts in line."""
    if take_back:
        done = future.take_back(session.app, actor=session.user, reason=reason)
    else:
        forced_by = session.user if force else None
        future.require_past(session.app, as_of, act="check", forced_by=forced_by)
        done = check_and_keep(session.app, as_of, uscc=uscc, full=full, within=session.scope)
    ahead = find_clock_complaint(session.app)
    if ahead is not None:
        click.echo(f"! {ahead.text.both()} → {ahead.cure.both()}", err=True)
    report = done.as_json()
    if as_json:
        print_json(report)
        return
    click.echo(
        "截至 {as_of}：检查 {institutions} 家机构、{rules} 条规则，判定 {evaluated} 项，"
        "违反 {breaches}，不能判定 {undetermined}；新增预警 {opened}，撤回 {withdrawn}，"
        "恢复 {recovered}({seconds} 秒)".format(**report)
    )
    click.echo(
        "As of {as_of}: {institutions} institutions, {rules} rules, {evaluated} judged, "
        "{breaches} breaches, {undetermined} undetermined; alerts opened {opened}, "
        "withdrawn {withdrawn}, recovered {recovered} ({seconds} s)".format(**report)
    )
    for left_out in done.left_out:
        click.echo(
            f"! {left_out} 流水过多，未能在时限内或在其数据两次变动之间判完，结果仍为上次的 / "
            f"{left_out} has too many rows to be judged in time, or between two changes of its "
            "data: its results are those of before"
        )


@click.command()
@AS_OF
@click.option(
    "--outcome", type=click.Choice(["breach", "compliant", "undetermined"]), help="结果 / outcome"
)
@click.option("--rule", help="规则 / rule id")
@click.option(
    "--law", type=click.Choice(["now", "then"]), default="now", show_default=True,
    help="规则库：现行或截止日当时所用 / the rule book of now, or the one in use on as-of",
)  # fmt: skip
@click.option(
    "--data", type=click.Choice(["now", "then"]), default="now", show_default=True,
    help="资料：现有或当时已知 / the data of now, or as known then",
)  # fmt: skip
@click.option(
    "--known", type=DayParam(),
    help="“当时”指哪一天，默认截止日 / the day that “then” means, by default as-of",
)  # fmt: skip
@click.option("--shadow", is_flag=True, help="草案的判定 / what the drafts in the shadow find")
@AS_JSON
@pass_session
def findings(
    session: Session,
    as_of: Day,
    outcome: str | None,
    rule: str | None,
    law: str,
    data: str,
    known: Day | None,
    shadow: bool,
    as_json: bool,
) -> None:
    """逐项列出判定 / the outcome of each rule and subject, on the clocks of law and data."""
    then = as_of if known is None else known
    clocks = Clocks(then if law == "then" else None, then if data == "then" else None)
    if shadow and clocks != Clocks(None, None):
        raise click.UsageError("--shadow 只用现有资料 / --shadow judges by what is known now")
    chosen = [rule] if rule else None
    if shadow:
        findings_of_day = shadow_findings(session.app, as_of, rule)
    else:
        findings_of_day = list_findings_then(session.app, as_of, clocks, rules=chosen)
    for finding in findings_of_day:
        if outcome not in (None, finding.outcome) or not session.scope.sees(finding.district, None):
            continue
        if as_json:
            print_json(_shown(session, finding))
            continue
        reason = f"  {finding.reason.both()}" if finding.reason else ""
        rule_id, code, kind, key, _ = finding.identity
        key = session.subject({"kind": kind, "id": key})["id"]
        click.echo(f"{finding.outcome:12} {rule_id:14} {code:18} {kind} {key}{reason}")


def _shown(session: Session, finding: Finding) -> dict[str, object]:
    identity = finding.identity
    return {
        "rule": identity.rule,
        "uscc": identity.uscc,
        "district": finding.district,
        "subject": session.subject({"kind": identity.subject_kind, "id": identity.subject_id}),
        "on": format_day(identity.on),
        "outcome": finding.outcome,
        "reason": finding.reason.both() if finding.reason else None,
    }


COMMANDS: tuple[click.Command, ...] = (check, findings)
