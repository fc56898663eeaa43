"""`pricing-fdm`: reads the command line and runs one of the commands.

Exit codes: 0 done; 1 the thing asked for failed; 2 the command line or a setting is wrong; 130
interrupted.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from pricing_fdm import __version__
from pricing_fdm.commands.terminal import complain
from pricing_fdm.commands.usage import CommandParser, UsageError
from pricing_fdm.settings import SettingsError

_INTERRUPTED = 130
_READER_LEFT = 141  # as a shell tells SIGPIPE
_WRONG = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        options = _parser(given).parse_args(given)
        code: int = _load(options.command).run(options)
        sys.stdout.flush()  # a reader that has left is noticed here, and not at the exit
    except UsageError as error:
        return _refuse(given, (error.message,), error.usage.rstrip())
    except SettingsError as error:
        return _refuse(given, error.faults, "These settings are wrong:")
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return code


def _refuse(given: Sequence[str], faults: Sequence[str], head: str) -> int:
    if "quote" in given and "--json" in given:
        _load("quote_output").refuse_usage(faults)
    else:
        complain(faults, head)
    return _WRONG


def _load(command: str) -> ModuleType:
    """The module of a command; it and the libraries it needs are loaded only when it is run."""
    # What modules make stays as long as the process. Nothing of it is garbage, and looking through
    # it again and again takes a tenth of the start, and time of every request.
    gc.disable()
    module = importlib.import_module(f"pricing_fdm.commands.{command}")
    gc.freeze()
    gc.enable()
    return module


def _parser(given: Sequence[str]) -> argparse.ArgumentParser:
    parser = CommandParser(
        prog="pricing-fdm", description="Prices a 3D-printed part by really slicing it."
    )
    parser.add_argument("--version", action="version", version=f"pricing-fdm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND", dest="command")

    command = commands.add_parser("serve", help="answer quote requests over HTTP")
    command.add_argument("--host", help="address to listen on (PRICING_FDM_HOST)")
    command.add_argument("--port", type=int, help="port to listen on (PRICING_FDM_PORT)")
    command.add_argument(
        "--queue",
        action="store_true",
        help="take jobs in, too; REDIS_URL, else the Redis of this machine",
    )
    command.add_argument(
        "--dev",
        action="store_true",
        help="for trying out: fetch from this machine, over http too, and log for people",
    )
    command = commands.add_parser("quote", help="price local files", add_help=False)
    if "quote" in given:
        _load("quote").add_arguments(command)
    commands.add_parser("worker", help="do the jobs of the queue (REDIS_URL)")
    commands.add_parser("check", help="examine the installation")
    command = commands.add_parser("health", help="ask a running service whether it lives")
    command.add_argument("url", nargs="?", help="its address (http://127.0.0.1:PRICING_FDM_PORT)")
    command = commands.add_parser("shop", help="make, examine and show the shop file")
    if "shop" in given:
        _load("shop").add_arguments(command)
    command = commands.add_parser("estimate", help="fit the estimate to this shop's printers")
    if "estimate" in given:
        _load("estimate").add_arguments(command)
    return parser
