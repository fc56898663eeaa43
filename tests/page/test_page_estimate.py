"""The range that a price lies in, on the page as soon as a file is chosen."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from playwright.sync_api import expect

from tests.harness.service import running_service
from tests.page import parts
from tests.page.visit import OpenPage
from tests.quoting.fitted import estimating_shop, fit
from tests.web.shop_service import TWO_PRINTERS


def test_the_range_is_shown_at_once_and_gives_way_to_the_price(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """It follows the options; the file is sent once for all of it, and no job is made before."""
    with running_service({"SHOP_DIR": str(estimating_shop(tmp_path / "shop"))}) as service:
        visit = open_page(service.base_url)
        page = visit.page
        visit.choose(parts.cube(tmp_path))
        found = page.locator("#estimate-range")
        expect(found).to_have_text(re.compile(r"^About \$[\d.]+ to \$[\d.]+$"))
        first = found.inner_text()
        page.get_by_label("Fine, 0.1 mm").check()
        expect(page.locator("#estimate-hint")).to_contain_text("No estimate for this one.")
        expect(found).to_be_hidden()
        page.get_by_label("Standard, 0.2 mm").check()
        expect(found).to_have_text(first)
        page.fill("#quantity", "40")
        expect(found).not_to_have_text(first)
        assert visit.sent("POST", "/quote") == 0
        visit.ask()
        expect(page.locator("#total")).to_be_visible()
        expect(page.locator("#estimate")).to_be_hidden()
        assert visit.sent("POST", "/v1/uploads") == 1


def test_each_printer_that_may_be_chosen_says_what_it_would_charge(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """As long as it is left to the shop; who has chosen one sees its range."""
    folder = shutil.copytree(TWO_PRINTERS, tmp_path / "shop")
    fit(folder)
    with running_service({"SHOP_DIR": str(folder)}) as service:
        page = (visit := open_page(service.base_url)).page
        visit.choose(parts.cube(tmp_path))
        offered = page.locator("#printer option")
        priced = re.compile(r"0\.6 mm, 256 .* mm — About €[\d.]+ to €[\d.]+$")
        expect(offered.nth(2)).to_have_text(priced)
        auto = page.locator("#estimate-range").inner_text()
        assert offered.nth(1).inner_text().endswith(f" — {auto}")
        page.select_option("#printer", "voron")
        expect(offered.nth(2)).to_have_text(re.compile("0.6 mm, 256 .* mm$"))
        expect(page.locator("#estimate-range")).not_to_have_text(auto)
