"""Seccomp: which system calls a Linux process will still make. No socket of any kind, no other process, no memory beside its own.

Landlock knows files; networks and signals only on newer kernels. This holds on every Linux since 3.17, on the two architectures whose
numbers are here (`Documentation/userspace-api/seccomp_filter.rst` of the kernel; numbers from its tables of system calls).
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct

PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP, FILTER = 38, 22, 2
LOAD, EQUAL, ABOVE, HAS, RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
"""Instructions of a filter: load a word, jump if it is equal, not below, or has these bits; return."""
NUMBER, ARCHITECTURE, FIRST = 0, 4, 16
"""Where these words lie: of a call, and its first argument (the lower half)."""
ALLOW, REFUSE = 0x7FFF0000, 0x00050000
CLONE_THREAD = 0x00010000
X32 = 0x40000000
"""Numbers from here on are another way into the same kernel."""
OWN = ("kill", "tgkill")
"""Allowed where they are meant for the process itself: `abort` is one."""
MARKS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CALLS: dict[str, tuple[int, int | None]] = {
    "socket": (41, 198), "socketpair": (53, 199), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "sendto": (44, 206), "execve": (59, 221), "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "pidfd_open": (434, 434), "pidfd_send_signal": (424, 424), "tkill": (200, 130), "bpf": (321, 280),
    "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "userfaultfd": (323, 282), "memfd_create": (319, 279),
    "shmget": (29, 194), "mq_open": (240, 180), "add_key": (248, 217), "keyctl": (250, 219), "unshare": (272, 97), "setns": (308, 268),
    "mount": (165, 40), "kill": (62, 129), "tgkill": (234, 131), "clone": (56, 220), "clone3": (435, 435), "fork": (57, None),
    "vfork": (58, None),
}  # fmt: skip
"""Refused, by their numbers on both architectures. Files in memory and shared memory are among them: no limit of a process counts them."""


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def known() -> bool:
    """Whether this system is one whose calls have numbers here."""
    return platform.system() == "Linux" and platform.machine() in MARKS


def refuse() -> bool:
    """From here on this process opens no socket, starts no other process, and sends signals to itself only.

    Returns:
        Whether the system holds it to that.
    """
    if not known():
        return False
    mark, place = MARKS[platform.machine()], list(MARKS).index(platform.machine())
    numbers = {name: number for name, each in CALLS.items() if (number := each[place]) is not None}
    program = instructions(mark, numbers, os.getpid())
    library = ctypes.CDLL(None, use_errno=True)
    library.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    return library.prctl(PR_SET_SECCOMP, FILTER, ctypes.byref(_Program(len(program) // 8, program)), 0, 0) == 0


def instructions(mark: int, numbers: dict[str, int], pid: int) -> bytes:
    """The filter, as the kernel reads it.

    Args:
        mark: Of the architecture.
        numbers: Of its calls.
        pid: Of this process.
    """
    never, unknown = REFUSE | errno.EPERM, REFUSE | errno.ENOSYS
    made = [_one(LOAD, ARCHITECTURE), _one(EQUAL, mark, 1, 0), _one(RETURN, never)]
    made += [_one(LOAD, NUMBER), _one(ABOVE, X32, 0, 1), _one(RETURN, never)]
    for name, number in numbers.items():
        if name in OWN or name == "clone":
            test = _one(EQUAL, pid, 0, 1) if name in OWN else _one(HAS, CLONE_THREAD, 0, 1)
            made += [_one(EQUAL, number, 0, 4), _one(LOAD, FIRST), test, _one(RETURN, ALLOW), _one(RETURN, never)]
        else:  # the C library starts threads by `clone` where it is told that there is no `clone3`
            made += [_one(EQUAL, number, 0, 1), _one(RETURN, unknown if name == "clone3" else never)]
    return b"".join([*made, _one(RETURN, ALLOW)])


def _one(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)
