"""``feewatch rules noise``: which rule floods the office, and what became of its alerts."""

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.kernel.places import NATION
from feewatch.services.trials.noise import RuleNoise, noise_json, read_noise


@click.command()
@click.option("--place", default=NATION, help="只看此区划 / this place with all below it only")
@AS_JSON
@pass_session
def noise(session: Session, place: str, as_json: bool) -> None:
    """按规则和地区统计预警、事项与不予处理 / alerts, matters, dismissals by rule and place."""
    rules = read_noise(session.app, session.scope, place)
    if as_json:
        for rule_noise in rules:
            print_json(noise_json(rule_noise))
        return
    click.echo(
        "rule             district alerts   share withdrawn matters waiting dismissed taken up"
    )
    for rule_noise in rules:
        _show(rule_noise)


def _show(rule_noise: RuleNoise) -> None:
    for name, counts, share in (
        (rule_noise.rule, rule_noise.counts, rule_noise.share),
        *((f"  {place.district}", place.counts, "") for place in rule_noise.places),
    ):
        click.echo(
            f"{name:25} {counts['alerts']:>6} {share:>7} {counts['withdrawn']:>9} "
            f"{counts['matters']:>7} {counts['waiting']:>7} {counts['dismissed']:>9} "
            f"{counts['taken_up']:>8}"
        )
    for preset in rule_noise.presets:
        click.echo(
            f"    预设 / preset {preset.name}={preset.value}: feewatch rules backtest "
            f"--set {preset.name}=… --from … --to …"
        )


COMMANDS: tuple[click.Command, ...] = (noise,)
