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

from pricing_fdm.sandbox.call_filter import narrow_filter
from pricing_fdm.sandbox.launcher import confine_calls

_PR_SET_PDEATHSIG, _PR_SET_DUMPABLE, _SIGKILL = 1, 4, 9
_FIRST_OF_OURS = 3
_LIBC = ctypes.CDLL(None, use_errno=True)

ALLOWED_CALLS = frozenset(
    [
        "read",
        "readv",
        "pread64",
        "write",
        "writev",
        "pwrite64",
        "lseek",
        "ftruncate",
        "fstat",
        "newfstatat",
        "close",
        "mmap",
        "munmap",
        "mremap",
        "mprotect",
        "madvise",
        "brk",
        "rt_sigaction",
        "rt_sigprocmask",
        "rt_sigreturn",
        "sigaltstack",
        "restart_syscall",
        "exit",
        "exit_group",
        "futex",
        "set_robust_list",
        "rseq",
        "membarrier",
        "sched_yield",
        "sched_getaffinity",
        "nanosleep",
        "clock_nanosleep",
        "clock_gettime",
        "clock_getres",
        "gettimeofday",
        "time",
        "times",
        "getrusage",
        "getpid",
        "gettid",
        "getrandom",
        "uname",
        "sysinfo",
    ]
)


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
    call_filter = narrow_filter(platform.machine(), ALLOWED_CALLS)
    if call_filter is not None:
        confine_calls(call_filter)


def _checked(result: int) -> None:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
