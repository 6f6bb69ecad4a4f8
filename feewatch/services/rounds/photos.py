"""A photo handed in, as it is kept: without place, moment and device."""

import hashlib
from dataclasses import replace

from feewatch.rounds.photos import strip
from feewatch.services.intake.proofs import Proof


def stripped(proof: Proof) -> Proof:
    """The proof whose bytes and hash are those of the picture alone.

    Raises: InvalidInputError where the picture breaks off.
    """
    content = strip(proof.content)
    return replace(proof, content=content, sha256=hashlib.sha256(content).hexdigest())
