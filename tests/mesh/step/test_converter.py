"""Any STEP file ends as a mesh in mm or as a refusal that helps, in every sandbox."""

from __future__ import annotations

import asyncio
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pricing_fdm.errors import InternalError, ModelInvalid
from pricing_fdm.mesh.step import converter
from pricing_fdm.mesh.step.converter import Conversion, StepConverter
from pricing_fdm.mesh.step.interpreter import ScriptCommand, script_command
from pricing_fdm.model import BuildVolume, Part
from pricing_fdm.sandbox.bubblewrap import BubblewrapSandbox
from pricing_fdm.sandbox.process import Limits
from pricing_fdm.sandbox.sandbox import Sandbox
from tests.harness.models import Known, known, params
from tests.mesh.inspecting import inspect_model
from tests.mesh.step.step_files import (
    AP203,
    AP214,
    AP242,
    INCH,
    METRE,
    MM,
    ORIGIN,
    StepFile,
    Vector,
    Y,
    one,
)
from tests.sandbox.sandboxes import SANDBOXES

MAX_TRIANGLES = 100_000
LIMITS = Limits(wall_s=120, cpu_s=120, memory_bytes=2 * 1024**3, file_size_bytes=0)


@pytest.fixture(scope="session")
def command() -> ScriptCommand:
    """The child; what it takes to find it is another test's."""
    return script_command(converter._SCRIPT, *converter._PACKAGES)


@pytest.fixture
def step(command: ScriptCommand) -> StepConverter:
    """A converter without a sandbox."""
    return StepConverter(command, LIMITS, max_triangles=MAX_TRIANGLES, at_once=1)


def convert(step: StepConverter, content: bytes, folder: Path) -> Conversion:
    """Converts as the pipeline does, in folders of its own."""
    (folder / "convert").mkdir(parents=True)
    (folder / "upload").write_bytes(content)
    return asyncio.run(
        step.convert(folder / "upload", folder / "convert", folder / "converted.stl")
    )


def judge(step: StepConverter, content: bytes, folder: Path) -> Part:
    """What the mesh stage makes of the conversion."""
    conversion = convert(step, content, folder)
    assert conversion.warnings == ()
    return inspect_model(
        conversion.path, folder / "model.stl", BuildVolume(500, 500, 500), max_triangles=10**6
    )


CURVED = [
    pytest.param("cylinder", (radius, 3 * radius), 3 * math.pi * radius**3, id=f"cylinder {radius}")
    for radius in (0.5, 5, 50)
]
CURVED += [
    pytest.param("sphere", (radius,), 4 / 3 * math.pi * radius**3, id=f"sphere {radius}")
    for radius in (0.5, 5, 50)
]
CURVED += [
    pytest.param("torus", (3 * small, small), 6 * math.pi**2 * small**3, id=f"torus {small}")
    for small in (0.5, 15)
]


@pytest.mark.parametrize(("shape", "sizes", "volume_mm3"), CURVED)
def test_a_curved_part_keeps_its_volume(
    shape: str, sizes: tuple[float, ...], volume_mm3: float, step: StepConverter, tmp_path: Path
) -> None:
    """Under 0.2 % at any size, and no more triangles than a slicer likes."""
    part = judge(step, one(shape, *sizes), tmp_path)
    assert part.volume_mm3 == pytest.approx(volume_mm3, rel=0.002)
    assert part.watertight
    assert part.triangles < 40_000


@pytest.mark.parametrize("schema", [AP203, AP214, AP242], ids=["AP203", "AP214", "AP242"])
@pytest.mark.parametrize(
    ("unit", "length_mm"), [(MM, 1), (INCH, 25.4), (METRE, 1000)], ids=["mm", "inch", "metre"]
)
def test_a_file_of_any_protocol_and_unit_comes_out_in_mm(
    schema: str, unit: str, length_mm: float, step: StepConverter, tmp_path: Path
) -> None:
    """STEP states its unit; nobody needs to guess."""
    size = (120.3 / length_mm, 0.7 / length_mm, 33 / length_mm)
    part = judge(step, one("box", size, schema=schema, unit=unit), tmp_path)
    assert part.dimensions_mm == pytest.approx((120.3, 0.7, 33), abs=2e-5)
    assert (part.triangles, part.bodies, part.watertight) == (12, 1, True)


def test_an_assembly_puts_each_part_in_its_place(step: StepConverter, tmp_path: Path) -> None:
    """Moved, turned, used twice, nested: an assembly is not a heap of parts at the origin."""
    file = StepFile(AP242)
    plate = file.product([file.box((30, 20, 2))])
    pin = file.product([file.cylinder(2, 10)])
    pair = file.assembly((pin, (5, 10, 2)), (pin, (25, 10, 2)))
    whole = file.assembly((plate, ORIGIN), (pair, (0, 0, 1)))
    # Its x axis points to y: the plate stands 30 mm deep behind the rest.
    file.place(plate, whole, file.placement((0, 100, 0), reference=Y))
    part = judge(step, file.content(), tmp_path)
    assert part.dimensions_mm == pytest.approx((50, 130, 13), abs=1e-4)
    assert part.bodies == 4
    assert part.volume_mm3 == pytest.approx(2 * 1200 + 2 * 40 * math.pi, rel=0.002)


def test_a_part_may_hold_several_solids(step: StepConverter, tmp_path: Path) -> None:
    """And the quote says so; nothing is left out."""
    file = StepFile()
    file.product([file.box((10, 10, 10)), file.box((5, 5, 5), (20, 0, 0))])
    part = judge(step, file.content(), tmp_path)
    assert (part.bodies, round(part.volume_mm3)) == (2, 1125)


@pytest.mark.parametrize("sandbox", SANDBOXES)
def test_it_works_in_every_sandbox_and_gives_the_same_bytes(
    sandbox: Sandbox, command: ScriptCommand, tmp_path: Path
) -> None:
    """Same file, same price: also tomorrow, and on the machine next door."""
    found = StepConverter.create(
        replace(LIMITS, sandbox=sandbox), max_triangles=MAX_TRIANGLES, at_once=1
    )
    free = StepConverter(command, LIMITS, max_triangles=MAX_TRIANGLES, at_once=1)
    content = one("cylinder", 3, 1)
    first, second = (
        convert(each, content, tmp_path / name).path.read_bytes()
        for each, name in ((found, "sandboxed"), (free, "free"))
    )
    assert first == second
    assert re.fullmatch(r"\d+\.\d+.*", found.version)


def multiplied(width: int, depth: int) -> bytes:
    """Assemblies of assemblies: few lines that mean `width ** depth` cubes."""
    file = StepFile()
    part = file.product([file.box((1, 1, 1))])
    for level in range(depth):
        places: list[tuple[int, Vector]] = [(part, (2.0 * i, level, 0)) for i in range(width)]
        part = file.assembly(*places)
    return file.content()


def in_itself() -> bytes:
    """An assembly that holds itself."""
    file = StepFile()
    part = file.product([file.box((1, 1, 1))])
    whole = file.assembly((part, ORIGIN))
    file.place(whole, whole, file.placement((5, 0, 0)))
    return file.content()


CYLINDER = one("cylinder", 5, 10)


def one_of_two_broken() -> bytes:
    """Two solids, one with a side that is not there; OCCT would convert what is left."""
    file = StepFile()
    file.product([file.cylinder(5, 10), file.box((10, 10, 10), (20, 0, 0))])
    first_side = re.compile(rb"CLOSED_SHELL\('',\(#\d+")
    return first_side.sub(b"CLOSED_SHELL('',(#999999", file.content(), count=1)


def made_of(
    items: Callable[[StepFile], list[int]], beside: Callable[[StepFile], list[int]] | None = None
) -> bytes:
    """A file with one product of these items; others belong to no product."""
    file = StepFile()
    file.product(items(file))
    if beside:
        beside(file)
    return file.content()


def one_broken_beside(copies: int) -> bytes:
    """A broken cylinder beside many copies of a good box."""
    file = StepFile()
    good = file.product([file.box((1, 1, 1))])
    bad = file.product([file.cylinder(1, 1)])
    file.assembly((bad, ORIGIN), *((good, (2.0 * n, 0, 0)) for n in range(1, copies + 1)))
    return file.content().replace(b"CYLINDRICAL_SURFACE(", b"UNHEARD_OF(")


def small_one_lost() -> bytes:
    """A product of two solids; nothing of the small one can be converted."""
    file = StepFile()
    small = file.sphere(3)
    file.product([file.prism(200, 50, 5), small])
    return file.content().replace(b"SPHERICAL_SURFACE(", b"UNHEARD_OF(")


BAD = {
    "cut off in the middle": (CYLINDER[: len(CYLINDER) // 2], "No solid can be read"),
    "cut off at the end": (CYLINDER.replace(b"END-ISO-10303-21;", b""), "No solid can be read"),
    "noise behind the mark": (b"ISO-10303-21;" + bytes(range(256)) * 9, "No solid can be read"),
    "no data": (
        re.sub(rb"DATA;.*ENDSEC;", b"DATA;\nENDSEC;", CYLINDER, flags=re.DOTALL),
        "No solid can be read",
    ),
    "no solid": (CYLINDER.replace(b"MANIFOLD_SOLID_BREP", b"UNHEARD_OF"), "No solid can be read"),
    "an assembly in itself": (in_itself(), "No solid can be read"),
    "an unknown surface": (
        CYLINDER.replace(b"CYLINDRICAL_SURFACE", b"UNHEARD_OF"),
        "faces of the STEP file cannot be converted",
    ),
    "a solid without its shell": (
        CYLINDER.replace(b"MANIFOLD_SOLID_BREP('',#", b"MANIFOLD_SOLID_BREP('',#99999"),
        "holds a solid that cannot be converted",
    ),
    "a solid given by how it is made": (
        made_of(lambda file: [file.box((9, 9, 9)), file.add("EXTRUDED_AREA_SOLID('',#1,#2,5.)")]),
        "holds a solid that cannot be converted",
    ),
    "a broken solid among many copies of a good one": (
        one_broken_beside(200),
        "faces of the STEP file cannot be converted",
    ),
    "a small solid lost beside a large one in one product": (
        small_one_lost(),
        "faces of the STEP file cannot be converted",
    ),
    "a solid that belongs to no product": (
        made_of(lambda file: [file.box((9, 9, 9))], lambda file: [file.box((5, 5, 5))]),
        "faces of the STEP file cannot be converted",
    ),
    "a flat surface alone": (made_of(lambda file: [file.sheet(20, 20)]), "surfaces only"),
    "a skin alone": (made_of(lambda file: [file.skin(5, 20)]), "surfaces only"),
    "two skins alone": (
        made_of(lambda file: [file.skin(5, 20), file.skin(3, 20)]),
        "surfaces only",
    ),
    "one solid of two broken": (
        one_of_two_broken(),
        "faces of the STEP file cannot be converted",
    ),
    "parts without number": (multiplied(10, 20), "took longer|more triangles|more memory|crashed"),
    "too many parts": (multiplied(6, 4), "more triangles"),
    "numbers that never end": (
        CYLINDER.replace(b"5.000000000E+00)", b"1.E400)", 1),
        "took longer|crashed|more memory|No solid",
    ),
    "a radius beyond all bounds": (
        CYLINDER.replace(b"5.000000000E+00", b"1.E300"),
        "took longer|crashed|more memory|No solid",
    ),
}

HEAVY = {"parts without number", "numbers that never end"}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_what_to_do(
    name: str, command: ScriptCommand, tmp_path: Path
) -> None:
    """Loops, crashes and bombs too: the file is at fault, and the service stays well."""
    content, said = BAD[name]
    step = StepConverter(
        command, replace(LIMITS, cpu_s=3 if name in HEAVY else 60), max_triangles=10_000, at_once=1
    )
    with pytest.raises(ModelInvalid, match=said) as refusal:
        convert(step, content, tmp_path)
    assert "STL" in refusal.value.detail
    assert not (tmp_path / "converted.stl").exists()


SHEETS: dict[str, tuple[Callable[[StepFile], list[int]], int]] = {
    "flat": (lambda file: [file.sheet(300, 300)], 1),
    "curved": (lambda file: [file.skin(30, 90)], 1),
    "several": (lambda file: [file.skin(30, 90), file.sheet(300, 300, (0, 0, 80))], 2),
    "closed": (lambda file: [file.closed_skin((80, 80, 80))], 1),
    "of triangles": (lambda file: [file.tessellated("TESSELLATED_SHELL", (70, 70, 70))], 1),
}


@pytest.mark.parametrize("kind", SHEETS)
@pytest.mark.parametrize("together", [True, False], ids=["in one product", "in a product each"])
def test_surface_bodies_never_move_the_figures_of_a_solid(
    kind: str, together: bool, step: StepConverter, tmp_path: Path
) -> None:
    """The file says what is solid: nothing is closed by guess, and what is left out is told."""
    items, count = SHEETS[kind]
    file = StepFile(AP242)
    cube = file.box((20, 20, 20))
    if together:
        file.product([*items(file), cube])
    else:
        parts = file.product(items(file)), file.product([cube])
        file.assembly((parts[0], ORIGIN), (parts[1], (5, 5, 5)), (parts[1], (45, 5, 5)))
    conversion = convert(step, file.content(), tmp_path)
    part = inspect_model(
        conversion.path, tmp_path / "model.stl", BuildVolume(500, 500, 500), max_triangles=10**6
    )
    assert part.bodies == (1 if together else 2)
    assert part.volume_mm3 == pytest.approx(8000 * part.bodies)
    assert part.dimensions_mm == pytest.approx((20 if together else 60, 20, 20))
    [warning] = conversion.warnings
    assert (warning.code, str(count) in warning.message) == ("surfaces_left_out", True)


def test_closed_shells_stand_for_solids_where_a_file_has_none(
    step: StepConverter, tmp_path: Path
) -> None:
    """Some programs write every part so; the file says that it is closed, so nothing is guessed."""
    content = made_of(lambda file: [file.closed_skin((20, 20, 20)), file.sheet(90, 90)])
    conversion = convert(step, content, tmp_path)
    assert [warning.code for warning in conversion.warnings] == ["surfaces_left_out"]
    part = inspect_model(
        conversion.path, tmp_path / "model.stl", BuildVolume(500, 500, 500), max_triangles=10**6
    )
    assert part.bodies == 1
    assert part.dimensions_mm == pytest.approx((20, 20, 20))


@pytest.mark.parametrize("kind", ["TESSELLATED_SOLID", "TESSELLATED_SHELL"])
def test_triangles_that_show_a_solid_are_not_a_second_one(
    kind: str, step: StepConverter, tmp_path: Path
) -> None:
    """AP242 files often hold both; OCCT converts both."""
    file = StepFile(AP242)
    cube = file.box((20, 20, 20))
    product = file.product([cube])
    shown = file.tessellated(kind, (20, 20, 20), (30, 0, 0), shows=cube)
    also = file.representation([shown], "TESSELLATED_SHAPE_REPRESENTATION")
    file.add(f"SHAPE_DEFINITION_REPRESENTATION(#{product + 2},#{also})")
    assert judge(step, file.content(), tmp_path).volume_mm3 == pytest.approx(8000)


def test_a_solid_of_triangles_is_a_solid(step: StepConverter, tmp_path: Path) -> None:
    """Where the file has no other body for it."""
    file = StepFile(AP242)
    cube = file.tessellated("TESSELLATED_SOLID", (20, 20, 20))
    file.product([cube], kind="TESSELLATED_SHAPE_REPRESENTATION")
    assert judge(step, file.content(), tmp_path).volume_mm3 == pytest.approx(8000)


def test_a_part_without_a_body_is_told_with_its_share(step: StepConverter, tmp_path: Path) -> None:
    """Assemblies that are split into several files, and parts whose body cannot be found."""
    file = StepFile(AP242)
    here, elsewhere = file.product([file.box((20, 20, 20))]), file.product()
    file.assembly((here, ORIGIN), (elsewhere, (30, 0, 0)), (elsewhere, (60, 0, 0)))
    conversion = convert(step, file.content(), tmp_path)
    [warning] = conversion.warnings
    assert warning.code == "parts_left_out"
    assert "2 of 3." in warning.message


def test_copies_by_mapping_are_counted_as_often_as_they_are_placed(
    step: StepConverter, tmp_path: Path
) -> None:
    """Older programs place parts so; none of them is taken for lost, and none is forgotten."""
    file = StepFile()
    part = file.product([file.box((10, 10, 10))])
    own = file.representation([file.box((5, 5, 5))], "ADVANCED_BREP_SHAPE_REPRESENTATION")
    places: tuple[Vector, ...] = ((0, 0, 0), (20, 0, 0), (40, 0, 0))
    file.product([*file.mapped(part + 1, *places), *file.mapped(own, (0, 20, 0))])
    assert judge(step, file.content(), tmp_path).volume_mm3 == pytest.approx(3125)


def test_lost_faces_become_a_warning_with_figures(tmp_path: Path) -> None:
    """A price for a mesh that lacks something must say what."""
    conversion = convert(stand_in(f"{copy_of(MINIMAL)}; echo 3 of 1200, 0, 0 of 1"), b"", tmp_path)
    assert conversion.path.read_bytes() == MINIMAL
    [warning] = conversion.warnings
    assert warning.code == "faces_missing"
    assert "Of the 1,200 faces of the STEP file, 3 could not be converted" in warning.message


MINIMAL = b"an STL".ljust(84, b"\0")


def copy_of(content: bytes) -> str:
    """Shell code that leaves `content` as the result."""
    octal = "".join(f"\\{byte:03o}" for byte in content)
    return f"printf '{octal}' >mesh.stl"


def stand_in(script: str, **changes: int) -> StepConverter:
    """A converter whose child is a shell script: what OCCT could become in somebody's hands."""
    command = ScriptCommand(("/bin/sh", "-c", script, "sh"), ())
    return StepConverter(
        command, LIMITS, max_triangles=MAX_TRIANGLES, at_once=changes.get("at_once", 1)
    )


@pytest.mark.parametrize(
    "script",
    ["ln -s /etc/passwd mesh.stl", "mkfifo mesh.stl", "mkdir mesh.stl", "true"],
    ids=["a link", "a pipe", "a folder", "nothing"],
)
def test_only_a_plain_file_is_taken_over(script: str, tmp_path: Path) -> None:
    """It is opened outside the sandbox: a link would be followed there, a pipe would block."""
    with pytest.raises(ModelInvalid, match="crashed"):
        convert(stand_in(f"{script}; echo 0 of 1, 0, 0 of 1"), b"", tmp_path)
    assert not (tmp_path / "converted.stl").exists()


def test_a_child_that_cannot_start_is_our_failure(command: ScriptCommand, tmp_path: Path) -> None:
    """The file may be good: another try, later, may succeed."""
    broken = replace(LIMITS, sandbox=BubblewrapSandbox(Path("/bin/false"), has_proc=True))
    step = StepConverter(command, broken, max_triangles=MAX_TRIANGLES, at_once=1)
    with pytest.raises(InternalError, match="cannot convert STEP files at the moment"):
        convert(step, CYLINDER, tmp_path)
    assert "its sandbox cannot be set up" in asyncio.run(step.obstacle())


def test_too_little_memory_for_the_converter_itself_is_found_with_the_sphere() -> None:
    """And not told to every caller as a fault of his file."""
    starved = replace(LIMITS, memory_bytes=48 * 1024**2)
    step = StepConverter.create(starved, max_triangles=MAX_TRIANGLES, at_once=1)
    assert "the converter does not work" in asyncio.run(step.obstacle())


def test_the_sphere_is_converted_once_however_many_ask(tmp_path: Path) -> None:
    """The start asks, and so does each STEP file."""
    runs = tmp_path / "runs"
    step = stand_in(f"echo run >>{runs}; exit 3")

    async def ask_twice() -> tuple[str, str]:
        return await asyncio.gather(step.obstacle(), step.obstacle())

    first, second = asyncio.run(ask_twice())
    assert "exit code 3" in first
    assert first == second
    assert runs.read_text() == "run\n"


@pytest.mark.parametrize("at_once", [1, 2])
def test_no_more_files_are_converted_at_once_than_allowed(at_once: int, tmp_path: Path) -> None:
    """Each may take the whole memory limit, and a slicer is at work beside them."""
    marks = tmp_path / "marks"
    marks.mkdir()
    script = f"""
touch {marks}/$$; sleep 0.3
set -- {marks}/*; [ $# -gt {at_once} ] && exit 1
rm {marks}/$$; {copy_of(MINIMAL)}; echo 0 of 1, 0, 0 of 1
"""
    step = stand_in(script, at_once=at_once)

    async def all_together() -> list[Conversion]:
        folders = [tmp_path / str(number) for number in range(4)]
        for folder in folders:
            folder.mkdir()
        return await asyncio.gather(
            *(step.convert(tmp_path, folder, folder / "converted.stl") for folder in folders)
        )

    assert len(asyncio.run(all_together())) == 4


@pytest.mark.parametrize(("path", "figures"), params(known(".step", ".stp")))
def test_real_files_become_good_meshes(
    path: Path, figures: Known, step: StepConverter, tmp_path: Path
) -> None:
    """As CAD programs write them; measured by another program on another mesh of them."""
    part = judge(step, path.read_bytes(), tmp_path)
    assert part.watertight
    assert part.bodies == figures["parts"]
    assert part.triangles < 10_000
    assert part.dimensions_mm == pytest.approx(figures["box_mm"], abs=0.05)
    assert part.volume_mm3 / 1000 == pytest.approx(figures["volume_cm3"], rel=5e-3)
