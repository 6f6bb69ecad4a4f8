"""Commands of publication: editions and their verification."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import (
    AS_JSON,
    AS_OF,
    DayParam,
    GivenFile,
    Session,
    pass_session,
    print_json,
)
from feewatch.credit.lists import LISTS
from feewatch.kernel.clock import today
from feewatch.kernel.days import Day, format_day
from feewatch.kernel.people import Scope
from feewatch.publication.verification import Report
from feewatch.services.lists import publication, second_words
from feewatch.services.lists.press import Published
from feewatch.services.lists.verification import verify as verify_published
from feewatch.services.packs.verifying import find_pack, verify_pack
from feewatch.services.people.acting import place_outside


@click.command()
@AS_OF
@click.option("--dry-run", is_flag=True, help="只试算，不发布 / compose only, publish nothing")
@click.option("--district", default="", help="只发布一个区划 / one district alone")
@click.option("--second", is_flag=True, help="同意他人提请的大幅移出 / agree to what waits")
@click.option("--reason", default="", help="第二人的理由 / the reason of the second person")
@click.option(
    "--force", is_flag=True, help="截止日在今日之后（管理员）/ a day to come (administrator)"
)
@AS_JSON
@pass_session
def publish(
    session: Session,
    as_of: Day,
    dry_run: bool,
    district: str,
    second: bool,
    reason: str,
    force: bool,
    as_json: bool,
) -> None:
    """发布名单版次 / publish the edition of the lists of every district in your scope."""
    published = _publish(session, as_of, dry_run, district, second, reason, force)
    for edition in published:
        if as_json:
            print_json(edition.as_json())
        else:
            show_edition(edition, dry_run)
    objections = [(each.district, said) for each in published for said in each.objections]
    for place, objection in objections:
        click.echo(f"{objection.code}: {place} {objection.text.both()}", err=True)
    if objections:
        sys.exit(1)


def _publish(
    session: Session,
    as_of: Day,
    dry_run: bool,
    district: str,
    second: bool,
    reason: str,
    force: bool,
) -> list[Published]:
    app = session.app
    if dry_run:
        if district and not session.scope.sees(district, None):
            raise place_outside(district, session.actor)
        scope = Scope(district) if district else session.scope
        return publication.publish(app, as_of, actor=session.actor, dry_run=True, scope=scope)
    if not second:
        return publication.publish_by(
            app, as_of, actor=session.user, district=district, force=force
        )
    given = second_words.give_second_word(app, actor=session.user, reason=reason, district=district)
    done = []
    for place, (cut_off, is_whole) in given.items():
        if is_whole:
            done += publication.publish_given(app, cut_off, actor=session.user, district=place)
        else:
            click.echo(f"{place}: 已记第一人，待另一人 / the first word; another person's is next")
    return done


@click.command()
@click.argument("target", metavar="PATH|URL")
@click.option(
    "--key",
    "key_file",
    type=GivenFile(),
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
    """核验版次、证据包或规则包 / verify an edition, a bundle of evidence or a pack of rules."""
    day = None if any_age else as_of or today()
    pack = find_pack(target)
    if pack is not None:
        report = verify_pack(session.config, pack, key_file)
    else:
        report = verify_published(
            session.config, target, key_file=key_file, as_of=day, against=against
        )
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


def show_edition(edition: Published, dry_run: bool) -> None:
    """Print what publication came to in a district."""
    if edition.document is None:
        if not edition.held:
            click.echo(f"{edition.district}: 无变动 / nothing to publish")
        _show_leaves(edition)
        return
    state = "试算 / dry run" if dry_run else "新发布 / new" if edition.is_new else "已存在 / exists"
    counts = ", ".join(
        f"{LISTS[name].both()} {count}" for name, count in edition.document["counts"].items()
    )
    click.echo(f"{edition.district} 第 {edition.document['number']} 期 （{state}）：{counts}")
    for change in edition.document["delta"]:
        reason = f"{change['reason']['zh']} / {change['reason']['en']}"
        click.echo(f"  {change['change']} {change['list']} {change['name']}: {reason}")
    _show_leaves(edition)


def _show_leaves(edition: Published) -> None:
    for leave in edition.leaves:
        click.echo(
            f"  {LISTS[leave.list].both()}: 移出 / leave {len(leave.entries)} / {leave.size} "
            f"({leave.percent} %){' ≥ 2 人 / two persons' if leave.needs_second else ''}"
        )


COMMANDS: tuple[click.Command, ...] = (publish, verify)
