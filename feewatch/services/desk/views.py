"""Saved views of a person: lists with their filters, one press away."""

from feewatch.bootstrap import App
from feewatch.kernel.errors import ConflictError, InvalidInputError, NotFoundError
from feewatch.kernel.people import User
from feewatch.store.pages import PageRows
from feewatch.store.people import views

MOST = 30
TITLE_MOST, ADDRESS_MOST = 60, 500


def list_views(app: App, person: User) -> PageRows:
    """The views of a person."""
    with app.database.reading() as tx:
        return views.list_views(tx, person.id)


def save_view(app: App, person: User, title: str, address: str) -> None:
    """Keep the address of a list of the desk under a title.

    Raises: InvalidInputError for an empty or long title or another address, ConflictError for a
    title that is taken or too many views.
    """
    title = title.strip()
    if not 1 <= len(title) <= TITLE_MOST:
        raise InvalidInputError(
            "VIEW-TITLE", f"视图名称应为 1–{TITLE_MOST} 字", f"a title has 1–{TITLE_MOST} letters"
        )
    if not address.startswith("/desk/") or len(address) > ADDRESS_MOST or "\\" in address:
        raise InvalidInputError("VIEW-ADDRESS", "不是列表的地址", "this is no address of a list")
    with app.database.transaction() as tx:
        if views.count_views(tx, person.id) >= MOST:
            raise ConflictError("VIEWS-MOST", f"至多保存 {MOST} 个视图", f"{MOST} views at most")
        if not views.add_view(tx, person.id, title, address):
            raise ConflictError(
                "VIEW-EXISTS", f"已有名为“{title}”的视图", f"there is a view called {title}"
            )


def delete_view(app: App, person: User, key: int) -> None:
    """Take a view of the person away.

    Raises: NotFoundError where the person has no such view.
    """
    with app.database.transaction() as tx:
        if not views.delete_view(tx, person.id, key):
            raise NotFoundError("VIEW-UNKNOWN", "没有这个视图", "there is no such view")
