"""The site for a WSGI server that is started beside a clone; a wheel has ``feewatch.wsgi``."""

from feewatch.wsgi import application

__all__ = ["application"]
