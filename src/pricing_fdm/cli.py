"""`pricing-fdm`: reads the command line and hands over to one of the commands.

Exit codes: 0 done; 1 the thing asked for failed; 2 the command line or a setting is wrong; 130
interrupted.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from pricing_fdm import __version__
from pricing_fdm.model import LayerThickness, Material, Orientation, Supports, Unit
from pricing_fdm.settings import SettingsError

_INTERRUPTED = 130
_READER_LEFT = 141  # as a shell tells SIGPIPE
_BAD_SETTINGS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except SettingsError as error:
        print("These settings are wrong:", *error.faults, sep="\n  ", file=sys.stderr)
        return _BAD_SETTINGS
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _READER_LEFT
    return code


def _command(name: str) -> Callable[[argparse.Namespace], int]:
    """What runs a command; its module, and the libraries it needs, are loaded only then."""

    def run(options: argparse.Namespace) -> int:
        # What modules make stays as long as the process. Nothing of it is garbage, and looking
        # through it again and again takes a tenth of the start, and time of every request.
        gc.disable()
        command = importlib.import_module(f"pricing_fdm.commands.{name}")
        gc.freeze()
        gc.enable()
        code: int = command.run(options)
        return code

    return run


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="pricing-fdm", description="Prices a 3D-printed part by really slicing it."
    )
    parser.add_argument("--version", action="version", version=f"pricing-fdm {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    command = commands.add_parser("serve", help="answer quote requests over HTTP")
    command.add_argument("--host", help="address to listen on (PRICING_FDM_HOST)")
    command.add_argument("--port", type=int, help="port to listen on (PRICING_FDM_PORT)")
    command.add_argument(
        "--queue",
        action="store_true",
        help="take jobs in, too; REDIS_URL, else the Redis of this machine",
    )
    command.set_defaults(run=_command("serve"))

    command = commands.add_parser("quote", help="price a local file")
    command.add_argument("file", type=Path, help="the model")
    _add_order(command)
    command.add_argument("--json", action="store_true", help="print the quote as JSON")
    command.set_defaults(run=_command("quote"))

    command = commands.add_parser("worker", help="do the jobs of the queue (REDIS_URL)")
    command.set_defaults(run=_command("worker"))

    command = commands.add_parser("check", help="examine the installation")
    command.set_defaults(run=_command("check"))

    command = commands.add_parser("health", help="ask a running service whether it lives")
    command.add_argument("url", nargs="?", help="its address (http://127.0.0.1:PRICING_FDM_PORT)")
    command.set_defaults(run=_command("health"))

    command = commands.add_parser("profiles", help="verify the profiles' index")
    command.add_argument("--write", action="store_true", help="write the index anew")
    command.set_defaults(run=_command("profiles"))
    return parser


def _add_order(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--material", type=str.lower, default="pla", choices=[each.value for each in Material]
    )
    command.add_argument("--infill", type=int, default=20, metavar="PERCENT", help="10 to 100")
    command.add_argument(
        "--layer-thickness",
        type=int,
        default=200,
        choices=[each.value for each in LayerThickness],
        help="micrometres",
    )
    command.add_argument("--quantity", type=int, default=1, help="copies, 1 to 10000")
    command.add_argument("--supports", default="auto", choices=[each.value for each in Supports])
    command.add_argument(
        "--orientation", default="auto", choices=[each.value for each in Orientation]
    )
    command.add_argument("--rush", action="store_true", help="ready sooner, for more")
    command.add_argument("--units", default="mm", choices=[each.value for each in Unit])
