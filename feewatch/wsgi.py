"""The site for a WSGI server: ``feewatch.wsgi:application``; ``FEEWATCH_CONFIG`` names the file."""

import os
from pathlib import Path

from feewatch.bootstrap import keep_to_owner, open_app
from feewatch.config import load_config
from feewatch.web.site import create_app

_file = os.environ.get("FEEWATCH_CONFIG")
keep_to_owner()
application = create_app(open_app(load_config(Path(_file) if _file else None)))
