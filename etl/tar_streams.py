"""Read a tar archive as a stream, in little memory whatever it holds: tarfile alone believes its headers."""

import bz2
import gzip
import io
import lzma
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, NoReturn, Protocol

from catalog.errors import DeliveryError
from etl.rows import printable

BLOCK = 2**20
HEADER_BYTES = 2**18  # of a long name or of extended attributes, which tarfile reads whole, up to 300 one in another
XZ_MEMORY = 128 * 2**20  # what `xz -9` needs, twice
EXTENDED = (
    tarfile.GNUTYPE_LONGNAME,
    tarfile.GNUTYPE_LONGLINK,
    tarfile.XHDTYPE,
    tarfile.XGLTYPE,
    tarfile.SOLARIS_XHDTYPE,
)

Count = Callable[[int], None]


@contextmanager
def opened(path: Path, count: Count) -> Iterator[tarfile.TarFile]:
    """Open a tar archive, compressed or not, for the time of a block; each piece decompressed is counted."""
    with (
        decompressed(path) as content,
        tarfile.open(fileobj=Counted(content, count), mode="r|", tarinfo=Member) as archive,  # type: ignore[call-overload]
    ):
        yield archive


def decompressed(path: Path) -> IO[bytes]:
    """Open a tar archive, compressed or not, so that it is decompressed no further than it is read."""
    with path.open("rb") as file:
        start = file.read(6)
    if start.startswith(b"\x1f\x8b"):
        return gzip.open(path)  # type: ignore[return-value]
    if start.startswith(b"BZh"):
        return bz2.open(path)
    return io.BufferedReader(Unxz(path)) if start == b"\xfd7zXZ\x00" else path.open("rb")


class Readable(Protocol):
    """Anything that gives its bytes by pieces."""

    def read(self, size: int, /) -> bytes:
        """Return that many bytes, fewer at the end."""


@dataclass
class Counted:
    """A decompressed stream whose bytes are counted as they pass."""

    content: Readable
    count: Count

    def read(self, size: int, /) -> bytes:
        """Return that many bytes, fewer at the end. `count` may refuse them."""
        block = self.content.read(size)
        self.count(len(block))
        return block


class Member(tarfile.TarInfo):
    """A tar header that refuses what tarfile would read whole into memory, before it does."""

    def _proc_member(self, archive: tarfile.TarFile) -> tarfile.TarInfo:
        if self.type in EXTENDED and not 0 <= self.size <= HEADER_BYTES:
            raise DeliveryError("en-tête démesuré dans l'archive : demandez-la de nouveau")
        if self.type == tarfile.XGLTYPE:
            archive.pax_headers.clear()  # each would add to those before it, and every member keep them all
        return super()._proc_member(archive)  # type: ignore[misc]

    def _proc_sparse(self, *_: object) -> NoReturn:
        raise DeliveryError(
            "fichier à trous dans l'archive : demandez-la de nouveau, sans cela", obj=printable(self.name)[:200]
        )

    _proc_gnusparse_00 = _proc_gnusparse_01 = _proc_gnusparse_10 = _proc_sparse


class Unxz(io.RawIOBase):
    """A decompressed xz stream whose dictionary is limited, which `lzma.open` cannot do."""

    def __init__(self, path: Path) -> None:
        self.file = path.open("rb")
        self.decoder = lzma.LZMADecompressor(memlimit=XZ_MEMORY)

    def readable(self) -> bool:
        """Say so to BufferedReader."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill a buffer, as far as one step goes. Raises EOFError where the stream is cut."""
        while not self.decoder.eof:
            block = self.decoder.decompress(self.more(), len(buffer))
            if block:
                buffer[: len(block)] = block
                return len(block)
        if (self.decoder.unused_data + self.file.read(BLOCK)).strip(b"\0"):
            raise lzma.LZMAError  # a second stream: no program makes one unless told to
        return 0

    def more(self) -> bytes:
        """Return compressed bytes where the decoder needs some. Raises EOFError where there are none."""
        if not self.decoder.needs_input:
            return b""
        if not (data := self.file.read(BLOCK)):
            raise EOFError
        return data

    def close(self) -> None:
        """Close the file too."""
        self.file.close()
        super().close()
