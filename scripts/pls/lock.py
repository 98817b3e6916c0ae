"""One build at a time for a published file."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from pls.errors import InputError, LockHeld


@dataclass(frozen=True)
class Holder:
    """Who holds a lock.

    Attributes:
        pid: Its process id; 0 when the file does not say.
        since: When it took the lock (UTC, ISO 8601); empty when the file does not say.
    """

    pid: int
    since: str


def read_holder(path: Path) -> Holder:
    """Read who wrote a lock file last, whether or not it still holds the lock.

    Args:
        path: The lock file.

    Returns:
        The holder as far as the file tells.
    """
    with suppress(OSError, ValueError, TypeError, KeyError):
        content = json.loads(path.read_text(encoding="utf-8"))
        return Holder(int(content["pid"]), str(content["since"]))
    return Holder(0, "")


def held_by(path: Path) -> Holder | None:
    """Say who holds the lock now.

    Args:
        path: The lock file.

    Returns:
        The holder, or None when the lock is free.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return read_holder(path)
    finally:
        os.close(descriptor)
    return None


@contextmanager
def hold(path: Path) -> Iterator[None]:
    """Hold the lock; the operating system lets go of it even when the process is killed.

    The file itself stays: removing it would let two builds lock two files of one name.

    Args:
        path: The lock file; its folder must exist.

    Yields:
        Nothing; the lock is held inside the block.

    Raises:
        LockHeld: Another process holds it.
        InputError: The file cannot be made.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise InputError(
            error.strerror or str(error), str(path), "make it writable or give another --db"
        ) from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = read_holder(path)
            who = f"pid {holder.pid}, since {holder.since}" if holder.pid else "of unknown pid"
            raise LockHeld(
                f"another build ({who}) holds the lock",
                str(path),
                "wait until it is done, then run this again",
            ) from error
        since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, json.dumps({"pid": os.getpid(), "since": since}).encode(), 0)
        yield
    finally:
        os.close(descriptor)
