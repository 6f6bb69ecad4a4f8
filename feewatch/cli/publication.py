"""Commands of publication: editions and their verification."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, AS_OF, DayParam, Session, pass_session, print_json
from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.publication.verification import Report
from feewatch.services.lists import publication
from feewatch.services.lists.publication import GATE_CODE, Published
from feewatch.services.lists.verification import verify as verify_published


@click.command()
@AS_OF
@click.option("--dry-run", is_flag=True, help="只试算，不发布 / compose only, publish nothing")
@AS_JSON
@pass_session
def publish(session: Session, as_of: Day, dry_run: bool, as_json: bool) -> None:
    """发布名单版次 / publish the edition of the lists of every district."""
    published = publication.publish(session.app, as_of, actor=session.actor, dry_run=dry_run)
    for edition in published:
        if as_json:
            print_json(edition.as_json())
        else:
            _show(edition, dry_run)
    held = [(edition.district, text) for edition in published for text in edition.held]
    for district, text in held:
        click.echo(f"{GATE_CODE}: {district} {text.both()}", err=True)
    if held:
        sys.exit(1)


@click.command()
@click.argument("target", metavar="PATH|URL")
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="可信公钥文件（PEM）/ trusted public key file",
)
@click.option(
    "--as-of", type=DayParam(), help="核验该日的时效，默认今日 / judge freshness on this day: today"
)
@click.option(
    "--any-age",
    is_flag=True,
    help="旧的一期：不核验时效 / an edition of before: its freshness is not judged",
)
@click.option(
    "--against",
    metavar="PATH|URL",
    help="另一份副本，说明两份从哪一期起不同 / another copy: where do the two part",
)
@AS_JSON
@pass_session
def verify(
    session: Session,
    target: str,
    key_file: Path | None,
    as_of: Day | None,
    any_age: bool,
    against: str | None,
    as_json: bool,
) -> None:
    """核验已发布的版次 / verify a published edition, its chain and its freshness."""
    day = None if any_age else as_of or today()
    report = verify_published(session.config, target, key_file=key_file, as_of=day, against=against)
    if as_json:
        print_json({"target": target} | report.as_json())
    else:
        _show_report(report)
    if not report.is_good:
        sys.exit(1)


def _show_report(report: Report) -> None:
    if report.cut_off is not None:
        click.echo(
            f"{report.office}  行政区划 district {report.district}  第 {report.number} 期 "
            f"edition {report.number}  截止日 cut-off {format_day(report.cut_off)}"
            + ("" if report.age_days is None else f"  距今 age {report.age_days} 天 days")
        )
        click.echo(f"签名公钥 signed by {', '.join(report.key_ids)}  SHA-256 {report.sha256}")
    for text in report.notes:
        click.echo(text.both())
    for fault in report.faults:
        click.echo(f"{fault.code}: {fault.file}: {fault.text.both()}", err=True)
    if report.is_good:
        click.echo(f"核验通过 / verified: {report.checked}")


def _show(edition: Published, dry_run: bool) -> None:
    if edition.document is None:
        if not edition.held:
            click.echo(f"{edition.district}: 无变动 / nothing to publish")
        return
    state = "试算 / dry run" if dry_run else "新发布 / new" if edition.is_new else "已存在 / exists"
    counts = ", ".join(
        f"{LISTS[name].both()} {count}" for name, count in edition.document["counts"].items()
    )
    click.echo(f"{edition.district} 第 {edition.document['number']} 期 （{state}）：{counts}")
    for change in edition.document["delta"]:
        reason = f"{change['reason']['zh']} / {change['reason']['en']}"
        click.echo(f"  {change['change']} {change['list']} {change['name']}: {reason}")


COMMANDS: tuple[click.Command, ...] = (publish, verify)
