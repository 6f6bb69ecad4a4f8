"""``python -m feewatch`` is the ``feewatch`` command."""

from feewatch.cli import main

main()
