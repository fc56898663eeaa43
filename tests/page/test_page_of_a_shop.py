"""The page of a shop of its own: euros, tax, two printers, colours, a finish, a minimum."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.harness.service import PLAIN, RunningService, running_service
from tests.page import parts
from tests.page.visit import OpenPage, Visit
from tests.shop.guide import guided_shop
from tests.web.test_logo import LOGO

_MORE = """
[customer]
logo = "logo.svg"

[review]
total_above = "40"

[overrides]
wall_loops = { min = 2, max = 6 }
brim_type = ["no_brim", "outer_only"]
"""


@pytest.fixture(scope="module")
def shop(built_page: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningService]:
    """The shop of docs/shop.md, with a limit for review and settings that a customer may change."""
    folder = guided_shop(tmp_path_factory.mktemp("page") / "shop")
    (folder / "logo.svg").write_bytes(LOGO)
    with (folder / "shop.toml").open("a") as file:
        file.write(_MORE)
    with running_service({"SHOP_DIR": str(folder), "SLICER": "prusa"}) as service:
        yield service


def names(page: Page, locator: str) -> list[str]:
    """What is offered in a list or a group."""
    return page.locator(locator).all_inner_texts()


def euros(text: str) -> Decimal:
    """The amount behind the sign."""
    assert re.fullmatch(r"-?€[\d,]+\.\d\d", text), text
    return Decimal(re.sub("[€,]", "", text))


def price_is_shown(page: Page) -> None:
    """There is nothing under way, and no fault."""
    expect(page.locator("#working")).to_be_hidden()
    expect(page.locator("#alert")).to_be_empty()
    expect(page.locator("#result")).to_be_visible()


def choose_the_golden_part(visit: Visit, file: Path) -> None:
    """PLA-CF in gold, sanded, by rush order; settings of one's own."""
    page = visit.page
    visit.choose(file)
    page.select_option("#material", "pla-cf")
    page.get_by_label("Silk gold").check()
    page.get_by_label("Sanded, 2 days more").check()
    page.select_option("#speed", "rush")
    page.get_by_text("More options").click()
    page.get_by_label("Wall loops").fill("3")
    page.get_by_label("Brim type").select_option("outer_only")


def test_the_choices_are_those_of_the_shop(open_page: OpenPage, shop: RunningService) -> None:
    """What it does not have together is not offered together."""
    page = open_page(base_url=shop.base_url).page
    expect(page.locator("#material option")).to_have_count(9)
    expect(page.locator("#logo")).to_be_visible()
    expect(page.locator("#logo")).not_to_have_js_property("naturalWidth", 0)
    assert names(page, "#material option")[-1] == "PLA-CF"
    assert names(page, "#speed option") == ["As usual", "Rush order"]
    expect(page.locator("#colour-field")).to_be_hidden()
    assert names(page, "#qualities label") == [
        "Fine, 0.1 mm",
        "Standard, 0.2 mm",
        "Economy, 0.3 mm",
    ]

    page.select_option("#material", "pla-cf")
    expect(page.locator("#material-hint")).to_have_text("Stiff and matt: brackets, jigs.")
    assert names(page, "#colours label") == ["Any", "Black", "Silk gold"]
    gold = page.locator("#colours label").filter(has_text="gold").locator(".swatch")
    expect(gold).to_have_css("background-color", "rgb(201, 162, 39)")
    assert names(page, "#finishes label") == ["Sanded, 2 days more"]
    assert names(page, "#qualities label")[-1] == "Draft, 0.4 mm"
    assert len(names(page, "#printer option")) == 2
    page.get_by_label("Draft, 0.4 mm").check()
    [_, big] = names(page, "#printer option")
    assert big.startswith("Big 256, 0.6 mm nozzle, 256 ")

    page.select_option("#material", "pla")
    expect(page.locator("#colour-field")).to_be_hidden()
    expect(page.get_by_label("Standard, 0.2 mm")).to_be_checked()


def test_a_price_is_told_in_the_currency_and_the_lines_that_customers_see(
    open_page: OpenPage, shop: RunningService, tmp_path: Path
) -> None:
    """Margin and rounding are the shop's own business; its lines add up without them."""
    visit = open_page(base_url=shop.base_url)
    page = visit.page
    choose_the_golden_part(visit, parts.cube(tmp_path))
    visit.ask()
    price_is_shown(page)
    lines = dict(zip(names(page, "#breakdown th"), names(page, "#breakdown td"), strict=True))
    assert list(lines) == ["Print", "Sanded", "Set-up", "Up to the minimum", "IVA 21 %"]
    assert (lines["Sanded"], lines["IVA 21 %"]) == ("€4.00", "€3.15")
    total = page.locator("#total").inner_text()
    assert total == "€18.15"
    assert sum(map(euros, lines.values())) == euros(total)
    expect(page.locator("#tax")).to_have_text("IVA 21 % included: €3.15")
    expect(page.locator("#unit")).to_have_text("for one part in PLA-CF, Silk gold")
    expect(page.locator("#valid")).to_have_text(re.compile(r"holds until [A-Z]\w+ \d+, 20\d\d"))
    expect(page.locator("#facts")).to_contain_text("Generic FDM 200")
    expect(page.locator("#review")).to_be_hidden()
    for word in ("Margin", "Rounding", "$", "USD"):
        assert word not in page.locator("#result").inner_text()


def test_an_order_that_a_person_looks_at_says_so(
    open_page: OpenPage, shop: RunningService, tmp_path: Path
) -> None:
    """In words for a customer, without the shop's own limit; more copies say how they print."""
    visit = open_page(base_url=shop.base_url)
    page = visit.page
    visit.choose(parts.bar(tmp_path))
    page.fill("#quantity", "60")
    visit.ask()
    price_is_shown(page)
    expect(page.locator("#review")).to_be_visible()
    expect(page.locator("#review")).to_contain_text("We look at it before the price binds.")
    assert names(page, "#review-reasons li") == ["It is a large order."]
    expect(page.locator("#facts")).to_contain_text(re.compile(r"Printed as\s*\d+ plates? of \d+"))
    assert "Discount" in names(page, "#breakdown th")
    assert euros(page.locator("#total").inner_text()) > 40


def test_a_part_may_be_larger_than_some_printers_and_not_than_others(
    open_page: OpenPage, shop: RunningService, tmp_path: Path
) -> None:
    """250 mm are too long for the first printer, and the second has the material."""
    visit = open_page(base_url=shop.base_url)
    page = visit.page
    visit.choose(parts.long_bar(tmp_path))
    expect(page.locator("#too-large")).to_contain_text("larger than our printer, which has 200")
    page.select_option("#material", "pla-cf")
    page.get_by_label("Draft, 0.4 mm").check()
    expect(page.locator("#too-large")).to_be_empty()
    visit.ask()
    price_is_shown(page)
    expect(page.locator("#facts")).to_contain_text("Big 256, 0.6 mm nozzle")


def test_a_setting_outside_its_range_is_told_at_its_field(
    open_page: OpenPage, shop: RunningService, tmp_path: Path
) -> None:
    """Also where the fields for it were closed."""
    visit = open_page(base_url=shop.base_url)
    page = visit.page
    visit.choose(parts.cube(tmp_path))
    walls = page.locator("[name='overrides.wall_loops']")
    walls.evaluate("(input) => { input.value = '9'; }")
    visit.ask()
    expect(walls).to_have_attribute("aria-invalid", "true")
    expect(walls).to_be_focused()
    assert visit.sent("POST", "/quote") == 0
    walls.evaluate("(input) => input.removeAttribute('max')")
    visit.ask()
    expect(page.locator("#overrides-error")).to_contain_text(
        re.compile("wall_loops must be .*2 to 6")
    )
    visit.expect_error("status of 400")


def test_a_shop_that_changes_is_taken_over_by_an_open_page(
    built_page: None, open_page: OpenPage, tmp_path: Path
) -> None:
    """A choice that has gone is told, and not offered again; one that came is there."""
    folder, token = guided_shop(tmp_path / "shop"), "t" * 32
    environment = {"SHOP_DIR": str(folder), "SLICER": "prusa", "ADMIN_TOKEN": token}
    with running_service(environment) as service:
        visit = open_page(base_url=service.base_url)
        page = visit.page
        visit.choose(parts.cube(tmp_path))
        page.select_option("#material", "pla-cf")
        page.get_by_label("Silk gold").check()
        file = folder / "shop.toml"
        file.write_text(file.read_text().replace('id = "gold"', 'id = "bronze"'))
        headers = {"Authorization": f"Bearer {token}"}
        reload = f"{service.base_url}/internal/pricing/fdm/shop/reload"
        assert httpx.post(reload, headers=headers, **PLAIN).status_code == 200
        visit.ask()
        expect(page.locator("#colour-error")).to_contain_text("'black' or 'bronze'")
        visit.expect_error("status of 400")
        expect(page.get_by_label("Any", exact=True)).to_be_checked()
        page.locator("[name=colour][value=bronze]").check()
        visit.ask()
        price_is_shown(page)


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_it_fits_every_screen_by_day_and_night(
    width: int, scheme: str, open_page: OpenPage, shop: RunningService, tmp_path: Path
) -> None:
    """With all that a shop may offer; the pictures are kept for the eye."""
    view = {"width": width, "height": 740}
    visit = open_page(base_url=shop.base_url, viewport=view, color_scheme=scheme)
    page = visit.page
    choose_the_golden_part(visit, parts.bar(tmp_path))
    page.fill("#quantity", "12")
    page.screenshot(path=tmp_path / "choices.png", full_page=True)
    visit.ask()
    price_is_shown(page)
    page.screenshot(path=tmp_path / "result.png", full_page=True)
    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(wide) <= 0
