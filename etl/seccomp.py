"""A system call filter for the child that opens deliveries: no socket, no other program, no other process.

Only the standard library, since the child imports it before anything else.
"""

import ctypes
import errno
import os
import platform
import struct

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 22, 38
SECCOMP_MODE_FILTER = 2
SIGKILL = 9

LOAD, JUMP_EQUAL, JUMP_GREATER_EQUAL, JUMP_SET, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06  # BPF instructions
ALLOW, DENY, ABSENT, KILL = 0x7FFF0000, 0x00050000 | errno.EPERM, 0x00050000 | errno.ENOSYS, 0x80000000
NUMBER_OFFSET, ARCHITECTURE_OFFSET, FLAGS_OFFSET = 0, 4, 16  # in struct seccomp_data; the low word of argument 0
CLONE_THREAD = 0x00010000
FOREIGN_CALLS = 0x40000000  # x32 calls on x86_64

# name: (x86_64, aarch64); None where the architecture has no such call
CALLS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211), "sendmmsg": (307, 269),
    "recvfrom": (45, 207), "recvmsg": (47, 212),
    "fork": (57, None), "vfork": (58, None), "execve": (59, 221), "execveat": (322, 281),
    "kill": (62, 129), "tkill": (200, 130), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip
CLONE, CLONE3 = (56, 220), (435, 435)
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column in CALLS, AUDIT_ARCH


class Program(ctypes.Structure):
    """`struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def instruction(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    """Return one `struct sock_filter`."""
    return struct.pack("HBBI", code, if_true, if_false, value)


def program(machine: str) -> bytes:
    """Return the filter for an architecture: new processes and what is named in CALLS fail, the rest passes."""
    column, audit = ARCHITECTURES[machine]
    lines = [
        instruction(LOAD, ARCHITECTURE_OFFSET),
        instruction(JUMP_EQUAL, audit, if_true=1),
        instruction(RETURN, KILL),
        instruction(LOAD, NUMBER_OFFSET),
        instruction(JUMP_GREATER_EQUAL, FOREIGN_CALLS, if_false=1),
        instruction(RETURN, DENY),
    ]
    for number in filter(None, (numbers[column] for numbers in CALLS.values())):
        lines += [instruction(JUMP_EQUAL, number, if_false=1), instruction(RETURN, DENY)]
    return b"".join([*lines, *threads_only(CLONE[column], CLONE3[column]), instruction(RETURN, ALLOW)])


def threads_only(clone: int, clone3: int) -> list[bytes]:
    """Let `clone` make threads but no process.

    The flags of `clone3` are in memory, where no filter sees them: said not to exist, it makes way for `clone`.
    """
    return [
        instruction(JUMP_EQUAL, clone3, if_false=1),
        instruction(RETURN, ABSENT),
        instruction(JUMP_EQUAL, clone, if_false=3),
        instruction(LOAD, FLAGS_OFFSET),
        instruction(JUMP_SET, CLONE_THREAD, if_true=1),
        instruction(RETURN, DENY),
    ]


def available() -> bool:
    """True where the filter is written for this machine."""
    return platform.machine() in ARCHITECTURES


def install() -> None:
    """Put the filter on this process, for good. Raises OSError where the kernel refuses it."""
    code = program(platform.machine())
    control(PR_SET_NO_NEW_PRIVS, 1)
    control(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.byref(Program(len(code) // 8, code)))


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent dies, and show its memory to nobody."""
    control(PR_SET_PDEATHSIG, SIGKILL)
    control(PR_SET_DUMPABLE, 0)


def control(option: int, value: int, pointer: object = None) -> None:
    """Call prctl, and raise OSError where it fails."""
    library = ctypes.CDLL(None, use_errno=True)
    if library.prctl(option, ctypes.c_ulong(value), pointer, ctypes.c_ulong(0), ctypes.c_ulong(0)) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
