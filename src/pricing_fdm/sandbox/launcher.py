"""Confines itself with Landlock and seccomp, then executes the program. It runs as a script.

    python -I -S launcher.py read=PATH ... change=PATH ... set=NAME=VALUE ... -- PROGRAM ...

`read` allows to read and execute a file or folder, `device` to read and write a device, `change`
everything in a folder except executing; `unix-sockets` allows local sockets. It imports little,
and from the standard library only: every import delays every slice. It works on Linux on x86-64
only, because of the numbers below. Gaps: the metadata of any file can still be read, and on
kernels before 6.12 (ABI 6) processes of the same user can be signalled.
"""

from __future__ import annotations

import ctypes
import os
import stat
import struct
import sys

FAILED = 125

# linux/landlock.h
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_CREATE_RULESET_VERSION = 1
_RULE_PATH_BENEATH = 1
_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 1 << 1, 1 << 2, 1 << 3
_MAKE_CHAR, _MAKE_BLOCK, _TRUNCATE = 1 << 6, 1 << 11, 1 << 14
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READ = _EXECUTE | _READ_FILE | _READ_DIR
_DEVICE = _READ_FILE | _WRITE_FILE
# How many of the accesses to files each version of the interface knows, from the first bit up.
_FILE_ACCESSES = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
_NETWORK_ABI, _NETWORK = 4, 0b11  # TCP: bind, connect
_SCOPE_ABI, _SCOPES = 6, 0b11  # abstract sockets and signals, to outside

# linux/prctl.h, linux/seccomp.h, linux/filter.h, linux/audit.h
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_PR_CAPBSET_DROP, _CAPABILITIES = 24, 64
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050001, 0x80000000  # refuse: EPERM
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT, _FIRST_ARGUMENT_AT = 0, 4, 16
_X86_64 = 0xC000003E
_X32 = 0x40000000  # the numbers of the second interface of that machine begin here
_SOCKET, _AF_UNIX = 41, 1

REFUSED_CALLS = {
    "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312,
    "pidfd_getfd": 438, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323,
    # These make sockets without the call `socket`.
    "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "add_key": 248, "request_key": 249, "keyctl": 250, "syslog": 103,
    "unshare": 272, "setns": 308, "chroot": 161, "pivot_root": 155, "mount": 165, "umount2": 166,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432,
    "fspick": 433, "mount_setattr": 442, "name_to_handle_at": 303, "open_by_handle_at": 304,
    "init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_load": 246,
    "kexec_file_load": 320, "reboot": 169, "swapon": 167, "swapoff": 168, "acct": 163,
    "settimeofday": 164, "clock_settime": 227, "adjtimex": 159, "clock_adjtime": 305,
    "sethostname": 170, "setdomainname": 171, "iopl": 172, "ioperm": 173, "mknod": 133,
    "mknodat": 259,
    # Landlock says nothing about the metadata of files.
    "chmod": 90, "fchmod": 91, "fchmodat": 268, "fchmodat2": 452, "chown": 92, "fchown": 93,
    "lchown": 94, "fchownat": 260, "setxattr": 188, "lsetxattr": 189, "fsetxattr": 190,
    "removexattr": 197, "lremovexattr": 198, "fremovexattr": 199, "utime": 132, "utimes": 235,
    "futimesat": 261, "utimensat": 280,
    # Landlock knows it since Linux 6.2 only. Files that may be written to have `ftruncate`.
    "truncate": 76,
}  # fmt: skip

_LIBC = ctypes.CDLL(None, use_errno=True)


def main(words: list[str]) -> None:
    """Applies the rules before `--` and executes the command after it; exits on any failure."""
    end = words.index("--")
    rules = [word.partition("=")[::2] for word in words[:end]]
    environment = dict(value.partition("=")[::2] for kind, value in rules if kind == "set")
    unix_sockets = any(kind == "unix-sockets" for kind, _ in rules)
    program = words[end + 1 :]
    try:
        drop_capabilities()
        confine_files([(kind, value) for kind, value in rules if kind in _ALLOWED])
        confine_calls(call_filter(unix_sockets=unix_sockets))
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot be set up: {error}\n")
        os._exit(FAILED)
    try:
        os.execve(program[0], program, environment)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        os._exit(127)


def drop_capabilities() -> None:
    """Drops all capabilities, so that root has no more rights than another user."""
    for capability in range(_CAPABILITIES):
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def landlock_abi() -> int:
    """The kernel's version of Landlock; 0 when it has none or has it switched off."""
    version: int = _LIBC.syscall(_CREATE_RULESET, None, 0, _CREATE_RULESET_VERSION)
    return max(0, version)


def file_accesses(abi: int) -> int:
    """All accesses to files that this version can refuse."""
    return (1 << _FILE_ACCESSES[min(abi, max(_FILE_ACCESSES))]) - 1


_ALLOWED = {
    "read": _READ,
    "device": _DEVICE,
    "change": ~(_EXECUTE | _MAKE_CHAR | _MAKE_BLOCK),
}


def confine_files(rules: list[tuple[str, str]]) -> None:
    """Refuses TCP, and all files except those of the rules; newer kernels also signals to outside.

    Raises:
        OSError: The kernel refuses.
    """
    abi = landlock_abi()
    if not abi:
        raise OSError("the kernel has no Landlock")
    attributes = struct.pack(
        "QQQ",
        file_accesses(abi),
        _NETWORK if abi >= _NETWORK_ABI else 0,
        _SCOPES if abi >= _SCOPE_ABI else 0,
    )
    size = 8 * (1 + (abi >= _NETWORK_ABI) + (abi >= _SCOPE_ABI))
    ruleset = _checked(_LIBC.syscall(_CREATE_RULESET, attributes, size, 0))
    for kind, path in rules:
        _allow(ruleset, path, _ALLOWED[kind] & file_accesses(abi))
    _checked(_LIBC.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    _checked(_LIBC.syscall(_RESTRICT_SELF, ruleset, 0))
    os.close(ruleset)


def _allow(ruleset: int, path: str, access: int) -> None:
    """Adds one rule. A path that does not exist needs none, such as /lib32 on some machines."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
        access &= _OF_FILES
    rule = struct.pack("=Qi", access, descriptor)
    _checked(_LIBC.syscall(_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0))
    os.close(descriptor)


def call_filter(*, unix_sockets: bool) -> bytes:
    """The seccomp program. It refuses `REFUSED_CALLS` and sockets, except local ones on request."""
    refuse = (_RETURN, 0, 0, _REFUSE)
    steps = [
        (_LOAD, 0, 0, _ARCHITECTURE_AT),
        (_EQUAL, 1, 0, _X86_64),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 0, 1, _X32),
        refuse,
    ]
    for number in REFUSED_CALLS.values():
        steps += [(_EQUAL, 0, 1, number), refuse]
    steps += [(_EQUAL, 0, 3 if unix_sockets else 1, _SOCKET)]
    if unix_sockets:
        steps += [(_LOAD, 0, 0, _FIRST_ARGUMENT_AT), (_EQUAL, 1, 0, _AF_UNIX)]
    steps += [refuse, (_RETURN, 0, 0, _ALLOW)]
    return b"".join(struct.pack("HBBI", *step) for step in steps)


def confine_calls(program: bytes) -> None:
    """Makes the kernel apply this filter to every system call from now on.

    Raises:
        OSError: The kernel refuses.
    """
    steps = ctypes.create_string_buffer(program, len(program))
    described = struct.pack("HxxxxxxP", len(program) // 8, ctypes.addressof(steps))
    _checked(_LIBC.prctl(_PR_SET_SECCOMP, _MODE_FILTER, described, 0, 0))


def _checked(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


if __name__ == "__main__":
    main(sys.argv[1:])
