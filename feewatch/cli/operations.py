"""Commands of operations: making the installation, people who may log in, the web service."""

import os
import sys

import click

from feewatch.bootstrap import has_database, open_app, refuse_lost
from feewatch.cli.session import AS_JSON, Session, pass_session, print_json
from feewatch.founding import initialise
from feewatch.kernel.departments import DEPARTMENTS, say_department
from feewatch.kernel.garbage import keep_what_is_there
from feewatch.kernel.heaps import share_heaps
from feewatch.kernel.people import ROLES
from feewatch.logs import logging_to
from feewatch.services.check.rulebook import rule_book
from feewatch.services.intake.provenance import complete_words
from feewatch.services.intake.sealing import has_clear_files
from feewatch.services.lists import posting
from feewatch.services.lists.keys import ensure_signing_key, lacks_key
from feewatch.services.people import (
    api_tokens,
    holding,
    identities,
    passwords,
    roles,
    second_factors,
    separation,
    users,
)
from feewatch.store.pages.scope import MAX_KEY
from feewatch.web.processes import Processes, count_processes
from feewatch.web.server import Server, addresses_of, open_doors
from feewatch.web.site import create_app
from feewatch.web.spread import Spread

_PASSWORD = click.option(
    "--password-stdin", is_flag=True, help="从标准输入读取密码 / read the password from stdin"
)


@click.command()
@pass_session
def init(session: Session) -> None:
    """建立或升级数据库与密钥 / create or migrate the database, make absent keys."""
    refuse_lost(session.config)
    is_new = not has_database(session.config)
    app = initialise(session.config)
    session.note(app, "init")
    if is_new:
        separation.want(app, actor=session.actor)
    ensure_signing_key(app)
    posting.fill_anew(app)
    complete_words(app)
    is_lost, has_clear = lacks_key(app), has_clear_files(app)
    app.database.dispose()
    if is_lost:
        click.echo(
            "KEY-EDITIONS: 已有公示版次而缺少签名密钥，未另建，请从备份恢复 / editions exist, "
            "their signing key is missing and none was made: bring it back from a safety copy",
            err=True,
        )
    if has_clear:
        click.echo(
            "FILES-CLEAR: 有未加密的存档文件，请运行 feewatch files seal / there are kept files in "
            "clear: run feewatch files seal",
            err=True,
        )
    click.echo(f"已就绪 / ready: {app.config.var}")


_EVERY = "all"


@click.group()
def user() -> None:
    """用户 / people who may log in."""


@user.command()
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="角色 / role")
@click.option("--district", help="行政区划代码，含其下级 / district code, with all below it")
@click.option("--institution", metavar="USCC", help="统一社会信用代码 / credit code")
@click.option(
    "--department",
    type=click.Choice(tuple(DEPARTMENTS)),
    help="部门：只见其事项与案件 / sees matters and cases of this department alone",
)
@_PASSWORD
@click.option(
    "--must-change", is_flag=True, help="首次登录须改密码 / the first password is changed at once"
)
@click.option("--reason", default="", help="理由 / reason")
@pass_session
def add(
    session: Session,
    name: str,
    role: str,
    district: str | None,
    institution: str | None,
    department: str | None,
    password_stdin: bool,
    must_change: bool,
    reason: str,
) -> None:
    """新增用户 / add a person; without --password-stdin a password is made and printed once."""
    password = _read_password(password_stdin)
    waits = users.add_user(
        session.app,
        name,
        role,
        password=password,
        district=district,
        uscc=institution,
        actor=session.actor,
        reason=reason,
        must_change=must_change,
        department=department,
    )
    _show(name, password, password_stdin)
    _tell_waiting(name, waits=waits)


@user.command("department")
@click.argument("name")
@click.option(
    "--to",
    "department",
    required=True,
    type=click.Choice((*DEPARTMENTS, _EVERY)),
    help="部门；all 为不分部门 / the department; all: of every department",
)
@click.option("--reason", required=True, help="理由 / reason")
@pass_session
def change_department(session: Session, name: str, department: str, reason: str) -> None:
    """变更机关人员的部门 / let a person see the matters and cases of a department alone."""
    wanted = None if department == _EVERY else department
    users.set_department(session.app, name, wanted, actor=session.user, reason=reason)
    click.echo(f"{name}: {say_department(wanted).both()}")


@user.command("role")
@click.argument("name")
@click.option("--role", required=True, type=click.Choice(ROLES), help="新角色 / the new role")
@click.option("--district", help="行政区划代码 / district code, where it changes too")
@click.option("--reason", required=True, help="理由 / reason")
@pass_session
def change_role(session: Session, name: str, role: str, district: str | None, reason: str) -> None:
    """变更机关人员的角色 / give a person of the office another role."""
    waits = roles.change_role(
        session.app, name, role, district=district, actor=session.user, reason=reason
    )
    _tell_waiting(name, waits=waits)
    if not waits:
        click.echo(f"已变更 / changed: {name}")


@user.command("requests")
@AS_JSON
@pass_session
def list_requests(session: Session, as_json: bool) -> None:
    """列出待确认的角色提请 / what waits for a second administrator."""
    for row in roles.list_waiting(session.app):
        facts = {
            "name": row.name, "kind": row.kind, "role": row.role, "district": row.district,
            "asked_by": row.asked_by, "asked_at": row.asked_at, "reason": row.reason,
        }  # fmt: skip
        if as_json:
            print_json(facts)
        else:
            click.echo("  ".join(str(value or "-") for value in facts.values()))


@user.command("refuse")
@click.argument("name")
@click.option("--reason", required=True, help="理由 / reason")
@pass_session
def refuse_request(session: Session, name: str, reason: str) -> None:
    """不同意，或撤回角色提请 / refuse what waits about a person, or take it back."""
    roles.refuse(session.app, name, actor=session.user, reason=reason)
    click.echo(f"未同意 / refused: {name}")


@user.command()
@click.argument("name")
@pass_session
def disable(session: Session, name: str) -> None:
    """停用用户 / bar a person and end their sessions."""
    users.disable_user(session.app, name, actor=session.actor)
    click.echo(f"已停用 / disabled: {name}")


@user.command()
@click.argument("name")
@_PASSWORD
@pass_session
def reset(session: Session, name: str, password_stdin: bool) -> None:
    """重设密码 / give a person a new password."""
    password = _read_password(password_stdin)
    waits = users.reset_password(session.app, name, password, actor=session.actor)
    _show(name, password, password_stdin)
    _tell_waiting(name, waits=waits)


@user.command()
@click.argument("name")
@pass_session
def confirm(session: Session, name: str) -> None:
    """第二名管理员确认角色或重置 / a second administrator confirms a role, or a reset."""
    if roles.find_waiting(session.app, name) is not None:
        roles.confirm(session.app, name, actor=session.user)
    else:
        holding.confirm(session.app, name, actor=session.user)
    click.echo(f"已确认 / confirmed: {name}")


@user.command("reset-factor")
@click.argument("name")
@pass_session
def reset_factor(session: Session, name: str) -> None:
    """取消丢失的动态码 / take a lost second factor from a person, who sets up another."""
    second_factors.reset(session.app, name, actor=session.actor)
    click.echo(f"已取消动态码 / taken away: {name}")


@user.command()
@click.argument("name")
@click.option("--subject", required=True, help="身份认证平台上的 sub / the provider's subject")
@pass_session
def link(session: Session, name: str, subject: str) -> None:
    """关联身份认证平台的账号 / let a person log in as a subject of the identity provider."""
    identities.link(session.app, name, subject, actor=session.actor)
    click.echo(f"已关联 / linked: {name}")


@user.command()
@click.argument("name")
@pass_session
def unlink(session: Session, name: str) -> None:
    """取消关联 / let a person be no subject of the identity provider any more."""
    identities.unlink(session.app, name, actor=session.actor)
    click.echo(f"已取消关联 / link cut: {name}")


@user.command()
@click.argument("name")
@click.argument("address")
@pass_session
def mail(session: Session, name: str, address: str) -> None:
    """设置邮箱，空字符串为取消 / where a person's messages go as mail too; empty: nowhere."""
    users.set_mail(session.app, name, address, actor=session.actor)
    click.echo(f"已设置 / set: {name}" if address.strip() else f"已取消 / no mail: {name}")


@user.command()
@click.argument("name")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(list(api_tokens.SCOPES)),
    help="用途，可重复 / for what, may be repeated; api: hand-in, deciders: read and decide",
)  # fmt: skip
@click.option("--days", type=click.IntRange(1, 3650), help="有效天数 / days it is good")
@click.option("--note", default="", help="说明 / what it is for")
@pass_session
def token(
    session: Session, name: str, scopes: tuple[str, ...], days: int | None, note: str
) -> None:
    """新建接口令牌，仅显示一次 / make a bearer token of a program or decider, shown once."""
    made = api_tokens.issue_token(
        session.app, name, actor=session.actor, scopes=scopes, days=days, note=note
    )
    click.echo(made)


@user.command("tokens")
@click.argument("name")
@AS_JSON
@pass_session
def list_tokens(session: Session, name: str, as_json: bool) -> None:
    """列出接口令牌 / the tokens of a person that were not ended."""
    person = users.get_user(session.app, name)
    for row in api_tokens.list_tokens(session.app, person):
        facts = {
            "id": row.id,
            "scopes": row.scopes.split(","),
            "note": row.note,
            "created_at": row.created_at,
            "created_by": row.created_by,
            "expires_at": row.expires_at,
            "used_at": row.used_at,
            "used_from": row.used_from,
        }
        if as_json:
            print_json(facts)
        else:
            click.echo(
                "  ".join(str(value or "-") for value in {**facts, "scopes": row.scopes}.values())
            )


@user.command()
@click.argument("name")
@click.option(
    "--token", "key", type=click.IntRange(1, MAX_KEY), help="仅此编号 / one alone, by number"
)
@pass_session
def revoke(session: Session, name: str, key: int | None) -> None:
    """结束接口令牌 / let tokens be good no more: all, or one."""
    if key is None:
        count = api_tokens.revoke_tokens(session.app, name, actor=session.actor)
    else:
        api_tokens.revoke_token(session.app, name, key, actor=session.actor)
        count = 1
    click.echo(f"已吊销 / revoked: {count}")


@click.command()
@click.option("--host", help="监听地址 / address to listen on")
@click.option("--port", type=click.IntRange(0, 65535), help="端口 / port")
@pass_session
def serve(session: Session, host: str | None, port: int | None) -> None:
    """启动网站 / run the web service."""
    web = session.config.web
    host, port = host or web.host, web.port if port is None else port
    share_heaps()
    site = create_app(session.app)
    rule_book(session.app)  # read now, so that nobody's first page waits for it
    keep_what_is_there()
    doors = open_doors(host, port)
    for name, number in addresses_of(doors):
        click.echo(f"http://{name}:{number}/", err=True)
    processes = count_processes(web.processes)
    database = session.app.database
    if processes == 1:
        with logging_to(session.config, "web"):
            Server(site, web, doors, is_void=lambda: database.is_replaced).run()
        if database.is_replaced:
            database.refuse_other()  # whoever keeps it running begins it anew
        database.dispose()
        return
    database.dispose()  # a child that inherits a connection would share it
    parent = os.getpid()

    def serve_here(spread: Spread) -> None:
        open_app(session.config).database.dispose()  # where one was put back it is whole
        with logging_to(session.config, "web"):
            Server(site, web, doors, parent, lambda: database.is_replaced, spread).run()
        database.dispose()

    with logging_to(session.config, "web"):
        Processes(processes, doors, serve_here).run()


def _read_password(from_stdin: bool) -> str:
    return sys.stdin.readline().rstrip("\r\n") if from_stdin else passwords.random_password()


def _tell_waiting(name: str, *, waits: bool) -> None:
    if waits:
        click.echo(
            f"待另一名管理员确认：feewatch --as 用户名 user confirm {name} / another administrator "
            f"has to confirm it first",
            err=True,
        )


def _show(name: str, password: str, known: bool) -> None:
    click.echo(
        f"{name}" if known else f"{name} 密码（仅显示一次）/ password, shown once: {password}"
    )


COMMANDS: tuple[click.Command, ...] = (init, user, serve)
