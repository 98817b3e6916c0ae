"""The parts of the sample company that `pls.generate` writes."""

from collections.abc import Callable

Progress = Callable[[str], None]
"""Told one line of text now and then."""
