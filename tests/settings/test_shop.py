"""Which shop is in force, and what the environment changes of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from pricing_fdm.settings import SettingsError, load_settings
from pricing_fdm.shop.catalogue import Shop
from tests.harness.qualities import MATERIALS
from tests.shop.shops import BUNDLED, SMALL, bundled_shop, write_shop


def loaded(monkeypatch: pytest.MonkeyPatch, **environment: object) -> Shop:
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    return load_settings().shop.load()


def faults(monkeypatch: pytest.MonkeyPatch, **environment: object) -> tuple[str, ...]:
    with pytest.raises(SettingsError) as wrong:
        loaded(monkeypatch, **environment)
    return wrong.value.faults


def test_without_a_variable_the_shop_is_the_bundled_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """As its file says, and with its version."""
    assert loaded(monkeypatch) == bundled_shop()
    assert loaded(monkeypatch).version == bundled_shop().version


@pytest.mark.parametrize("name", ["SHOP_DIR", "ORCA_PROFILES_DIR"])
def test_a_folder_has_two_names(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    """The second is ADR-010's."""
    shop = loaded(monkeypatch, **{name: write_shop(tmp_path)})
    assert (shop.name, shop.folder) == ("Northside Prints", tmp_path)


def test_two_folders_are_a_contradiction(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whichever was obeyed, the other was meant."""
    folders = {"SHOP_DIR": tmp_path, "ORCA_PROFILES_DIR": tmp_path / "other"}
    assert faults(monkeypatch, **folders) == (
        "ORCA_PROFILES_DIR: names another folder than SHOP_DIR",
    )


def test_a_folder_of_presets_goes_on_working(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Before there was a shop file, its presets had these names."""
    for path in BUNDLED.glob("*_*.json"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "machine.json").write_bytes((BUNDLED / "machine.json").read_bytes())
    shop = loaded(monkeypatch, ORCA_PROFILES_DIR=tmp_path)
    assert shop.model_dump() == bundled_shop().model_dump()
    assert shop.folder == tmp_path
    monkeypatch.delenv("ORCA_PROFILES_DIR")
    assert "no such file" in faults(monkeypatch, SHOP_DIR=tmp_path)[0]


def test_the_faults_of_a_shop_are_those_of_a_setting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """They end the start in the same way."""
    folder = write_shop(tmp_path, SMALL.replace("tariff", "tarif"))
    told = faults(monkeypatch, SHOP_DIR=folder)
    assert "shop.toml: tariff: is missing" in told
    assert "shop.toml:26: tarif: there is no such key; did you mean tariff?" in told


def test_each_rate_of_the_environment_outweighs_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    """ADR-010's variables, each for its own value."""
    rates = {"BASE_FEE_USD": "1", "MACHINE_RATE_USD_PER_HOUR": "2", "MARGIN_MULTIPLIER": "3"}
    costs = {
        f"MATERIAL_{name.upper().replace('-', '_')}_COST_PER_G": f"0.{number}"
        for number, name in enumerate(MATERIALS, start=1)
    }
    shop = loaded(monkeypatch, **rates, **costs, RUSH_MULTIPLIER="4")
    tariff = shop.tariff
    found = (tariff.base_fee, tariff.machine_rate_per_hour, tariff.margin)
    assert list(map(str, found)) == ["1", "2", "3"]
    assert tariff.speeds[0].factor == 4
    assert [str(each.gram_cost) for each in shop.materials] == [f"0.{n}" for n in range(1, 9)]
    assert shop.version != bundled_shop().version
    told = load_settings().shop.outweighing()
    assert told == {**rates, **costs, "RUSH_MULTIPLIER": "4"}


def test_a_rate_that_the_shop_has_no_use_for_is_a_fault(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would change nothing, and whoever set it believes otherwise."""
    rates = {"BASE_FEE_USD": 1, "MATERIAL_ABS_ESD_COST_PER_G": 1, "RUSH_MULTIPLIER": 2}
    assert faults(monkeypatch, SHOP_DIR=write_shop(tmp_path), **rates) == (
        "BASE_FEE_USD: is in USD, and the shop's currency is EUR",
        "MATERIAL_ABS_ESD_COST_PER_G: the shop has no material abs-esd",
        "RUSH_MULTIPLIER: the shop has no speed",
    )


def test_the_hourly_model_charges_hours_with_its_own_factors(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The rates of ADR-010 may stand in the same environment."""
    shop = loaded(
        monkeypatch,
        PRICE_MODEL="hourly",
        HOURLY_RATE_USD_PER_HOUR="4.50",
        MACHINE_RATE_USD_PER_HOUR="99",
    )
    tariff = shop.tariff
    assert str(shop.machine_rate("fdm-200")) == "4.50"
    assert (str(tariff.base_fee), str(tariff.margin), tariff.ending.value) == ("0", "1", "ladder")
    assert {each.gram_cost for each in shop.materials} == {0}
    assert {name: str(factor) for name, factor in tariff.material_factors.items()} == {
        "pla": "0.8",
        "abs": "1.2",
    }
    assert list(map(str, tariff.complexity_factors.values())) == ["0.8", "1", "1.2"]


@pytest.mark.parametrize(("price_model", "default"), [("adr010", "1.25"), ("hourly", "1.20")])
def test_each_price_model_has_its_own_rush_multiplier_until_one_is_set(
    monkeypatch: pytest.MonkeyPatch, price_model: str, default: str
) -> None:
    """A value that is set holds for both."""
    shop = loaded(monkeypatch, PRICE_MODEL=price_model)
    assert str(shop.tariff.speeds[0].factor) == default
    assert loaded(monkeypatch, RUSH_MULTIPLIER="2").tariff.speeds[0].factor == 2


def test_the_hourly_model_is_in_dollars(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its rate and its endings are."""
    (fault,) = faults(monkeypatch, SHOP_DIR=write_shop(tmp_path), PRICE_MODEL="hourly")
    assert fault == "PRICE_MODEL: is in USD, and the shop's currency is EUR"
