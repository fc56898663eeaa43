"""The quote page in Chromium, against the real service, queue, worker and slicer."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.harness.redis_server import running_redis
from tests.harness.service import RunningService, running_service
from tests.harness.waiting import wait_until
from tests.jobs.workers import running_worker
from tests.page import parts
from tests.page.visit import OpenPage, Visit
from tests.web.accounts import gauge

TOKEN = "t" * 32
DOLLARS = re.compile(r"^\$\d+\.\d\d$")

_NOTE_PROGRESS = """
globalThis.seen = [];
addEventListener("DOMContentLoaded", () => {
  const bar = document.getElementById("progress");
  const note = () => seen.push([bar.value, document.getElementById("stage-name").textContent]);
  new MutationObserver(note).observe(document.getElementById("working"), {
    subtree: true, childList: true, attributes: true, characterData: true,
  });
});
"""
_NO_GRAPHICS = "HTMLCanvasElement.prototype.getContext = () => null;"


def price_is_shown(page: Page) -> None:
    """The bar is gone and the price is there."""
    expect(page.locator("#working")).to_be_hidden()
    expect(page.locator("#alert")).to_be_empty()
    expect(page.locator("#result")).to_be_visible()
    expect(page.locator("#total")).to_have_text(DOLLARS)


def priced(visit: Visit, file: Path) -> Page:
    """A page that shows the price of a file."""
    visit.choose(file)
    visit.ask()
    price_is_shown(visit.page)
    return visit.page


def mm(*sides: str) -> str:
    """A size as the page writes it."""
    return " \N{MULTIPLICATION SIGN} ".join(sides) + " mm"


def focused(page: Page) -> str:
    name: str = page.evaluate("document.activeElement.id || document.activeElement.name || ''")
    return name


def test_a_part_is_priced_with_the_keyboard_alone(open_page: OpenPage, tmp_path: Path) -> None:
    """From the file to the price without a mouse, in the order in which the page is read."""
    page = open_page().page
    page.on("filechooser", lambda _: None)  # from now on; else the key may come before it
    page.keyboard.press("Tab")
    assert focused(page) == "file"
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    chooser.value.set_files(parts.cube(tmp_path))
    expect(page.locator("#size")).to_have_text(mm("10", "10", "10"))

    order: list[str] = []
    while not order or order[-1] != "submit":
        page.keyboard.press("Tab")
        order.append(focused(page))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    assert order == ["material", "quality", "infill", "quantity", "speed", "", "submit"]

    page.keyboard.press("Enter")
    price_is_shown(page)
    total = page.locator("#total").inner_text()
    expect(page.get_by_role("status").filter(has_text=f"The price is {total}")).to_have_count(1)


def test_the_price_comes_with_its_reasons(open_page: OpenPage, tmp_path: Path) -> None:
    """The lines of the bill add up to it; grams, time and lead time stand beside it."""
    visit = open_page()
    visit.page.fill("#quantity", "3")
    page = priced(visit, parts.cube(tmp_path))
    lines = page.locator("#breakdown td").all_inner_texts()
    cents = [round(float(line.replace("$", "")) * 100) for line in lines]
    assert f"${sum(cents) / 100:.2f}" == page.locator("#total").inner_text()
    expect(page.locator("#unit")).to_have_text(re.compile(r"for 3 parts in PLA, \$\d+\.\d\d each"))
    expect(page.locator("#lead")).to_have_text("Ready in 1 day")
    facts = page.locator("#facts").inner_text()
    for word in ("Print time, each", "Weight, each", "Layers", "Complexity", mm("10", "10", "10")):
        assert word in facts


def test_the_progress_only_rises_and_names_its_stages(open_page: OpenPage, tmp_path: Path) -> None:
    """A bar that falls back, or says nothing, is worse than none."""
    page = priced(open_page(script=_NOTE_PROGRESS), parts.large_block(tmp_path))
    seen = [(value, words.partition(":")[0]) for value, words in page.evaluate("seen") if words]
    values = [value for value, _ in seen]
    running = values[: values.index(max(values)) + 1]
    assert running == sorted(running)
    assert len(set(running)) >= 2  # told at most twice a second
    assert "Handing in your order" in {words for _, words in seen}
    assert len({words for _, words in seen}) >= 2


def test_a_price_that_is_asked_for_while_the_file_is_sent_says_so(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """A large file takes a while; it is on its way since it was chosen, and is sent once."""
    visit = open_page()
    page, held = visit.page, list[Route]()

    def hold(route: Route) -> None:  # Playwright takes no built-in function
        held.append(route)

    page.route("**/v1/uploads", hold)
    visit.choose(parts.cube(tmp_path))
    visit.ask()
    expect(page.locator("#stage-name")).to_contain_text("Sending your file")
    (upload,) = held
    upload.continue_()
    price_is_shown(page)
    assert visit.sent("POST", "/v1/uploads") == 1


def test_other_options_need_no_other_upload(open_page: OpenPage, tmp_path: Path) -> None:
    """A large file is sent once, however many materials are compared."""
    visit = open_page()
    page = priced(visit, parts.cube(tmp_path))
    first = page.locator("#total").inner_text()
    page.get_by_role("button", name="PETG", exact=True).press("Enter")
    expect(page.locator("#unit")).to_have_text("for one part in PETG")
    assert page.locator("#material").input_value() == "petg"
    page.fill("#quantity", "4")
    expect(page.locator("#unit")).to_have_text(re.compile("for 4 parts in PETG"))
    price_is_shown(page)
    assert page.locator("#total").inner_text() != first
    assert (visit.sent("POST", "/v1/uploads"), visit.sent("POST", "/quote")) == (1, 3)


def test_a_file_that_is_no_model_is_refused_in_words(open_page: OpenPage, tmp_path: Path) -> None:
    """What the service found out is what the customer reads; the next file starts afresh."""
    visit = open_page()
    page = visit.page
    visit.choose(parts.no_model(tmp_path))
    expect(page.locator("#preview-note")).to_contain_text("cannot show this file")
    visit.ask()
    expect(page.get_by_role("alert")).to_contain_text("not a model in a format we read")
    expect(page.locator("#working")).to_be_hidden()
    expect(page.locator("#result")).to_be_hidden()
    priced(visit, parts.cube(tmp_path))


def test_without_a_file_the_page_asks_for_one(open_page: OpenPage) -> None:
    visit = open_page()
    visit.ask()
    expect(visit.page.locator("#file-error")).to_contain_text("Choose the file")
    assert focused(visit.page) == "file"
    assert visit.sent("POST", "/v1/uploads") == 0


def test_a_wrong_field_is_told_at_the_field(open_page: OpenPage, tmp_path: Path) -> None:
    """By the browser where it can tell, and by the service where it cannot."""
    visit = open_page()
    page = visit.page
    visit.choose(parts.cube(tmp_path))
    page.fill("#quantity", "0")
    visit.ask()
    expect(page.locator("#quantity-error")).not_to_be_empty()
    expect(page.locator("#quantity")).to_have_attribute("aria-invalid", "true")
    assert focused(page) == "quantity"
    assert visit.sent("POST", "/quote") == 0

    page.locator("#quantity").evaluate("(input) => input.removeAttribute('max')")
    page.fill("#quantity", "20000")
    visit.ask()
    expect(page.locator("#quantity-error")).to_contain_text("less than or equal to 10000")
    expect(page.get_by_role("alert")).to_contain_text("The request is not valid")
    visit.expect_error("status of 400")


def test_a_part_larger_than_the_printer_is_told_at_once(
    open_page: OpenPage, tmp_path: Path
) -> None:
    """Before it is sent; also when only its unit makes it so large."""
    visit = open_page()
    page, warning = visit.page, visit.page.locator("#too-large")
    visit.choose(parts.plate(tmp_path))
    expect(warning).to_contain_text("larger than our printer")
    visit.choose(parts.cube(tmp_path))
    expect(page.locator("#size")).to_have_text(mm("10", "10", "10"))
    expect(warning).to_be_empty()
    page.get_by_text("More options").click()
    page.select_option("#units", "m")
    expect(page.locator("#size")).to_have_text(mm("10,000", "10,000", "10,000"))
    expect(warning).to_contain_text("Is the unit of the file right?")


@pytest.mark.parametrize(
    ("make", "size"),
    [
        pytest.param(parts.bar, mm("8", "8", "12"), id="ASCII STL"),
        pytest.param(parts.obj, mm("8", "8", "12"), id="OBJ"),
        pytest.param(parts.threemf_in_inches, mm("25.4", "25.4", "25.4"), id="3MF in inches"),
    ],
)
def test_other_formats_are_shown_with_their_size(
    make: Callable[[Path], Path], size: str, open_page: OpenPage, tmp_path: Path
) -> None:
    visit = open_page()
    file = make(tmp_path)
    visit.choose(file)
    expect(visit.page.locator("#size")).to_have_text(size)
    picture = visit.page.get_by_role("img", name=f"3D preview of {file.name}")
    expect(picture).to_be_visible()


def test_what_cannot_be_shown_is_said_kindly(open_page: OpenPage, tmp_path: Path) -> None:
    """A preview is a courtesy; without one the price is still to be had."""
    visit = open_page()
    visit.choose(parts.step(tmp_path))
    expect(visit.page.locator("#preview-note")).to_contain_text("cannot show STEP")
    blind = open_page(script=_NO_GRAPHICS)
    blind.choose(parts.cube(tmp_path))
    expect(blind.page.locator("#preview-note")).to_contain_text("WebGL")
    expect(blind.page.locator("#size")).to_have_text(mm("10", "10", "10"))


def test_the_part_turns_unless_that_disturbs(open_page: OpenPage, tmp_path: Path) -> None:
    """And whoever it disturbs without having told the system can stop it."""
    calm = open_page()
    calm.choose(parts.bar(tmp_path))
    expect(calm.page.locator("canvas")).to_be_visible()
    expect(calm.page.get_by_role("button", name="Turn")).to_have_attribute("aria-pressed", "false")
    lively = open_page(reduced_motion="no-preference")
    lively.choose(parts.bar(tmp_path))
    turning = lively.page.get_by_role("button", name="Turn")
    expect(turning).to_have_attribute("aria-pressed", "true")
    turning.press("Enter")
    expect(turning).to_have_attribute("aria-pressed", "false")


def test_the_last_file_wins(open_page: OpenPage, tmp_path: Path) -> None:
    """The price of a file that has been replaced never shows up beside the new one."""
    visit = open_page()
    visit.choose(parts.cube(tmp_path))
    visit.ask()
    expect(visit.page.locator("#working")).to_be_visible()
    page = priced(visit, parts.bar(tmp_path))
    expect(page.locator("#file-title")).to_have_text("bar.stl")
    expect(page.locator("#facts")).to_contain_text("12")
    expect(page.locator("#facts")).not_to_contain_text(mm("10", "10", "10"))


def test_a_price_can_be_cancelled_and_asked_for_again(open_page: OpenPage, tmp_path: Path) -> None:
    """Without sending the file again."""
    visit = open_page()
    visit.page.route("**/events", lambda _: None)  # no news comes before the click
    visit.choose(parts.cube(tmp_path))
    visit.ask()
    visit.page.get_by_role("button", name="Cancel").click()
    visit.page.unroute("**/events")
    expect(visit.page.locator("#working")).to_be_hidden()
    expect(visit.page.locator("#result")).to_be_hidden()
    visit.ask()
    price_is_shown(visit.page)
    assert visit.sent("POST", "/v1/uploads") == 1


def test_a_service_without_redis_has_the_same_page(
    open_page: OpenPage, alone: RunningService, tmp_path: Path
) -> None:
    """Price, progress, other options of the same file, and refusals in words."""
    visit = open_page(base_url=alone.base_url, script=_NOTE_PROGRESS)
    page = priced(visit, parts.block(tmp_path))
    assert {words for _, words in page.evaluate("seen")} > {""}
    page.get_by_role("button", name="PETG", exact=True).press("Enter")
    expect(page.locator("#unit")).to_have_text("for one part in PETG")
    price_is_shown(page)
    assert (visit.sent("POST", "/v1/uploads"), visit.sent("POST", "/quote")) == (1, 2)
    visit.choose(parts.no_model(tmp_path))
    visit.ask()
    expect(page.get_by_role("alert")).to_contain_text("not a model in a format we read")


def test_cancelling_stops_the_slice(
    open_page: OpenPage, alone: RunningService, tmp_path: Path
) -> None:
    """Nobody waits for it; the slot is free for the next."""
    visit = open_page(base_url=alone.base_url)
    visit.page.fill("#infill", "100")
    visit.choose(parts.large_block(tmp_path))
    visit.ask()
    wait_until(lambda: gauge(alone, "slices_in_progress") == 1)
    visit.page.get_by_role("button", name="Cancel").click()
    wait_until(lambda: gauge(alone, "slices_in_progress") == 0)
    assert [line["outcome"] for line in alone.events("job_finished")][-1] == "dropped"


@pytest.mark.usefixtures("built_page")
def test_who_waits_without_a_worker_is_told(open_page: OpenPage, tmp_path: Path) -> None:
    """Nothing would ever happen; when a worker comes after all, the price comes by itself."""
    with running_redis() as redis:
        url = redis.new_url()
        environment = {"REDIS_URL": url, "OBJECT_STORE_URL": (tmp_path / "store").as_uri()}
        with running_service({**environment, "GATEWAY_ONLY": "true"}) as lonely:
            visit = open_page(base_url=lonely.base_url)
            visit.choose(parts.cube(tmp_path))
            visit.ask()
            nobody = "none of our slicing machines is running"
            expect(visit.page.locator("#stage-name")).to_contain_text(nobody)
            with running_worker(url, environment):
                price_is_shown(visit.page)


def test_the_price_comes_where_streams_do_not(open_page: OpenPage, tmp_path: Path) -> None:
    """Some proxies break them off; then the page asks instead of listening."""
    visit = open_page()

    visit.page.route("**/events", lambda route: route.abort())
    priced(visit, parts.cube(tmp_path))
    visit.expect_error("ERR_FAILED")


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_it_fits_every_screen_by_day_and_night(
    width: int, scheme: str, open_page: OpenPage, tmp_path: Path
) -> None:
    """Nothing has to be scrolled sideways, in any state; the pictures are kept for the eye."""
    visit = open_page(viewport={"width": width, "height": 740}, color_scheme=scheme)
    page = visit.page

    def look(state: str) -> None:
        page.screenshot(path=tmp_path / f"{state}.png", full_page=True)
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, state

    look("empty")
    page.get_by_text("More options").click()
    visit.choose(parts.plate(tmp_path))
    expect(page.locator("#too-large")).not_to_be_empty()
    look("too-large")
    visit.choose(parts.no_model(tmp_path))
    visit.ask()
    expect(page.get_by_role("alert")).not_to_be_empty()
    look("error")
    priced(visit, parts.cube(tmp_path))
    look("result")
    red = int(page.evaluate("getComputedStyle(document.body).backgroundColor.match(/[0-9]+/)[0]"))
    assert (red < 128) == (scheme == "dark")


def test_whatever_takes_the_focus_has_a_name(open_page: OpenPage, tmp_path: Path) -> None:
    """As the browser tells it to a screen reader, not as we meant it."""
    visit = open_page()
    visit.page.get_by_text("More options").click()
    page = priced(visit, parts.cube(tmp_path))
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    focusable = [
        node
        for node in nodes
        for trait in node.get("properties", [])
        if (trait["name"], trait["value"].get("value")) == ("focusable", True)
        and node["role"]["value"] != "RootWebArea"
    ]
    assert len(focusable) > 15
    assert [node["role"] for node in focusable if not node["name"]["value"].strip()] == []
    assert page.locator("h1").count() == page.get_by_role("main").count() == 1
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.locator("[aria-live=polite]")).to_have_count(1)


@pytest.fixture(scope="module")
def guarded(queue_environment: dict[str, str]) -> Iterator[RunningService]:
    """A service that wants a token."""
    with running_service({**queue_environment, "API_TOKEN": TOKEN}) as service:
        yield service


def test_a_server_that_wants_a_token_is_given_one(
    guarded: RunningService, open_page: OpenPage, tmp_path: Path
) -> None:
    """Asked for once; a wrong one is told; it is sent with every request after that."""
    visit = open_page(base_url=guarded.base_url)
    page = visit.page
    dialog = page.get_by_role("dialog", name="This server asks for a token")
    dialog.get_by_label("Access token").fill("wrong")
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_contain_text("not valid here")
    dialog.get_by_label("Access token").fill(TOKEN)
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    priced(visit, parts.cube(tmp_path))
    visit.expect_error("status of 401")
