"""Where the installed command begins; what it does is in `main`."""

from .main import main, run

__all__ = ["main", "run"]
