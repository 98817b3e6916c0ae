"""The errors of the wrapper: each is one line that says what, where and how to mend it."""

from __future__ import annotations


def one_line(text: object) -> str:
    """Squash every run of white space, newlines included, into one space.

    Args:
        text: Anything with a text form.

    Returns:
        The text on one line.
    """
    return " ".join(str(text).split())


class PlsError(Exception):
    """An error a person can act on.

    Attributes:
        exit_code: What the process ends with.
        what: What is wrong.
        where: The file, option or object it is about.
        mend: How to put it right.
    """

    exit_code = 2

    def __init__(self, what: str, where: str = "pls", mend: str = "") -> None:
        """Keep the three parts.

        Args:
            what: What is wrong.
            where: The file, option or object it is about.
            mend: How to put it right; may be empty.
        """
        self.what = one_line(what)
        self.where = one_line(where)
        self.mend = one_line(mend)
        super().__init__(self.what, self.where, self.mend)

    def __str__(self) -> str:
        """Give the whole error as a single line."""
        line = f"{self.where}: {self.what}" if self.where else self.what
        return f"{line}; {self.mend}" if self.mend else line


class InputError(PlsError):
    """Bad input or configuration (exit code 2)."""

    exit_code = 2


class ChecksFailed(PlsError):
    """A data test failed, so nothing was published (exit code 1)."""

    exit_code = 1


class LockHeld(PlsError):
    """Another build holds the lock (exit code 3)."""

    exit_code = 3


class SeveralErrors(PlsError):
    """More than one error of one run, a line each."""

    def __init__(self, errors: list[PlsError]) -> None:
        """Keep the errors; the gravest exit code counts (2 before 1).

        Args:
            errors: The errors, at least one.
        """
        super().__init__("; ".join(str(error) for error in errors), "")
        self.errors = errors
        self.exit_code = max(error.exit_code for error in errors)
