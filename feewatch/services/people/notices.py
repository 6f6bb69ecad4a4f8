"""What people are told of their own log-in: whoever did it, they learn that it was done."""

from feewatch.kernel.text import Text
from feewatch.services import messages
from feewatch.store.database import Transaction

#: Where a person sees their sessions.
_PAGE = "/account/sessions"


def tell_person(tx: Transaction, user_id: int, what: str, text: Text) -> None:
    """A message, and mail if they have an address, in the transaction of the act."""
    told = Text(
        f"{text.zh}。如非本人所为，请立即联系管理员",
        f"{text.en}. If this was not you or at your wish, tell the administrator at once",
    )
    messages.tell(tx, to_user=user_id, kind="account", object=what, text=told, address=_PAGE)
