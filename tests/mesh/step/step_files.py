"""STEP files with known contents, written entity by entity and without the code under test.

Solids are described in the unit of the file. An assembly places products in products, so that a
few lines can mean a billion parts, as in a file that was made to do harm.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from tests.harness.shapes import box

AP203 = "CONFIG_CONTROL_DESIGN"
AP214 = "AUTOMOTIVE_DESIGN { 1 0 10303 214 1 1 1 1 }"
AP242 = "AP242_MANAGED_MODEL_BASED_3D_ENGINEERING_MIM_LF { 1 0 10303 442 1 1 4 }"

MM = "(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT(.MILLI.,.METRE.))"
METRE = "(LENGTH_UNIT() NAMED_UNIT(*) SI_UNIT($,.METRE.))"
INCH = "inch"

Vector = tuple[float, float, float]

X: Vector = (1, 0, 0)
Y: Vector = (0, 1, 0)
Z: Vector = (0, 0, 1)
ORIGIN: Vector = (0, 0, 0)

# Corner numbers of a box: bit 0 is x, bit 1 is y, bit 2 is z; the sides, seen from outside.
_SIDES = ((0, 2, 3, 1), (4, 5, 7, 6), (0, 1, 5, 4), (2, 6, 7, 3), (0, 4, 6, 2), (1, 3, 7, 5))


class StepFile:
    """A STEP file that grows; each method adds entities and returns the number of the last."""

    def __init__(self, schema: str = AP214, unit: str = MM) -> None:
        self._schema = schema
        self._entities: list[str] = []
        self._application = self.add(
            "APPLICATION_CONTEXT('core data for automotive mechanical design processes')"
        )
        length = self._inch() if unit == INCH else self.add(unit)
        angle = self.add("(NAMED_UNIT(*) PLANE_ANGLE_UNIT() SI_UNIT($,.RADIAN.))")
        solid_angle = self.add("(NAMED_UNIT(*) SI_UNIT($,.STERADIAN.) SOLID_ANGLE_UNIT())")
        exactness = self.add(
            "UNCERTAINTY_MEASURE_WITH_UNIT(LENGTH_MEASURE(1.E-07),"
            f"#{length},'distance_accuracy_value','')"
        )
        self._context = self.add(
            "(GEOMETRIC_REPRESENTATION_CONTEXT(3) "
            f"GLOBAL_UNCERTAINTY_ASSIGNED_CONTEXT((#{exactness})) "
            f"GLOBAL_UNIT_ASSIGNED_CONTEXT((#{length},#{angle},#{solid_angle})) "
            "REPRESENTATION_CONTEXT('',''))"
        )
        self._world = self.placement()

    def add(self, entity: str) -> int:
        """Adds an entity as it is written."""
        self._entities.append(entity)
        return len(self._entities)

    def content(self) -> bytes:
        """The file so far."""
        data = "".join(f"#{n}={entity};\n" for n, entity in enumerate(self._entities, 1))
        return (
            "ISO-10303-21;\nHEADER;\nFILE_DESCRIPTION((''),'2;1');\n"
            "FILE_NAME('part','2026-01-01T00:00:00',(''),(''),'','','');\n"
            f"FILE_SCHEMA(('{self._schema}'));\nENDSEC;\nDATA;\n"
            f"{data}ENDSEC;\nEND-ISO-10303-21;\n"
        ).encode()

    def box(self, size: Vector, at: Vector = ORIGIN) -> int:
        """A solid with its lowest corner at `at`."""
        x, y, z = size
        corners = [
            (at[0] + x * (n & 1), at[1] + y * (n >> 1 & 1), at[2] + z * (n >> 2)) for n in range(8)
        ]
        return self.solid(self._sides(corners, _SIDES))

    def prism(self, sides: int, radius: float, height: float, at: Vector = ORIGIN) -> int:
        """A solid that stands upright on `at`, with so many sides and two faces more."""
        turns = [2 * math.pi * n / sides for n in range(sides)]
        corners = [
            (at[0] + radius * math.cos(turn), at[1] + radius * math.sin(turn), z)
            for z in (at[2], at[2] + height)
            for turn in turns
        ]
        around = [(n, (n + 1) % sides, (n + 1) % sides + sides, n + sides) for n in range(sides)]
        caps = [tuple(reversed(range(sides))), tuple(range(sides, 2 * sides))]
        return self.solid(self._sides(corners, [*around, *caps]))

    def sheet(self, x: float, y: float, at: Vector = ORIGIN) -> int:
        """A surface body: a rectangle that lies on `at`."""
        corners = [at, (at[0] + x, at[1], at[2]), (at[0] + x, at[1] + y, at[2])]
        corners.append((at[0], at[1] + y, at[2]))
        return self.surface(self._sides(corners, [(0, 1, 2, 3)]))

    def skin(self, radius: float, height: float, at: Vector = ORIGIN) -> int:
        """A surface body: a cylinder without its ends."""
        shell = self._shell_of(self.cylinder(radius, height, at))
        return self.surface(self._references(shell)[:1])

    def closed_skin(self, size: Vector, at: Vector = ORIGIN) -> int:
        """A surface body that encloses a box."""
        return self.add(f"SHELL_BASED_SURFACE_MODEL('',(#{self._shell_of(self.box(size, at))}))")

    def surface(self, faces: Sequence[int]) -> int:
        """A body of faces that enclose nothing."""
        shell = self.add(f"OPEN_SHELL('',({_list(faces)}))")
        return self.add(f"SHELL_BASED_SURFACE_MODEL('',(#{shell}))")

    def tessellated(self, kind: str, size: Vector, at: Vector = ORIGIN, shows: int = 0) -> int:
        """A box of triangles, by itself or to show another body by."""
        triangles = box(*size, at)
        points = sorted({corner for triangle in triangles for corner in triangle})
        numbers = {point: number for number, point in enumerate(points, 1)}
        listed = self.add(
            f"COORDINATES_LIST('',{len(points)},({','.join(f'({_numbers(p)})' for p in points)}))"
        )
        rows = ",".join(
            "({},{},{})".format(*(numbers[corner] for corner in triangle)) for triangle in triangles
        )
        face = self.add(
            f"TRIANGULATED_FACE('',#{listed},{len(points)},(),$,"
            f"({','.join(map(str, numbers.values()))}),({rows}))"
        )
        return self.add(f"{kind}('',(#{face}),{f'#{shows}' if shows else '$'})")

    def mapped(self, representation: int, *places: Vector) -> list[int]:
        """Copies of what a representation holds."""
        source = self.add(f"REPRESENTATION_MAP(#{self._world},#{representation})")
        return [self.add(f"MAPPED_ITEM('',#{source},#{self.placement(at)})") for at in places]

    def representation(self, items: Sequence[int], kind: str) -> int:
        """A representation of no product."""
        return self.add(f"{kind}('',({_list([self._world, *items])}),#{self._context})")

    def _references(self, entity: int) -> list[int]:
        return [int(number) for number in re.findall(r"#(\d+)", self._entities[entity - 1])]

    def _shell_of(self, solid: int) -> int:
        """The shell of a solid, which is no solid afterwards."""
        [shell] = self._references(solid)
        self._entities[solid - 1] = "DIRECTION('',(0.,0.,1.))"
        return shell

    def _sides(self, corners: Sequence[Vector], sides: Sequence[Sequence[int]]) -> list[int]:
        """Plane faces over corners, each by the numbers of its own, seen from outside."""
        vertices = [self._vertex(corner) for corner in corners]
        edges: dict[tuple[int, int], int] = {}
        faces = []
        for side in sides:
            loop = []
            for start, end in zip(side, (*side[1:], side[0]), strict=True):
                key = min(start, end), max(start, end)
                if key not in edges:
                    line = self._line(corners[key[0]], corners[key[1]])
                    edges[key] = self._edge(vertices[key[0]], vertices[key[1]], line)
                loop.append((edges[key], start < end))
            along, across = (
                _difference(corners[side[1]], corners[side[0]]),
                _difference(corners[side[-1]], corners[side[0]]),
            )
            normal = _cross(along, across)
            plane = self.add(f"PLANE('',#{self.placement(corners[side[0]], normal, along)})")
            faces.append(self.face(plane, loop))
        return faces

    def cylinder(self, radius: float, height: float, at: Vector = ORIGIN) -> int:
        """A solid that stands upright on `at`."""
        axis = self.placement(at)
        top_at = (at[0], at[1], at[2] + height)
        seam_low = (at[0] + radius, at[1], at[2])
        low, high = self._vertex(seam_low), self._vertex((seam_low[0], at[1], top_at[2]))
        bottom_rim = self._edge(low, low, self._circle(at, radius))
        top_rim = self._edge(high, high, self._circle(top_at, radius))
        seam = self._edge(low, high, self._line(seam_low, (seam_low[0], at[1], top_at[2])))
        around = self.add(f"CYLINDRICAL_SURFACE('',#{axis},{radius:.9E})")
        bottom = self.add(f"PLANE('',#{self.placement(at, (0, 0, -1), X)})")
        top = self.add(f"PLANE('',#{self.placement(top_at)})")
        loop = [(bottom_rim, True), (seam, True), (top_rim, False), (seam, False)]
        return self.solid(
            [
                self.face(around, loop),
                self.face(bottom, [(bottom_rim, False)]),
                self.face(top, [(top_rim, True)]),
            ]
        )

    def sphere(self, radius: float) -> int:
        """A solid around the origin."""
        surface = self.add(f"SPHERICAL_SURFACE('',#{self.placement()},{radius:.9E})")
        pole = self.add(f"VERTEX_LOOP('',#{self._vertex((0, 0, -radius))})")
        bound = self.add(f"FACE_BOUND('',#{pole},.T.)")
        return self.solid([self.add(f"ADVANCED_FACE('',(#{bound}),#{surface},.T.)")])

    def torus(self, large: float, small: float) -> int:
        """A ring around the origin: the circle of its middle, and of its section."""
        surface = self.add(f"TOROIDAL_SURFACE('',#{self.placement()},{large:.9E},{small:.9E})")
        outermost = self._vertex((large + small, 0, 0))
        around = self._edge(outermost, outermost, self._circle(ORIGIN, large + small))
        ring = self.placement((large, 0, 0), (0, -1, 0), X)
        section = self.add(f"CIRCLE('',#{ring},{small:.9E})")
        across = self._edge(outermost, outermost, section)
        loop = [(around, True), (across, True), (around, False), (across, False)]
        return self.solid([self.face(surface, loop)])

    def solid(self, faces: Sequence[int]) -> int:
        """What its faces enclose."""
        shell = self.add(f"CLOSED_SHELL('',({_list(faces)}))")
        return self.add(f"MANIFOLD_SOLID_BREP('',#{shell})")

    def face(self, surface: int, loop: Sequence[tuple[int, bool]]) -> int:
        """A piece of a surface; the loop's edges, each with whether it is run forwards."""
        oriented = [
            self.add(f"ORIENTED_EDGE('',*,*,#{edge},{'.T.' if forwards else '.F.'})")
            for edge, forwards in loop
        ]
        bound = self.add(f"FACE_OUTER_BOUND('',#{self.add(_edge_loop(oriented))},.T.)")
        return self.add(f"ADVANCED_FACE('',(#{bound}),#{surface},.T.)")

    def placement(self, at: Vector = ORIGIN, axis: Vector = Z, reference: Vector = X) -> int:
        """A place and two directions."""
        return self.add(
            f"AXIS2_PLACEMENT_3D('',#{self._point(at)},"
            f"#{self._direction(axis)},#{self._direction(reference)})"
        )

    def product(
        self, items: Sequence[int] = (), *, kind: str = "ADVANCED_BREP_SHAPE_REPRESENTATION"
    ) -> int:
        """A product of solids; None of them for one that only holds others.

        Returns:
            Its definition; its representation has the number behind that.
        """
        context = self.add(f"PRODUCT_CONTEXT('',#{self._application},'mechanical')")
        product = self.add(f"PRODUCT('part','part','',(#{context}))")
        formation = self.add(f"PRODUCT_DEFINITION_FORMATION('','',#{product})")
        design = self.add(f"PRODUCT_DEFINITION_CONTEXT('part',#{self._application},'design')")
        shape = len(self._entities) + 3
        definition = self.add(f"PRODUCT_DEFINITION('design','',#{formation},#{design})")
        self.add(f"{kind}('',({_list([self._world, *items])}),#{self._context})")
        self.add(f"PRODUCT_DEFINITION_SHAPE('','',#{definition})")
        self.add(f"SHAPE_DEFINITION_REPRESENTATION(#{shape},#{definition + 1})")
        return definition

    def assembly(self, *parts: tuple[int, Vector]) -> int:
        """A product that holds products, each with where its origin goes."""
        whole = self.product(kind="SHAPE_REPRESENTATION")
        for part, at in parts:
            self.place(part, whole, self.placement(at))
        return whole

    def place(self, part: int, whole: int, placement: int) -> None:
        """Puts one product into another."""
        usage = self.add(f"NEXT_ASSEMBLY_USAGE_OCCURRENCE('1','','',#{whole},#{part},$)")
        shape = self.add(f"PRODUCT_DEFINITION_SHAPE('','',#{usage})")
        move = self.add(f"ITEM_DEFINED_TRANSFORMATION('','',#{self._world},#{placement})")
        relation = self.add(
            f"(REPRESENTATION_RELATIONSHIP('','',#{part + 1},#{whole + 1}) "
            f"REPRESENTATION_RELATIONSHIP_WITH_TRANSFORMATION(#{move}) "
            "SHAPE_REPRESENTATION_RELATIONSHIP())"
        )
        self.add(f"CONTEXT_DEPENDENT_SHAPE_REPRESENTATION(#{relation},#{shape})")

    def _inch(self) -> int:
        mm = self.add(MM)
        measure = self.add(f"LENGTH_MEASURE_WITH_UNIT(LENGTH_MEASURE(25.4),#{mm})")
        dimensions = self.add("DIMENSIONAL_EXPONENTS(1.,0.,0.,0.,0.,0.,0.)")
        return self.add(
            f"(CONVERSION_BASED_UNIT('INCH',#{measure}) LENGTH_UNIT() NAMED_UNIT(#{dimensions}))"
        )

    def _point(self, at: Vector) -> int:
        return self.add(f"CARTESIAN_POINT('',({_numbers(at)}))")

    def _direction(self, along: Vector) -> int:
        return self.add(f"DIRECTION('',({_numbers(along)}))")

    def _vertex(self, at: Vector) -> int:
        return self.add(f"VERTEX_POINT('',#{self._point(at)})")

    def _line(self, start: Vector, end: Vector) -> int:
        direction = self._direction(_difference(end, start))
        vector = self.add(f"VECTOR('',#{direction},1.)")
        return self.add(f"LINE('',#{self._point(start)},#{vector})")

    def _circle(self, centre: Vector, radius: float) -> int:
        return self.add(f"CIRCLE('',#{self.placement(centre)},{radius:.9E})")

    def _edge(self, start: int, end: int, curve: int) -> int:
        return self.add(f"EDGE_CURVE('',#{start},#{end},#{curve},.T.)")


def one(shape: str, *arguments: float | Vector, schema: str = AP214, unit: str = MM) -> bytes:
    """A file with one solid, such as `one("cylinder", 5, 20)`."""
    file = StepFile(schema, unit)
    file.product([getattr(file, shape)(*arguments)])
    return file.content()


def _edge_loop(edges: Sequence[int]) -> str:
    return f"EDGE_LOOP('',({_list(edges)}))"


def _list(numbers: Sequence[int]) -> str:
    return ",".join(f"#{number}" for number in numbers)


def _numbers(values: Vector) -> str:
    return ",".join(f"{value:.9E}" for value in values)


def _difference(first: Vector, second: Vector) -> Vector:
    return first[0] - second[0], first[1] - second[1], first[2] - second[2]


def _cross(first: Vector, second: Vector) -> Vector:
    return (
        first[1] * second[2] - first[2] * second[1],
        first[2] * second[0] - first[0] * second[2],
        first[0] * second[1] - first[1] * second[0],
    )
