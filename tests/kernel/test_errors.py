import pickle

import pytest

from feewatch.kernel.errors import InvalidInputError, MachineError
from feewatch.kernel.text import Text


@pytest.mark.parametrize(
    "refusal",
    [
        InvalidInputError("CODE", "不可", "cannot", field="name"),
        MachineError("CODE", "稍后", "later", seconds=7),
    ],
)
def test_a_refusal_of_another_process_is_the_same(refusal):
    again = pickle.loads(pickle.dumps(refusal))
    assert type(again) is type(refusal)
    assert (str(again), again.__dict__) == (str(refusal), refusal.__dict__)
    assert isinstance(again.text, Text)
