"""Copies of tiles on disk, shared by the processes of this machine: bounded, whole or not there, for no other account.

What a copy is called says all that it depends on: it never gets old, it is only asked for no more.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from threading import Lock
from uuid import uuid4

CHECK = 16  # bytes of a checksum before the content: after a crash of the machine a file may be cut or empty
SHARE = 20  # the folder is looked through each time that a process has written this part of its bound
KEPT = 0.9  # of the bound, then
ABANDONED = 3600  # seconds
SUFFIX = ".part"


class TileStore:
    """A folder of copies, of `limit` bytes at the most."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder, self.limit = folder, limit
        self._written = limit  # nothing is known of what others left: the first copy has it looked through
        self._sweeping = Lock()

    def get(self, name: str) -> bytes | None:
        """Return a copy, None where there is none that is whole."""
        path = self._path(name)
        try:
            stored = path.read_bytes()
            os.utime(path)  # the last ones asked for are kept
        except OSError:
            return None
        content = stored[CHECK:]
        return content if stored[:CHECK] == checksum(content) else None

    def put(self, name: str, content: bytes) -> None:
        """Keep a copy. On a full disk, or without the right to write, nothing is kept and nobody is refused."""
        with suppress(OSError):
            self._write(self._path(name), checksum(content) + content)
            self._written += CHECK + len(content)
            if self._written > self.limit / SHARE:
                self._sweep()

    def _write(self, path: Path, content: bytes) -> None:
        for folder in (self.folder.parent, self.folder, path.parent):  # of parents made on the way, all could read
            folder.mkdir(mode=0o700, exist_ok=True)
        part = path.with_name(f"{uuid4().hex}{SUFFIX}")
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(content)
            part.replace(path)
        except OSError:
            part.unlink(missing_ok=True)
            raise

    def _path(self, name: str) -> Path:
        return self.folder / name[:2] / name

    def _sweep(self) -> None:
        """Take away the copies asked for longest ago, where all together are too many; one thread at a time does."""
        if not self._sweeping.acquire(blocking=False):
            return
        try:
            self._written = 0
            copies = sorted(self._copies(), reverse=True)
            kept = 0
            if sum(size for _, size, _ in copies) <= self.limit - self.limit // SHARE:
                return
            for _, size, path in copies:
                kept += size
                if kept > KEPT * self.limit:
                    Path(path).unlink(missing_ok=True)
        finally:
            self._sweeping.release()

    def _copies(self) -> Iterator[tuple[float, int, str]]:
        """Yield when each copy was last asked for, its size and its path; what was never finished is taken away."""
        for folder in self.folder.iterdir():
            with os.scandir(folder) as entries:
                for entry in entries:
                    try:
                        about = entry.stat()
                    except FileNotFoundError:  # another process took it away
                        continue
                    if not entry.name.endswith(SUFFIX):
                        yield about.st_mtime, about.st_size, entry.path
                    elif about.st_mtime < time.time() - ABANDONED:
                        Path(entry.path).unlink(missing_ok=True)


def checksum(content: bytes) -> bytes:
    """Return what tells a whole copy from a cut one."""
    return hashlib.blake2b(content, digest_size=CHECK).digest()
