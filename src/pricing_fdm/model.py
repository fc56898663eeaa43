"""The frozen values that travel between the stages.

    Order -> Download -> Part -> Slice -> Metrics -> Quote

Units stand in the names. Everything that becomes money is a `Decimal` from the moment it is
read out of the slicer's text; geometry is `float`.

The module is the vocabulary of all stages in the order of the flow: what is asked for, what is
warned of, the printer's bed, the model, its slice. It holds values and no rules.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import TypeAlias

from pricing_fdm.pricing.exact import EXACT, rounded

AUTO_PRINTER = "auto"
"""Chooses the first printer that will do; no printer has this id."""


class Supports(StrEnum):
    """Whether the part is printed with support."""

    AUTO = "auto"
    NEVER = "never"
    ALWAYS = "always"


class Unit(StrEnum):
    """The unit of the coordinates in a format that does not state one."""

    MM = "mm"
    INCH = "inch"
    CM = "cm"
    M = "m"

    @property
    def length_mm(self) -> float:
        """How many millimetres one unit is."""
        return {Unit.MM: 1.0, Unit.INCH: 25.4, Unit.CM: 10.0, Unit.M: 1000.0}[self]


class Orientation(StrEnum):
    """Whether the part may be turned for printing."""

    AUTO = "auto"
    KEEP = "keep"


class Complexity(StrEnum):
    """How demanding a part is to print."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class PrintQuality:
    """A quality of the shop.

    Attributes:
        layer_thickness: In micrometres.
    """

    id: str
    layer_thickness: int

    @property
    def height_mm(self) -> Decimal:
        """Layer height in mm, exact."""
        return EXACT.divide(Decimal(self.layer_thickness), 1000)


@dataclass(frozen=True, slots=True)
class PrintSettings:
    """What the caller chose for the slicer.

    Attributes:
        material: Its id in the shop.
        infill_percent: Infill density, 10 to 100.
        overrides: Other settings by OrcaSlicer's keys, with their values, in order of the keys.
    """

    material: str
    infill_percent: int
    quality: PrintQuality
    supports: Supports = Supports.AUTO
    overrides: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Order:
    """What a caller wants priced; names are ids of the shop.

    Attributes:
        quantity: How many copies.
        unit: Unit of the model's coordinates, when its format states none.
        orientation: Whether the part may be laid on another side. It may always be turned about the
            vertical.
        speed: A faster delivery, for a higher price.
        printer: Which one, or `AUTO_PRINTER`.
    """

    print_settings: PrintSettings
    quantity: int = 1
    unit: Unit = Unit.MM
    orientation: Orientation = Orientation.AUTO
    speed: str | None = None
    printer: str = AUTO_PRINTER
    colour: str | None = None
    finishes: tuple[str, ...] = ()


WARNING_CODES = (
    *("unit_suspected", "not_watertight", "inverted_normals_fixed", "repaired"),
    *("inconsistent_winding", "non_manifold", "multiple_bodies", "rearranged", "parts_left_out"),
    *("geometry_left_out", "surfaces_left_out", "beside_the_plate", "multi_material_ignored"),
    "thinner_than_a_layer",
    *("faces_missing", "self_intersections", "thin_walls", "small_features", "overhangs"),
    *("tall_and_slim", "needs_support", "count_corrected", "trailing_bytes", "slicer_warning"),
    *("slicer_fallback", "volume_derived", "speed_not_earlier"),
)
"""Every code of a `QuoteWarning`; a test holds them against the table in docs/errors.md."""


Figures: TypeAlias = Mapping[str, float | int | str]
"""What a message says in words, by names that end in the unit."""


@dataclass(frozen=True, slots=True)
class QuoteWarning:
    """Something the caller should know about a quote.

    Attributes:
        places: Points of the file that it is about, where they are known.
    """

    code: str
    message: str
    figures: Figures = field(default_factory=dict, hash=False)
    places: tuple[tuple[float, float, float], ...] = ()


Point: TypeAlias = tuple[float, float]
"""x and y in mm."""

Outline: TypeAlias = tuple[Point, ...]
"""Corners of a convex polygon, counter-clockwise seen from above."""

MOST_CORNERS = 64
"""Of a part's outline."""


def rectangle(left_mm: float, right_mm: float, front_mm: float, back_mm: float) -> Outline:
    """An outline along the axes."""
    return (left_mm, front_mm), (right_mm, front_mm), (right_mm, back_mm), (left_mm, back_mm)


@dataclass(frozen=True, slots=True)
class BuildVolume:
    """The printer's box: its size, and where its footprint starts in machine coordinates."""

    x_mm: float
    y_mm: float
    z_mm: float
    origin_x_mm: float = 0.0
    origin_y_mm: float = 0.0

    @property
    def centre_mm(self) -> tuple[float, float]:
        """Centre of the bed in machine coordinates."""
        return self.origin_x_mm + self.x_mm / 2, self.origin_y_mm + self.y_mm / 2

    @property
    def outline(self) -> Outline:
        """The bed in machine coordinates."""
        left, front = self.origin_x_mm, self.origin_y_mm
        return rectangle(left, left + self.x_mm, front, front + self.y_mm)

    def __str__(self) -> str:
        """Width x depth x height as a person reads it."""
        return f"{self.x_mm:g} x {self.y_mm:g} x {self.z_mm:g} mm"


@dataclass(frozen=True, slots=True)
class Bed:
    """Where parts may lie, in machine coordinates.

    Attributes:
        outline: Of the bed.
        excluded: Areas of it that are taken.
        edge_mm: Distance that parts keep from its edge and from these areas.
    """

    outline: Outline
    excluded: tuple[Outline, ...] = ()
    edge_mm: float = 0.0


@dataclass(frozen=True, slots=True)
class Placement:
    """Where one copy lies: its clean STL, turned about the vertical through the origin, then moved.

    Attributes:
        part: Its number in the order.
        turned_deg: Counter-clockwise seen from above.
    """

    part: int
    x_mm: float
    y_mm: float
    turned_deg: int


@dataclass(frozen=True, slots=True)
class Download:
    """The downloaded model, in a file of ours.

    Attributes:
        sha256: Of the bytes as received, in lower-case hex.
    """

    path: Path
    size_bytes: int
    sha256: str


Rotation: TypeAlias = tuple[
    tuple[float, float, float], tuple[float, float, float], tuple[float, float, float]
]
"""A rotation matrix by rows, to be multiplied by a point of the file."""

UNTURNED: Rotation = ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (0.0, 0.0, 1.0))


@dataclass(frozen=True, slots=True)
class Pose:
    """How the part stands on the bed.

    Attributes:
        rotation: From the file's axes to the printer's.
        dimensions_mm: Extents along the printer's x, y, z.
    """

    rotation: Rotation
    dimensions_mm: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Part:
    """A checked mesh that was written as a clean binary STL for the slicer.

    The STL has the pose that is printed, centred on the bed, its lowest point at z = 0.

    Attributes:
        format: How the caller's bytes were written, such as `stl-binary` or `step`.
        bodies: Number of connected components, without cavities.
        watertight: Every edge belongs to exactly two triangles (before any repair).
        dimensions_mm: Extents along x, y, z as the file has it.
        outline: Around the clean STL seen from above, of 3 to `MOST_CORNERS` corners.
        overhang_share: Share of the surface, 0 to 1, that faces down by more than 45 degrees from
            the vertical in the printed pose, without the surface that lies on the bed.
        warnings: What was repaired, and what may be wrong.
    """

    format: str
    triangles: int
    bodies: int
    watertight: bool
    dimensions_mm: tuple[float, float, float]
    volume_mm3: float
    surface_mm2: float
    pose: Pose
    outline: Outline
    overhang_share: float
    warnings: tuple[QuoteWarning, ...] = ()

    @property
    def surface_cm2(self) -> Decimal:
        """The surface as it is shown and charged for."""
        return rounded(Decimal(repr(self.surface_mm2 / 100)), "0.0001")


@dataclass(frozen=True, slots=True)
class EngineInfo:
    """Which slicer gave the figures, with which profiles."""

    name: str
    version: str
    profile_hash: str


@dataclass(frozen=True, slots=True)
class Slice:
    """A finished slicer run: its G-code and the settings that the G-code must report.

    Attributes:
        folder: The run's own; the slicer could write anything into it.
        gcode: The G-code file in it, or the 3MF that holds the G-code.
        member: Name of the G-code inside the 3MF; None when `gcode` is the G-code itself.
        expected: Settings that the G-code's own config block must repeat, in the engine's keys.
        warnings: Warnings of the slicer.
    """

    folder: Path
    gcode: Path
    member: str | None
    engine: EngineInfo
    expected: Mapping[str, str] = field(default_factory=dict)
    warnings: tuple[QuoteWarning, ...] = ()


@dataclass(frozen=True, slots=True)
class Metrics:
    """Time and material of one slice, as the slicer reports them.

    Attributes:
        filament_mm: Length of filament over all slots.
        filament_g: Weight, from length, section and the density that the slicer reports.
        volume_cm3: Volume of that filament (not of the model).
        support_g: Weight of support, None when the slicer does not report it.
        overhead_g: Weight of what is no part's, such as purge lines, skirts and brims; it is in
            `filament_g`. None where the G-code does not tell.
        overhead_s: Time of start and end G-code, skirts and brims by their moves, which is in
            `print_time_s`. None where the G-code does not tell.
    """

    print_time_s: Decimal
    filament_mm: Decimal
    filament_g: Decimal
    volume_cm3: Decimal
    layers: int
    support_g: Decimal | None = None
    warnings: tuple[QuoteWarning, ...] = ()
    overhead_g: Decimal | None = None
    overhead_s: Decimal | None = None


@dataclass(frozen=True, slots=True)
class SliceResult:
    """The result of inspecting and slicing a model: everything in a quote except prices.

    Attributes:
        warnings: Warnings of the slicer.
    """

    part: Part
    engine: EngineInfo
    metrics: Metrics
    warnings: tuple[QuoteWarning, ...] = ()
