"""The seccomp filter of every sandbox: the system calls that a slicer may make.

It is a list of what is allowed, so a call that a later kernel brings is refused until somebody has
looked at it. Refused are, above all, io_uring, keyrings, bpf, userfaultfd, perf, ptrace, reading
other processes' memory, namespaces, mounts, modules, opening files by handle, System V IPC, message
queues, inotify, and changing limits, priority or scheduling of another process. They fail with
ENOSYS, as on a kernel that does not have them: libraries then do without.

bubblewrap reads the program from a descriptor, and so does `launcher`.
"""

from __future__ import annotations

import errno
import os
import platform
import struct
from collections.abc import Collection

# linux/seccomp.h, linux/filter.h, linux/audit.h
_ALLOW, _KILL, _FAIL = 0x7FFF0000, 0x80000000, 0x00050000
_LOAD, _EQUAL, _HAS_BITS, _AND, _RETURN = 0x20, 0x15, 0x45, 0x54, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _ARGUMENTS_AT = 0, 4, 16
MACHINES = {"x86_64": (0xC000003E, 0), "aarch64": (0xC00000B7, 1)}
"""Those whose numbers are known: what the kernel calls them, and their column below."""

_Step = tuple[int, int, int, int]
_REFUSE: _Step = (_RETURN, 0, 0, _FAIL | errno.EPERM)
_PERMIT: _Step = (_RETURN, 0, 0, _ALLOW)

# Each name with its number on x86-64 and on aarch64, which has none of the oldest.
_CALLS = """
read 0 63; write 1 64; close 3 57; open 2 -; openat 257 56; openat2 437 437; creat 85 -;
stat 4 -; fstat 5 80; lstat 6 -; newfstatat 262 79; statx 332 291; poll 7 -; ppoll 271 73;
lseek 8 62; pread64 17 67; pwrite64 18 68; readv 19 65; writev 20 66; preadv 295 69;
pwritev 296 70; preadv2 327 286; pwritev2 328 287; access 21 -; faccessat 269 48;
faccessat2 439 439; dup 32 23; dup2 33 -; dup3 292 24; fcntl 72 25; flock 73 32; fsync 74 82;
fdatasync 75 83; sync_file_range 277 84; ftruncate 77 46; fallocate 285 47; getdents 78 -;
getdents64 217 61; getcwd 79 17; chdir 80 49; fchdir 81 50; rename 82 -; renameat 264 38;
renameat2 316 276; mkdir 83 -; mkdirat 258 34; rmdir 84 -; link 86 -; linkat 265 37; unlink 87 -;
unlinkat 263 35; symlink 88 -; symlinkat 266 36; readlink 89 -; readlinkat 267 78; umask 95 166;
statfs 137 43; fstatfs 138 44; fadvise64 221 223; readahead 187 213; sendfile 40 71; splice 275 76;
tee 276 77; copy_file_range 326 285; pipe 22 -; pipe2 293 59; memfd_create 319 279;
close_range 436 436; getxattr 191 8; lgetxattr 192 9; fgetxattr 193 10; listxattr 194 11;
llistxattr 195 12; flistxattr 196 13;
brk 12 214; mmap 9 222; mprotect 10 226; munmap 11 215; mremap 25 216; msync 26 227;
mincore 27 232; madvise 28 233; mlock 149 228; munlock 150 229; membarrier 324 283;
get_mempolicy 239 236; pkey_alloc 330 289; pkey_free 331 290; pkey_mprotect 329 288;
fork 57 -; vfork 58 -; execve 59 221; execveat 322 281; exit 60 93; exit_group 231 94;
wait4 61 260; waitid 247 95; getpid 39 172; getppid 110 173; gettid 186 178; getuid 102 174;
geteuid 107 175; getgid 104 176; getegid 108 177; getresuid 118 148; getresgid 120 150;
getgroups 115 158; getpgid 121 155; getpgrp 111 -; getsid 124 156; setsid 112 157;
setpgid 109 154; setuid 105 146; setgid 106 144; setresuid 117 147; setresgid 119 149;
setgroups 116 159; capget 125 90; capset 126 91; prctl 157 167; arch_prctl 158 -;
set_tid_address 218 96; set_robust_list 273 99; futex 202 98; futex_waitv 449 449; rseq 334 293;
sched_yield 24 124; sched_getaffinity 204 123; sched_getparam 143 121; sched_getscheduler 145 120;
sched_get_priority_max 146 125; sched_get_priority_min 147 126; getcpu 309 168;
getpriority 140 141; getrlimit 97 163; setrlimit 160 164; getrusage 98 165; times 100 153;
sysinfo 99 179; uname 63 160; getrandom 318 278; kill 62 129; tkill 200 130; tgkill 234 131;
pidfd_open 434 434; pidfd_send_signal 424 424; rt_sigaction 13 134; rt_sigprocmask 14 135;
rt_sigreturn 15 139; rt_sigpending 127 136; rt_sigtimedwait 128 137; rt_sigsuspend 130 133;
sigaltstack 131 132; pause 34 -; alarm 37 -; setitimer 38 103; getitimer 36 102; nanosleep 35 101;
clock_nanosleep 230 115; clock_gettime 228 113; clock_getres 229 114; gettimeofday 96 169;
time 201 -; timer_create 222 107; timer_settime 223 110; timer_gettime 224 108;
timer_getoverrun 225 109; timer_delete 226 111; restart_syscall 219 128;
landlock_create_ruleset 444 444; landlock_add_rule 445 445; landlock_restrict_self 446 446;
seccomp 317 277;
select 23 -; pselect6 270 72; epoll_create 213 -; epoll_create1 291 20; epoll_ctl 233 21;
epoll_wait 232 -; epoll_pwait 281 22; epoll_pwait2 441 441; eventfd 284 -; eventfd2 290 19;
signalfd 282 -; signalfd4 289 74; timerfd_create 283 85; timerfd_settime 286 86;
timerfd_gettime 287 87;
sendto 44 206; recvfrom 45 207; sendmsg 46 211; recvmsg 47 212; sendmmsg 307 269; recvmmsg 299 243;
shutdown 48 210; getsockopt 55 209; setsockopt 54 208; getsockname 51 204; getpeername 52 205
"""
# They change what a file is, not what is in it. Landlock says nothing about them, and has known
# `truncate` since Linux 6.2 only.
_METADATA_CALLS = """
chmod 90 -; fchmod 91 52; fchmodat 268 53; fchmodat2 452 452; chown 92 -; fchown 93 55;
lchown 94 -; fchownat 260 54; utime 132 -; utimes 235 -; futimesat 261 -; utimensat 280 88;
setxattr 188 5; lsetxattr 189 6; fsetxattr 190 7; removexattr 197 14; lremovexattr 198 15;
fremovexattr 199 16; truncate 76 45
"""
# These depend on their arguments.
_JUDGED_CALLS = """
clone 56 220; prlimit64 302 261; sched_setaffinity 203 122; ioctl 16 29; socket 41 198;
socketpair 53 199; connect 42 203
"""

_NEW_NAMESPACES, _CLONE_THREAD = 0x7E020000, 0x10000
_TIOCSTI, _TIOCLINUX = 0x5412, 0x541C  # they type into a terminal
_AF_UNIX, _SOCK_STREAM, _SOCKET_KIND = 1, 1, 0xF


def open_filter(*, unix_sockets: bool, metadata: bool) -> int | None:
    """A descriptor that the filter can be read from, once; None for a machine without one.

    Args:
        unix_sockets: Whether local sockets can be made, as for a display. No others ever can.
        metadata: Whether the modes, owners and times of files can be changed.
    """
    program = call_filter(platform.machine(), unix_sockets=unix_sockets, metadata=metadata)
    if program is None:
        return None
    descriptor = os.memfd_create("calls")
    os.write(descriptor, program)
    os.lseek(descriptor, 0, os.SEEK_SET)
    return descriptor


def call_filter(machine: str, *, unix_sockets: bool, metadata: bool) -> bytes | None:
    """The program; None for a machine whose numbers are not known. See `open_filter`."""
    if machine not in MACHINES:
        return None
    architecture, column = MACHINES[machine]
    steps = _beginning(architecture)
    for number in numbers(_CALLS, column).values():
        steps += [(_EQUAL, 0, 1, number), _PERMIT]
    for number in numbers(_METADATA_CALLS, column).values():
        steps += [(_EQUAL, 0, 1, number), _PERMIT if metadata else _REFUSE]
    judges = _judges(unix_sockets=unix_sockets)
    for name, number in numbers(_JUDGED_CALLS, column).items():
        steps += [(_EQUAL, 0, len(judges[name]), number), *judges[name]]
    return _packed(steps)


def narrow_filter(machine: str, names: Collection[str]) -> bytes | None:
    """A filter for a program of ours that permits these calls only, and to start threads."""
    if machine not in MACHINES:
        return None
    architecture, column = MACHINES[machine]
    known = numbers(_CALLS, column)
    clone = numbers(_JUDGED_CALLS, column)["clone"]
    steps = _beginning(architecture)
    for number in (known[name] for name in names if name in known):
        steps += [(_EQUAL, 0, 1, number), _PERMIT]
    steps += [(_EQUAL, 0, 3, clone), _argument(0), (_HAS_BITS, 0, 1, _CLONE_THREAD), _PERMIT]
    return _packed(steps)


def _beginning(architecture: int) -> list[_Step]:
    """Loads the number of the call, if it is one of this machine's own."""
    return [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
    ]


def _packed(steps: list[_Step]) -> bytes:
    """The program of these steps; what they do not decide does not exist."""
    unknown = (_RETURN, 0, 0, _FAIL | errno.ENOSYS)
    return b"".join(struct.pack("HBBI", *step) for step in [*steps, unknown])


def numbers(calls: str, column: int) -> dict[str, int]:
    """The numbers of a list of calls on one machine."""
    words = (entry.split() for entry in calls.split(";"))
    return {word[0]: int(word[1 + column]) for word in words if word[1 + column] != "-"}


def _judges(*, unix_sockets: bool) -> dict[str, list[_Step]]:
    """For each call that depends on its arguments, the steps that permit or refuse it."""
    on_own_only = [_argument(0), (_EQUAL, 0, 1, 0), _PERMIT, _REFUSE]
    local_only = [_argument(0), (_EQUAL, 0, 1, _AF_UNIX), _PERMIT, _REFUSE]
    return {
        # The namespaces; `clone3` hides its flags in memory, and so is not there at all.
        "clone": [_argument(0), (_HAS_BITS, 0, 1, _NEW_NAMESPACES), _REFUSE, _PERMIT],
        "prlimit64": on_own_only,
        "sched_setaffinity": on_own_only,
        "ioctl": [
            _argument(1),
            (_EQUAL, 1, 0, _TIOCSTI),
            (_EQUAL, 0, 1, _TIOCLINUX),
            _REFUSE,
            _PERMIT,
        ],
        "socket": local_only if unix_sockets else [_REFUSE],
        # One of datagrams could send to any local socket without being a `socket`.
        "socketpair": [
            _argument(0),
            (_EQUAL, 0, 4, _AF_UNIX),
            _argument(1),
            (_AND, 0, 0, _SOCKET_KIND),
            (_EQUAL, 0, 1, _SOCK_STREAM),
            _PERMIT,
            _REFUSE,
        ],
        "connect": [_PERMIT if unix_sockets else _REFUSE],
    }


def _argument(index: int) -> _Step:
    """Loads the lower half of an argument; both machines are little-endian."""
    return (_LOAD, 0, 0, _ARGUMENTS_AT + 8 * index)
