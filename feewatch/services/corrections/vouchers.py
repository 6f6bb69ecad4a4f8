"""Vouchers of proposals: files that show why a row is wrong, told by their bytes, kept for ever."""

from feewatch.kernel.text import Text
from feewatch.services.intake.proofs import PICTURES_AND_PDF, KindTaken, Proof, read_proof

_TAKEN = KindTaken("VOUCHER", Text("凭证", "a voucher"), PICTURES_AND_PDF, "PDF, JPEG or PNG", 10)


def read_voucher(name: str, content: bytes) -> Proof:
    """A file as a voucher, looked at and not yet kept.

    Raises: InvalidInputError where it is empty, too large, or neither PDF nor a picture.
    """
    return read_proof(_TAKEN, name, content)
