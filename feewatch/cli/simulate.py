"""The command that lets an office live on a simulated clock and audits what it published."""

import logging
import sys
import tempfile
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, print_json
from feewatch.simulate.audit import audit, digest
from feewatch.simulate.invariants import INVARIANTS, Audit
from feewatch.simulate.plan import Plan, draw
from feewatch.simulate.run import Ran, run


@click.command()
@click.option("--years", type=click.FloatRange(0.1, 10), default=2.0, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--institutions", type=click.IntRange(10, 100_000), default=2_000, show_default=True)
@AS_JSON
def simulate(years: float, seed: int, institutions: int, as_json: bool) -> None:
    """模拟机关多年运行 / an office on a simulated clock; prints the invariants that held.

    在临时文件夹中用真实服务和真实数据库 / real services on a real database in a temporary folder:
    notices with defences, hearings and objections in time and late, decisions by three persons, bad
    attempts, holds, repairs, outages, rival schedulers, new and stolen keys.
    """
    logging.getLogger("feewatch.scheduler").setLevel(logging.ERROR)  # rivals tell of each other
    plan = draw(seed, years, institutions)
    with tempfile.TemporaryDirectory() as folder:
        ran = run(Path(folder), plan)
        result, hashed = audit(ran, plan), digest(ran)
        ran.app.database.dispose()
    shown = _as_json(plan, ran, result, hashed)
    if as_json:
        print_json(shown)
    else:
        _print(plan, ran, result, hashed)
    if result.broken.total():
        sys.exit(1)


def _as_json(plan: Plan, ran: Ran, result: Audit, hashed: str) -> dict[str, object]:
    return {
        "seed": plan.seed,
        "days": len(list(plan.days())),
        "institutions": len(plan.schools),
        "invariants": {
            name: {"broken": result.broken[name], "checked": result.looked[name]}
            for name in INVARIANTS
        },
        "done": dict(sorted(ran.desk.done.items())),
        "refused": dict(sorted(ran.desk.refused.items())),
        "outages": len(plan.outages),
        "examples": result.examples,
        "digest": hashed,
    }


def _print(plan: Plan, ran: Ran, result: Audit, hashed: str) -> None:
    click.echo(f"seed {plan.seed}, {len(list(plan.days()))} days, {len(plan.schools)} institutions")
    done = ", ".join(f"{name} {count}" for name, count in sorted(ran.desk.done.items()))
    click.echo(f"办理 / done: {done}")
    refused = ", ".join(f"{code} {count}" for code, count in sorted(ran.desk.refused.items()))
    click.echo(f"拒绝 / refused: {refused}")
    click.echo(f"停机 / outages: {len(plan.outages)}")
    for name, text in INVARIANTS.items():
        click.echo(f"{result.broken[name]:>6} / {result.looked[name]:>9}  {text.both()}")
    for example in result.examples:
        click.echo(f"! {example}", err=True)
    click.echo(f"digest {hashed}")


COMMANDS: tuple[click.Command, ...] = (simulate,)
