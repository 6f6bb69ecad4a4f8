"""``feewatch rules shadow``: drafts beside the live rule book; nothing of theirs takes effect."""

import click

from feewatch.cli.session import AS_JSON, AS_OF, Session, pass_session, print_json
from feewatch.engine.scenarios import OUTCOMES
from feewatch.kernel.days import Day, format_day
from feewatch.services.trials.shadow import Flip, Shadowed, compare_shadow


@click.command()
@AS_OF
@AS_JSON
@pass_session
def shadow(session: Session, as_of: Day, as_json: bool) -> None:
    """草案与现行规则并行判定，不产生预警 / drafts judged beside the live rules, without effect."""
    compared = compare_shadow(session.app, as_of, session.scope)
    for shadowed in compared:
        if as_json:
            print_json(_as_json(shadowed))
        else:
            click.echo("\n".join(_lines(shadowed)))
    if not compared and not as_json:
        click.echo("没有草案 / no draft: name its folder in [rules] shadow")


def _lines(shadowed: Shadowed) -> list[str]:
    mark = "新增 / new" if shadowed.is_new else "修改 / changed"
    lines = [f"{shadowed.rule}  {shadowed.title.both()}  ({mark})"]
    for (live, draft), count in sorted(shadowed.counts.items()):
        lines.append(f"  {_word(live)} → {_word(draft)}: {count}")
    return lines + [f"    {_flip_line(flip)}" for flip in shadowed.flips]


def _flip_line(flip: Flip) -> str:
    identity = flip.identity
    subject = f"{identity.subject_kind} {identity.subject_id}"
    turn = f"{_word(flip.live)} → {_word(flip.shadow)}"
    return f"{identity.uscc}  {subject}  {format_day(identity.on)}  {turn}"


def _word(outcome: str) -> str:
    return f"{OUTCOMES[outcome]} {outcome}"


def _as_json(shadowed: Shadowed) -> dict[str, object]:
    return {
        "rule": shadowed.rule,
        "title": shadowed.title._asdict(),
        "new": shadowed.is_new,
        "counts": [
            {"live": live, "shadow": draft, "subjects": count}
            for (live, draft), count in sorted(shadowed.counts.items())
        ],
        "flips": [
            {
                "uscc": flip.identity.uscc,
                "district": flip.district,
                "subject": {"kind": flip.identity.subject_kind, "id": flip.identity.subject_id},
                "on": format_day(flip.identity.on),
                "live": flip.live,
                "shadow": flip.shadow,
            }
            for flip in shadowed.flips
        ],
    }


COMMANDS: tuple[click.Command, ...] = (shadow,)
