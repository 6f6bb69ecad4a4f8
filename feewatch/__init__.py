"""feewatch: the prepaid-fee escrow monitor for training institutions (校外培训机构预收费监管)."""

__version__ = "0.1.0"
