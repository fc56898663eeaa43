"""The shop's folder, and the rates of ADR-010 that outweigh those of its file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field

from pricing_fdm.model import Complexity
from pricing_fdm.pricing.price_ending import PriceEnding
from pricing_fdm.settings.fault import SettingsError
from pricing_fdm.settings.group import Group
from pricing_fdm.shop.catalogue import Material, Shop
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.shop.load import SHOP_FILE, load_shop, overridden
from pricing_fdm.shop.tariff import Speed

_Rate = Annotated[Decimal, Field(ge=0, le=1_000_000, allow_inf_nan=False)]
_Factor = Annotated[Decimal, Field(ge=1, le=100, allow_inf_nan=False)]

_HOURLY_RATE = Decimal("3.00")
_HOURLY_RUSH_MULTIPLIER = Decimal("1.20")
_HOURLY_MATERIAL_FACTORS = {"pla": Decimal("0.8"), "abs": Decimal("1.2")}
_HOURLY_COMPLEXITY_FACTORS = {
    Complexity.LOW: Decimal("0.8"),
    Complexity.MEDIUM: Decimal(1),
    Complexity.HIGH: Decimal("1.2"),
}


class PriceModel(StrEnum):
    """The values of `PRICE_MODEL`."""

    ADR010 = "adr010"
    HOURLY = "hourly"


class VersionsIn(StrEnum):
    """The values of `SHOP_VERSIONS`."""

    FOLDER = "folder"
    STORE = "store"


def bundled_shop_folder() -> Path:
    """The bundled shop: beside the package in a wheel, at the top of a source checkout."""
    package = Path(__file__).parent.parent
    packed = package / "profiles"
    return packed if packed.is_dir() else package.parent.parent / "profiles"


def _of_gram(name: str) -> Any:  # noqa: ANN401 - as pydantic's own Field
    return Field(None, description=f"The same for {name}.")


class ShopSettings(Group):
    """The shop's folder, and the rates of ADR-010 that outweigh those of its file."""

    shop_dir: Path | None = Field(
        None, description="Folder with `shop.toml` and its presets. Default: the bundled shop."
    )
    orca_profiles_dir: Path | None = Field(
        None,
        description="The same under ADR-010's name. Presets without a `shop.toml` must have the "
        "names of the bundled ones.",
    )
    shop_watch_secs: float = Field(
        2,
        ge=0,
        le=3600,
        description="Seconds between two looks at the shop's files; a change that has rested for "
        "one of them is put in force. 0: only at SIGHUP and by the admin route.",
    )
    shop_versions: VersionsIn = Field(
        VersionsIn.FOLDER,
        description="Where versions of the shop are kept that the admin routes take. `folder`: in "
        "`.versions` of the shop's folder, where one is set; `store`: in the object store of "
        "`OBJECT_STORE_URL`, which has to answer at each start.",
    )
    shop_versions_kept: int = Field(
        50,
        ge=1,
        le=10_000,
        description="So many of the newest versions are kept; besides them the active one, the one "
        "before it, and those that jobs and unexpired quotes may need.",
    )
    price_model: PriceModel = Field(
        PriceModel.ADR010,
        description="`adr010`: as the shop file says; `hourly`: machine hours times factors, "
        "ending in 90 cents (ADR 14). The next eleven are for `adr010`.",
    )
    base_fee_usd: _Rate | None = Field(
        None, description="Outweighs `tariff.base_fee` of the shop file, as do the next ones."
    )
    machine_rate_usd_per_hour: _Rate | None = Field(
        None, description="Outweighs `tariff.machine_rate_per_hour`."
    )
    margin_multiplier: _Factor | None = Field(None, description="Outweighs `tariff.margin`.")
    material_pla_cost_per_g: _Rate | None = Field(
        None, description="Outweighs the cost of the material `pla`."
    )
    material_abs_cost_per_g: _Rate | None = _of_gram("`abs`")
    material_petg_cost_per_g: _Rate | None = _of_gram("`petg`")
    material_abs_esd_cost_per_g: _Rate | None = _of_gram("`abs-esd`")
    material_asa_cost_per_g: _Rate | None = _of_gram("`asa`")
    material_nylon_cost_per_g: _Rate | None = _of_gram("`nylon`")
    material_pc_cost_per_g: _Rate | None = _of_gram("`pc`")
    material_tpu_cost_per_g: _Rate | None = _of_gram("`tpu`")
    hourly_rate_usd_per_hour: _Rate = Field(
        _HOURLY_RATE,
        description="What an hour costs with `PRICE_MODEL=hourly`, everything included.",
    )
    rush_multiplier: _Factor | None = Field(
        None,
        description="Outweighs the factor of the shop's first speed; with `hourly` it is 1.20.",
    )

    @property
    def folder(self) -> Path:
        """The shop's folder."""
        return self.shop_dir or self.orca_profiles_dir or bundled_shop_folder()

    @property
    def own_folder(self) -> Path | None:
        """The shop's folder, unless it is the bundled one."""
        return self.shop_dir or self.orca_profiles_dir

    def load(self, folder: Path | None = None) -> Shop:
        """The shop, with the rates that are set here in place of its own.

        Args:
            folder: In place of the shop's own, such as that of a stored version.

        Raises:
            SettingsError: The file is faulty, or a rate is set that the shop has no use for.
        """
        if self.shop_dir and self.orca_profiles_dir and self.shop_dir != self.orca_profiles_dir:
            raise SettingsError(("ORCA_PROFILES_DIR: names another folder than SHOP_DIR",))
        try:
            shop = load_shop(folder) if folder else load_shop(self.folder, self.shop_file)
        except ShopError as error:
            raise SettingsError(tuple(map(str, error.faults))) from error
        if faults := tuple(self._faults(shop)):
            raise SettingsError(faults)
        return overridden(shop, self._changes(shop), self.outweighing())

    def outweighing(self) -> dict[str, str]:
        """The variables that outweigh the file, with their values."""
        names = {name for name in self.model_fields_set if name not in _NOT_RATES}
        return {name.upper(): str(getattr(self, name)) for name in sorted(names)}

    @property
    def shop_file(self) -> Path:
        """The shop's file; of a folder of presets, which ADR-010 knew, the bundled one."""
        own = self.folder / SHOP_FILE
        is_folder_of_presets = self.shop_dir is None and self.folder.is_dir() and not own.exists()
        return bundled_shop_folder() / SHOP_FILE if is_folder_of_presets else own

    def _costs_per_g(self) -> dict[str, Decimal]:
        """By the material's id."""
        found = ((name, getattr(self, name)) for name in type(self).model_fields)
        return {
            name.removeprefix("material_").removesuffix("_cost_per_g").replace("_", "-"): cost
            for name, cost in found
            if name.startswith("material_") and cost is not None
        }

    def _faults(self, shop: Shop) -> Iterator[str]:
        if shop.currency != "USD":
            in_usd = {name for name in self.model_fields_set if "_usd" in name}
            if self.price_model is PriceModel.HOURLY:
                in_usd.add("price_model")
            for name in sorted(in_usd):
                yield f"{name.upper()}: is in USD, and the shop's currency is {shop.currency}"
        offered = {each.id for each in shop.materials}
        for material in self._costs_per_g().keys() - offered:
            name = material.replace("-", "_").upper()
            yield f"MATERIAL_{name}_COST_PER_G: the shop has no material {material}"
        if self.rush_multiplier is not None and not shop.tariff.speeds:
            yield "RUSH_MULTIPLIER: the shop has no speed"

    def _changes(self, shop: Shop) -> Mapping[str, Any]:
        if self.price_model is PriceModel.HOURLY:
            return self._hourly(shop)
        costs = self._costs_per_g()
        given = {
            "base_fee": self.base_fee_usd,
            "machine_rate_per_hour": self.machine_rate_usd_per_hour,
            "margin": self.margin_multiplier,
        }
        tariff = {name: value for name, value in given.items() if value is not None}
        return {
            "tariff": shop.tariff.model_copy(
                update={**tariff, "speeds": _speeds(shop, self.rush_multiplier)}
            ),
            "materials": tuple(
                _costing(each, costs[each.id]) if each.id in costs else each
                for each in shop.materials
            ),
        }

    def _hourly(self, shop: Shop) -> Mapping[str, Any]:
        """Hours at a rate that has everything in it, with factors; nothing else is charged."""
        offered = {each.id for each in shop.materials}
        tariff = {
            "base_fee": Decimal(0),
            "machine_rate_per_hour": self.hourly_rate_usd_per_hour,
            "margin": Decimal(1),
            "margin_by_quantity": (),
            "material_factors": {
                name: factor for name, factor in _HOURLY_MATERIAL_FACTORS.items() if name in offered
            },
            "complexity_factors": _HOURLY_COMPLEXITY_FACTORS,
            "ending": PriceEnding.LADDER,
            "speeds": _speeds(shop, self.rush_multiplier or _HOURLY_RUSH_MULTIPLIER),
        }
        printers = [each.model_copy(update={"rate_per_hour": None}) for each in shop.printers]
        return {
            "tariff": shop.tariff.model_copy(update=tariff),
            "materials": tuple(_costing(each, Decimal(0)) for each in shop.materials),
            "printers": tuple(printers),
        }


_NOT_RATES = (
    "shop_dir",
    "orca_profiles_dir",
    "shop_watch_secs",
    "shop_versions",
    "shop_versions_kept",
)


def _costing(material: Material, cost_per_g: Decimal) -> Material:
    return material.model_copy(update={"cost_per_g": cost_per_g, "cost_per_kg": None})


def _speeds(shop: Shop, first_factor: Decimal | None) -> tuple[Speed, ...]:
    """The shop's speeds, the first with this factor."""
    if first_factor is None or not shop.tariff.speeds:
        return shop.tariff.speeds
    first, *others = shop.tariff.speeds
    return first.model_copy(update={"factor": first_factor}), *others
