"""What a child gives up before it reads a stranger's bytes.

The sandbox around the zygote already hides files, network and other processes. But all children of
one zygote share that sandbox. So that one that was taken over finds neither the next customer's
model nor a process to harm, a child keeps the descriptors of its own job alone, can open no other,
and has the few system calls that reading, computing and writing need: none to start a process, to
signal one, to open a file or a socket, or to change a name on disk. It may start threads, which
manifold3d needs.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct

from pricing_fdm.sandbox.launcher import confine_calls

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _SIGKILL = 1, 4, 9
_FIRST_OF_OURS = 3
_LIBC = ctypes.CDLL(None, use_errno=True)

# linux/filter.h, linux/seccomp.h, linux/audit.h
_LOAD, _EQUAL, _ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_ALLOW, _KILL = 0x7FFF0000, 0x80000000
_REFUSE, _UNKNOWN = 0x00050001, 0x00050026  # EPERM, ENOSYS
_X86_64 = 0xC000003E

# linux/sched.h. The C library makes threads by `clone` where there is no `clone3`, whose flags lie
# in memory that a filter cannot see.
_CLONE, _CLONE3, _CLONE_THREAD = 56, 435, 0x10000

ALLOWED_CALLS = {
    "read": 0, "write": 1, "close": 3, "fstat": 5, "lseek": 8, "pread64": 17, "pwrite64": 18,
    "readv": 19, "writev": 20, "ftruncate": 77, "newfstatat": 262,
    "mmap": 9, "mprotect": 10, "munmap": 11, "brk": 12, "mremap": 25, "madvise": 28,
    "rt_sigaction": 13, "rt_sigprocmask": 14, "rt_sigreturn": 15, "sigaltstack": 131,
    "sched_yield": 24, "sched_getaffinity": 204, "nanosleep": 35, "clock_nanosleep": 230,
    "restart_syscall": 219,
    "futex": 202, "membarrier": 324, "rseq": 334, "set_robust_list": 273,
    "getpid": 39, "gettid": 186, "getrusage": 98, "times": 100, "uname": 63, "sysinfo": 99,
    "clock_gettime": 228, "clock_getres": 229, "gettimeofday": 96, "time": 201, "getrandom": 318,
    "exit": 60, "exit_group": 231,
}  # fmt: skip


def hide() -> None:
    """Closes the memory and the descriptors of this process, and of those it forks, to others.

    Raises:
        OSError: The kernel refuses.
    """
    _checked(_LIBC.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0))


def confine(kept: tuple[int, ...], null: int, parent: int, cpu_s: int) -> None:
    """Makes this process, which was just forked, a child that may read one model.

    Args:
        kept: The descriptors of its job; all others are closed.
        null: A descriptor of /dev/null, which becomes its standard streams.
        parent: The process that it was forked from; it dies with it.
        cpu_s: CPU seconds that it may use.

    Raises:
        OSError: The kernel refuses.
    """
    _checked(_LIBC.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0))
    if os.getppid() != parent:
        os._exit(1)  # it died before the call above
    for stream in range(_FIRST_OF_OURS):
        os.dup2(null, stream)
    lowest = _FIRST_OF_OURS
    for descriptor in sorted(kept):
        os.closerange(lowest, descriptor)
        lowest = descriptor + 1
    os.closerange(lowest, resource.getrlimit(resource.RLIMIT_NOFILE)[0])
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_s, cpu_s + 1))
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))  # those that are open stay open
    if platform.machine() == "x86_64":  # the numbers above are this machine's
        confine_calls(_call_filter())


def _call_filter() -> bytes:
    """The seccomp program that refuses everything but `ALLOWED_CALLS`."""
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_EQUAL, 0, 1, _CLONE3),
        (_RETURN, 0, 0, _UNKNOWN),
    ]
    for number in ALLOWED_CALLS.values():
        steps += [(_EQUAL, 0, 1, number), (_RETURN, 0, 0, _ALLOW)]
    steps += [
        (_EQUAL, 0, 3, _CLONE),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_ANY_BIT, 0, 1, _CLONE_THREAD),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
