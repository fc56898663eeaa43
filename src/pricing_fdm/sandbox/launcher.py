"""Confines itself with Landlock and seccomp, then executes the program. It runs as a script.

    python -I -S launcher.py read=PATH ... change=PATH ... set=NAME=VALUE ... filter=DESCRIPTOR
        user=NUMBER -- PROGRAM ...

`read` allows to read and execute a file or folder, `device` to read and write a device, `change`
everything in a folder except executing; `filter` is where the seccomp program is read from. `user`,
which only root may name, keeps the right to enter and read what root may: the interpreter may lie
in root's home, and Landlock says what can be opened. It imports little, and from the standard
library only: every import delays every slice. Gaps: the metadata of any file can still be read, and
on kernels before 6.12 (ABI 6) processes of the same user can be signalled.
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

# linux/prctl.h, linux/seccomp.h, linux/capability.h
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _MODE_FILTER = 38, 22, 2
_PR_CAPBSET_DROP, _CAPABILITIES = 24, 64
_PR_SET_PDEATHSIG, _SIGKILL, _PR_SET_KEEPCAPS = 1, 9, 8
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE = 47, 2
_CAP_DAC_READ_SEARCH, _CAPABILITY_VERSION = 2, 0x20080522
_FILTER_BYTES = 64 * 1024

_LIBC = ctypes.CDLL(None, use_errno=True)


def main(words: list[str]) -> None:
    """Applies the rules before `--` and executes the command after it; exits on any failure."""
    end = words.index("--")
    rules = [word.partition("=")[::2] for word in words[:end]]
    environment = dict(value.partition("=")[::2] for kind, value in rules if kind == "set")
    numbers = {kind: int(value) for kind, value in rules if kind in {"filter", "user"}}
    program = words[end + 1 :]
    try:
        call_filter = os.read(numbers["filter"], _FILTER_BYTES)
        os.close(numbers["filter"])
        drop_capabilities(kept={_CAP_DAC_READ_SEARCH} if "user" in numbers else set())
        confine_files([(kind, value) for kind, value in rules if kind in _ALLOWED])
        if "user" in numbers:
            become(numbers["user"])
        confine_calls(call_filter)
    except OSError as error:
        sys.stderr.write(f"the sandbox cannot be set up: {error}\n")
        os._exit(FAILED)
    try:
        os.execve(program[0], program, environment)  # noqa: S606 - no shell is the point
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        os._exit(127)


def drop_capabilities(kept: set[int]) -> None:
    """Drops all capabilities but those kept, so that root has no more rights than another user."""
    for capability in set(range(_CAPABILITIES)) - kept:
        _LIBC.prctl(_PR_CAPBSET_DROP, capability, 0, 0, 0)


def become(user: int) -> None:
    """Becomes another user, who may enter and read what root may and has no other right of root's.

    Raises:
        OSError: The kernel refuses.
    """
    _checked(_LIBC.prctl(_PR_SET_KEEPCAPS, 1, 0, 0, 0))
    os.setgroups([])
    os.setresgid(user, user, user)
    os.setresuid(user, user, user)
    # Root of a container may lack it; then the interpreter must not lie in root's home.
    kept = 1 << _CAP_DAC_READ_SEARCH
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    if _LIBC.capset(header, struct.pack("6I", kept, kept, kept, 0, 0, 0)) == 0:
        raised = (_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_RAISE, _CAP_DAC_READ_SEARCH)
        _checked(_LIBC.prctl(*raised, 0, 0))
    else:
        _checked(_LIBC.capset(header, bytes(24)))
    # The kernel forgets it when the user changes.
    _checked(_LIBC.prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0))


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
