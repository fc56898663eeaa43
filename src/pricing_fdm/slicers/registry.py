"""The engines there are, and how the ones that are asked for are found.

A further engine is a folder beside `orca/` and `prusa/` and one line in `ENGINES`. Its program is
then looked for by the engine's name; a setting such as `ORCA_BINARY` can name another.

`auto` takes the first of the table that is there. A slicer that is there and does not run is an
error, never a reason to price with another one: their figures differ.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence

from pricing_fdm.slicers.engine import Engine, EngineSetup, SlicerUnavailable
from pricing_fdm.slicers.fallback import FallbackEngine
from pricing_fdm.slicers.orca.engine import OrcaEngine
from pricing_fdm.slicers.program import ProgramEngine, find_binary
from pricing_fdm.slicers.prusa.engine import PrusaEngine

AUTO, NONE = "auto", "none"

ENGINES: dict[str, type[ProgramEngine]] = {
    "orca": OrcaEngine,
    "prusa": PrusaEngine,
}
"""By the value of `SLICER` that chooses them; the preferred one first."""


def slicer_choices() -> tuple[str, ...]:
    """The values of `SLICER`."""
    return AUTO, *ENGINES


def fallback_choices() -> tuple[str, ...]:
    """The values of `SLICER_FALLBACK`: the preferred engine never helps another one out."""
    return NONE, *tuple(ENGINES)[1:]


async def find_engine(
    choice: str, setup: EngineSetup, *, binaries: Mapping[str, str], fallback: str = NONE
) -> Engine:
    """Finds and starts the chosen slicer once, to learn its version, and its fallback likewise.

    Where `auto` has taken the slicer that should be the fallback, there is none.

    Args:
        choice: One of `slicer_choices()`.
        setup: What each of them is started with.
        binaries: Name or path of the program of each engine that has a setting for it.
        fallback: One of `fallback_choices()`.

    Raises:
        SlicerUnavailable: One is not there or does not run; the message says what to do.
    """
    programs = {name: binaries.get(name, name) for name in ENGINES}
    wanted = tuple(ENGINES) if choice == AUTO else (choice,)
    first = await _start_first_of(wanted, programs, setup)
    if first is None:
        variables = " or ".join(f"{name.upper()}_BINARY" for name in binaries)
        raise SlicerUnavailable(
            f"{_listed(wanted, programs)} was found on PATH. Run `make setup`, install one, "
            f"or set {variables} to its path."
        )
    if fallback in {NONE, first.name}:
        return first
    second = await _start_first_of((fallback,), programs, setup)
    if second is None:
        raise SlicerUnavailable(
            f"SLICER_FALLBACK asks for {ENGINES[fallback].title}, and no {programs[fallback]} was "
            f"found on PATH. Install it, set {fallback.upper()}_BINARY to its path, or set "
            "SLICER_FALLBACK=none."
        )
    return FallbackEngine(first, second, total_s=setup.limits.wall_s)


class Engines:
    """The slicers of a process, each found and started once.

    Args:
        choice: The service's engine, one of `slicer_choices()`.
        setup: What each of them is started with.
        binaries: As for `find_engine`.
        fallback: One of `fallback_choices()`.
    """

    def __init__(
        self,
        choice: str,
        setup: EngineSetup,
        *,
        binaries: Mapping[str, str],
        fallback: str = NONE,
    ) -> None:
        self._choice = choice
        self._find = functools.partial(
            find_engine, setup=setup, binaries=binaries, fallback=fallback
        )
        self._found: dict[str | None, Engine] = {}

    async def named(self, name: str | None) -> Engine:
        """The slicer of this name; None means the service's.

        Raises:
            SlicerUnavailable: It is not there or does not run.
        """
        if name not in self._found:
            same = next((each for each in self._found.values() if each.name == name), None)
            self._found[name] = same or await self._find(name or self._choice)
        return self._found[name]

    def __iter__(self) -> Iterator[Engine]:
        """Those found so far."""
        return iter(dict.fromkeys(self._found.values()))


async def _start_first_of(
    names: Iterable[str], programs: Mapping[str, str], setup: EngineSetup
) -> ProgramEngine | None:
    for name in names:
        if binary := find_binary(programs[name]):
            return await ENGINES[name].find(binary, setup)
    return None


def _listed(names: Sequence[str], programs: Mapping[str, str]) -> str:
    """Such as `neither OrcaSlicer (orca-slicer) nor PrusaSlicer (prusa-slicer)`."""
    titles = [f"{ENGINES[name].title} ({programs[name]})" for name in names]
    return f"no {titles[0]}" if len(titles) == 1 else f"neither {' nor '.join(titles)}"
