"""``python -m feewatch`` and ``feewatch`` are one command."""

import gc

# most of what is imported lasts: to look through it again and again for what does not takes a
# sixth of the time in which a command begins (``garbage.go_on_collecting``)
gc.disable()

from feewatch.cli import main  # noqa: E402

if __name__ == "__main__":
    main()
