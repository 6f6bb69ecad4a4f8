"""``feewatch rules lint`` and ``test``: a change tried before it is put into force."""

import sys
from pathlib import Path

import click

from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.credit.grades import format_points
from feewatch.engine.scenarios import OUTCOMES
from feewatch.kernel.days import format_day
from feewatch.kernel.problems import Problem
from feewatch.services.trials.grade_scenarios import GradeResult
from feewatch.services.trials.rule_review import is_scheme, review, try_rules, try_schemes
from feewatch.services.trials.scenarios import Result


@click.command()
@click.argument("folders", nargs=-1, type=click.Path(exists=True, file_okay=False, path_type=Path))
@AS_JSON
@pass_session
def lint(session: Session, folders: tuple[Path, ...], as_json: bool) -> None:
    """检查规则文件，一次列出全部错误 / every fault of rule files, drafts in FOLDERS included."""
    reviewed = review(session.config, folders)
    counts = {
        "rules": len(reviewed.book.rules),
        "scenarios": reviewed.scenarios,
        "sources": len(reviewed.book.sources),
        "prices": len(reviewed.book.prices),
        "references": reviewed.references.references,
        "articles": reviewed.references.articles,
        "numbered": reviewed.references.numbered,
        "faults": len(reviewed.faults),
        "warnings": len(reviewed.warnings),
    }
    if as_json:
        faults, warnings = map(_as_json, reviewed.faults), map(_as_json, reviewed.warnings)
        notes = map(_as_json, reviewed.notes)
        listed = {"faults": list(faults), "warnings": list(warnings), "notes": list(notes)}
        print_json(counts | listed)
    else:
        for problem in reviewed.faults:
            click.echo(_line(problem))
        for problem in reviewed.warnings:
            click.echo(f"提醒 / warning: {_line(problem)}")
        for problem in reviewed.notes:
            click.echo(f"说明 / note: {_line(problem)}")
        click.echo(
            "规则 {rules} 条，情形 {scenarios} 个，文件 {sources} 份，价格 {prices} 行；"
            "引用 {references} 处，写明条文 {articles} 处（其中有条次 {numbered} 处）："
            "错误 {faults} 处，提醒 {warnings} 处".format(**counts)
        )
        click.echo(
            "{rules} rules, {scenarios} scenarios, {sources} sources, {prices} prices; "
            "{articles} of {references} references name an article, {numbered} by its number: "
            "{faults} faults, {warnings} warnings".format(**counts)
        )
    if reviewed.faults:
        sys.exit(1)


def _as_json(problem: Problem) -> dict[str, object]:
    return {"file": problem.file} | problem.as_json()


def _line(problem: Problem) -> str:
    where = [problem.file, str(problem.line or ""), str(problem.column or "")]
    return f"{':'.join(part for part in where if part)}: {problem.code}: {problem.message.both()}"


@click.command()
@click.argument("wanted", nargs=-1, metavar="[ID]... [FOLDER]")
@AS_JSON
@pass_session
def test(session: Session, wanted: tuple[str, ...], as_json: bool) -> None:
    """运行情形 / scenarios of rules or schemes ID, or of all, FOLDER laid over the book."""
    drafts = [Path(result) for result in wanted if Path(result).is_dir()]
    named = [result for result in wanted if not Path(result).is_dir()]
    schemes = [name for name in named if is_scheme(session.config, name, drafts)]
    rules = [name for name in named if name not in schemes]
    results = try_rules(session.config, rules, drafts) if rules or not named else []
    failed = [result for result in results if result.wrong]
    graded = try_schemes(session.config, schemes, drafts) if schemes or not named else []
    failed_grades = [result for result in graded if result.wrong]
    for result in results if as_json else failed:
        if as_json:
            print_json(_result(result))
        else:
            click.echo("\n".join(_describe(result)))
    for grade_result in graded if as_json else failed_grades:
        if as_json:
            print_json(_grade_result(grade_result))
        else:
            click.echo(_describe_grade(grade_result))
    if not as_json and graded:
        count = len({result.scheme.id for result in graded})
        wrong = len(failed_grades)
        click.echo(
            f"信用评价方案 {count} 个，情形 {len(graded)} 个：不符 {wrong} 个 / "
            f"{count} schemes of grades, {len(graded)} scenarios: {wrong} failed"
        )
    if not as_json and results:
        tried = len({result.scenario.rule for result in results})
        click.echo(f"规则 {tried} 条，情形 {len(results)} 个：不符 {len(failed)} 个")
        click.echo(f"{tried} rules, {len(results)} scenarios: {len(failed)} failed")
    if failed or failed_grades:
        sys.exit(1)


def _describe_grade(result: GradeResult) -> str:
    """A failure of a scheme as lines for who wrote the scenario."""
    scheme, scenario = result.scheme, result.scenario
    wrong = result.wrong.both() if result.wrong else ""
    return f"{scheme.id}  {scenario.title}\n  {scheme.file} [{scenario.number}]\n  {wrong}"


def _grade_result(result: GradeResult) -> dict[str, object]:
    scheme, scenario = result.scheme, result.scenario
    return {
        "scheme": scheme.id,
        "file": scheme.file,
        "number": scenario.number,
        "title": scenario.title,
        "as_of": format_day(scenario.on),
        "expect": f"{format_points(scenario.points)} {scenario.grade}",
        "wrong": [result.wrong.both()] if result.wrong else [],
    }


def _describe(result: Result) -> list[str]:
    """A failure as lines for the jurist who wrote the scenario."""
    scenario = result.scenario
    return [
        f"{scenario.rule}  {scenario.title}  （截止 / as of {format_day(scenario.as_of)}）",
        f"  {scenario.file} [{scenario.number}]",
        *(f"  {each.both()}" for each in result.wrong),
    ]


def _result(result: Result) -> dict[str, object]:
    scenario = result.scenario
    return {
        "rule": scenario.rule,
        "file": scenario.file,
        "number": scenario.number,
        "title": scenario.title,
        "as_of": format_day(scenario.as_of),
        "expect": scenario.outcome,
        "expect_zh": OUTCOMES[scenario.outcome],
        "wrong": [each.both() for each in result.wrong],
    }


COMMANDS: tuple[click.Command, ...] = (lint, test)
