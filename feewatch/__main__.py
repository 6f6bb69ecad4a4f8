"""``python -m feewatch`` and ``feewatch`` are one command."""

import gc

# what is imported lasts: to look through it again and again for what does not takes a sixth of the
# time in which a command begins
gc.disable()

from feewatch.cli import main  # noqa: E402

gc.freeze()
gc.enable()  # at once: processes that this one begins import it too

if __name__ == "__main__":
    main()
