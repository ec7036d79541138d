"""Leave a child the files that it needs and no other, where the kernel has Landlock (5.13 and later).

Only the standard library, since the child imports it before anything else.
"""

import ctypes
import os
import struct
from collections.abc import Iterable

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
VERSION = 1
PATH_BENEATH = 1
READ = 1 << 2 | 1 << 3  # files and folders
EVERYTHING = (1 << 13) - 1  # what the first version knows: running, reading, writing, making and removing
FILE_ONLY = 1 << 0 | 1 << 1 | 1 << 2  # what a rule on a plain file may give


def available() -> bool:
    """True where the kernel can do it."""
    return ctypes.CDLL(None).syscall(CREATE_RULESET, None, ctypes.c_size_t(0), VERSION) > 0


def restrict(readable: Iterable[str], writable: Iterable[str]) -> None:
    """Leave this process these places only, for good. Raises OSError where the kernel refuses."""
    attributes = struct.pack("Q", EVERYTHING)
    ruleset = call(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    for places, rights in ((readable, READ), (writable, EVERYTHING)):
        for place in places:
            allow(ruleset, place, rights)
    call(RESTRICT_SELF, ruleset, 0)
    os.close(ruleset)


def allow(ruleset: int, place: str, rights: int) -> None:
    """Add one place to what is left; one that is not there is left out."""
    try:
        descriptor = os.open(place, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    rights = rights if os.path.isdir(place) else rights & FILE_ONLY  # noqa: PTH112 (pathlib costs the child its start)
    call(ADD_RULE, ruleset, PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def call(number: int, *arguments: object) -> int:
    """Make a system call, and raise OSError where it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    answer = library.syscall(number, *arguments)
    if answer < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return int(answer)
