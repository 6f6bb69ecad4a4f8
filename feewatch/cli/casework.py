"""Commands of casework: alerts, one alert explained."""

from typing import Any

import click

from feewatch.casework.states import STATUSES
from feewatch.casework.subjects import KINDS, subject_in_words
from feewatch.cli.rules.lines import citation_lines
from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.engine.wording import place_in_words
from feewatch.kernel.money import group_yuan
from feewatch.kernel.text import Text
from feewatch.services.cases import alerts as reading
from feewatch.services.cases.evidence_lines import EvidenceLine, Sight, describe_evidence


@click.command("alerts")
@click.option("--status", type=click.Choice(list(STATUSES)), help="状态 / status")
@click.option("--rule", metavar="ID", help="规则 / rule")
@click.option("--institution", metavar="USCC", help="统一社会信用代码 / credit code")
@AS_JSON
@pass_session
def list_alerts(
    session: Session, status: str | None, rule: str | None, institution: str | None, as_json: bool
) -> None:
    """列出预警 / list alerts."""
    listed = reading.list_alerts(
        session.app, status=status, rule=rule, uscc=institution, scope=session.scope
    )
    for alert in listed:
        alert["subject"] = session.subject(alert["subject"])
        if as_json:
            print_json(alert)
        else:
            fields = ("id", "severity", "status", "rule", "on", "institution")
            subject = f"{alert['subject']['kind']} {alert['subject']['id']}"
            click.echo("  ".join([*(str(alert[name]) for name in fields), subject]))


@click.command()
@click.argument("alert")
@AS_JSON
@pass_session
def explain(session: Session, alert: str, as_json: bool) -> None:
    """说明一条预警的依据、算式与证据 / the law, arithmetic and evidence of an alert."""
    explained = reading.explain(session.app, alert, session.scope)
    if as_json:
        print_json(_hidden(session, explained))
    else:
        uscc = explained["uscc"]
        sight = Sight(
            accounts=False,
            payers=session.sees("payers", uscc=uscc),
            memos=session.sees("memos", uscc=uscc),
        )
        click.echo("\n".join(_explanation(explained, sight)))


def _hidden(session: Session, alert: dict[str, Any]) -> dict[str, Any]:
    """The same without what the person named may not see of accounts and payers."""
    uscc = alert["uscc"]
    sources = [
        source | {"rows": [session.row(row, uscc=uscc) for row in source["rows"]]}
        if "rows" in source
        else source
        for source in alert["evidence_rows"]
    ]
    return alert | {"evidence_rows": sources, "subject": session.subject(alert["subject"])}


def _explanation(alert: dict[str, Any], sight: Sight) -> list[str]:
    subject = subject_in_words(alert["subject"]["kind"], alert["subject"]["id"], is_masked=True)
    kind = KINDS.get(alert["subject"]["kind"])
    lines = [
        f"{alert['id']}  {alert['severity']}  {alert['status']}  {_both(alert['title'])}",
        f"规则 / rule: {alert['rule']} ({alert['rule_version']}, {alert['authority']})",
        f"机构 / institution: {alert['institution']} {alert['uscc']} {alert['district']}",
        f"对象 / subject: {kind.both() if kind else ''} {subject.both()}  {alert['on']}",
        f"事项 / matter: {alert['matter']}" + (f"  {alert['case']}" if alert["case"] else ""),
        f"实测 / measured: {alert['measured']}  限值 / limit: {alert['limit']} ({alert['unit']})",
        f"算式 / calculation: {_both(alert['calculation'])}",
        f"整改 / cure: {_both(alert['cure'])}",
    ]
    if alert["recovered_on"]:
        lines.append(f"已恢复 / recovered on: {alert['recovered_on']}")
    if alert["held_on"]:
        lines.append(f"待银行核对 / held until the bank confirms, since: {alert['held_on']}")
    if alert["withdrawn_reason"]:
        lines.append(f"撤回原因 / withdrawn: {alert['withdrawn_reason']}")
    lines.append("依据 / basis:")
    lines += [f"  {line}" for basis in alert["basis"] for line in citation_lines(basis)]
    if alert.get("would_apply"):
        lines.append("查实后可能适用 / the law that would apply if found true:")
        lines += [f"  {line}" for law in alert["would_apply"] for line in citation_lines(law)]
    if alert["jurisdiction"]:
        lines.append(f"适用地区 / jurisdiction: {place_in_words(alert['jurisdiction']).both()}")
    if alert["values"]:
        lines += ["所用数值 / figures used:", *(f"  {_figure(each)}" for each in alert["values"])]
    if alert["reading"] and alert["reading"]["zh"]:
        lines.append(f"读法 / reading: {_both(alert['reading'])}")
    lines.append("证据 / evidence:")
    for row in describe_evidence(alert["evidence_rows"], sight):
        lines += [f"  {line}" for line in _evidence(row)]
    lines.append("经过 / history:")
    lines += [
        f"  {event['at']}  {event['actor']}  {event['change']}  {event['reason']}"
        for event in alert["history"]
    ]
    return lines


def _both(text: dict[str, str]) -> str:
    return Text(**text).both()


def _figure(used: dict[str, Any]) -> str:
    if used["value"] is None:
        return f"{_both(used['title'])}: 未录入 / no value on file"
    since = f"  自 / from {used['from']}" if used["from"] else ""
    place = place_in_words(used["jurisdiction"]).both()
    origin = used["document"] or "预设 / preset"
    return f"{_both(used['title'])}: {_both(used['value'])}  ({place}{since}, {origin})"


def _evidence(line: EvidenceLine) -> list[str]:
    place, sha256 = line.place, line.place.file_sha256
    at = f"  {sha256[:12]}:{place.line}" if sha256 else ""
    amount = f"  {group_yuan(line.amount_fen)} 元 / yuan" if line.amount_fen is not None else ""
    head = f"{place.name.both()}{at}  {line.name}  {line.on or '—'}{amount}"
    cells = [f"{cell.title.both()}: {cell.value.both()}" for cell in line.cells]
    return [head, f"  {'  '.join(cells) or '不在登记册或账目中 / no longer on file'}"]


COMMANDS: tuple[click.Command, ...] = (list_alerts, explain)
