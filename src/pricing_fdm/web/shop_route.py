"""`GET /v1/shop`, and the route that loads the shop again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.errors import FieldFault, ShopFaulty
from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.shop.catalogue import Bounds, Finish, Material, Quality, Shop
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.slicers.presets.loaded_shop import LoadedShop, PrinterPresets
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.info_routes import range_of
from pricing_fdm.web.logo import logo_of
from pricing_fdm.web.shop_schemas import (
    BuildVolumeFact,
    ColourFact,
    FinishFact,
    NumberRange,
    PrinterFact,
    QualityFact,
    ReloadResponse,
    ShopMaterialFact,
    ShopResponse,
    SpeedFact,
)


async def get_shop(request: Request) -> Response:
    """What a form needs to offer."""
    body = shop_response(state_of(request).shops.current)
    return JSONResponse(body.model_dump(mode="json", exclude_none=True))


async def post_reload(request: Request) -> Response:
    """Loads the shop's folder again, and puts it in force if it is sound."""
    shops = state_of(request).shops
    try:
        result = await shops.reload()
    except ShopError as error:
        raise shop_faulty(request, error) from error
    state = shops.current
    warnings = [str(each) for each in state.loaded.warnings]
    body = ReloadResponse(shop_version=state.shop.version, result=result, warnings=warnings)
    return JSONResponse(body.model_dump(mode="json"))


def shop_faulty(request: Request, error: ShopError) -> ShopFaulty:
    """The refusal of a shop that is faulty."""
    version = state_of(request).shop.version
    return ShopFaulty(
        f"The shop's files are faulty; {version} stays in force.", field_faults(error)
    )


def field_faults(error: ShopError) -> tuple[FieldFault, ...]:
    """The faults as a problem document names them."""
    return tuple(
        FieldFault(f"{each.file}:{each.line or ''} {each.key}".strip(": "), each.message)
        for each in error.faults
    )


def shop_response(state: ShopState) -> ShopResponse:
    """The shop as a form needs it."""
    shop, loaded = state.shop, state.loaded
    ids = [printer.id for printer in loaded.printers]
    return ShopResponse(
        name=shop.name,
        shop_version=shop.version,
        logo=logo_of(shop),
        currency=shop.currency,
        currency_decimals=shop.minor_digits,
        printers=[_printer(printer) for printer in loaded.printers],
        qualities=[_quality(quality, ids) for quality in shop.qualities],
        materials=[_material(material, loaded) for material in shop.materials],
        finishes=[_finish(finish, shop) for finish in shop.finishes],
        speeds=[
            SpeedFact.model_validate(speed, from_attributes=True) for speed in shop.tariff.speeds
        ],
        overrides={
            key: NumberRange(min=allowed.min, max=allowed.max)
            if isinstance(allowed, Bounds)
            else list(allowed)
            for key, allowed in shop.overrides.items()
        },
        infill_percent=range_of("infill"),
        quantity=range_of("quantity"),
        estimates=state.pipeline is not None,
    )


def _printer(printer: PrinterPresets) -> PrinterFact:
    volume = printer.build_volume
    return PrinterFact(
        id=printer.id,
        name=printer.name,
        build_volume_mm=BuildVolumeFact(x=volume.x_mm, y=volume.y_mm, z=volume.z_mm),
        nozzle_mm=float(printer.machine.text("nozzle_diameter")),
    )


def _quality(quality: Quality, printers: list[str]) -> QualityFact:
    return QualityFact(
        id=quality.id,
        name=quality.name,
        layer_thickness=quality.layer_thickness,
        printers=[each for each in printers if each in quality.presets],
    )


def _material(material: Material, loaded: LoadedShop) -> ShopMaterialFact:
    return ShopMaterialFact(
        id=material.id,
        name=material.name,
        description=material.description,
        density_g_cm3=float(loaded.density_g_cm3(material.id)),
        printers=[each.id for each in loaded.printers if material.id in each.filaments],
        colours=[ColourFact.model_validate(c, from_attributes=True) for c in material.colours],
    )


def _finish(finish: Finish, shop: Shop) -> FinishFact:
    size = finish.max_dimensions_mm
    return FinishFact(
        id=finish.id,
        name=finish.name,
        materials=list(finish.materials or (each.id for each in shop.materials)),
        per_part=finish.per_part,
        per_cm2=finish.per_cm2,
        per_order=finish.per_order,
        days=finish.days,
        max_dimensions_mm=None
        if size is None
        else (float(size[0]), float(size[1]), float(size[2])),
    )
