"""The main job over HTTP: a real origin, the real slicer, a quote a shop could send."""

from __future__ import annotations

import json
import math
import threading
import uuid
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.harness.origin import Origin, hanging, status
from tests.harness.puppet import install_fake_prusa, read_records
from tests.harness.service import RunningService, order, running_service
from tests.harness.shapes import ascii_stl, binary_stl, box, tee
from tests.harness.waiting import wait_until

CENT = Decimal("0.01")
PROFILES = Path(__file__).parents[2] / "profiles"


def quote(service: RunningService, url: str, **changes: Any) -> dict[str, Any]:
    """Posts an order that must succeed."""
    response = service.post(order(url, **changes))
    assert response.status_code == 200, response.text
    body: dict[str, Any] = response.json()
    return body


def without_what_varies(body: dict[str, Any]) -> dict[str, Any]:
    """What must be equal for equal input."""
    return {k: v for k, v in body.items() if k not in {"quote_id", "timing_ms", "cached"}}


@pytest.fixture(scope="module")
def cube(origin: Origin) -> str:
    """A 20 mm cube."""
    return origin.serve("cube.stl", binary_stl(box(20, 20, 20)))


@pytest.fixture(scope="module")
def overhang(origin: Origin) -> str:
    """A T whose plate hangs in the air."""
    return origin.serve("tee.stl", binary_stl(tee()))


def test_a_quote_has_every_field_of_the_contract(service: RunningService, cube: str) -> None:
    """The upstream API reads these names."""
    body = quote(service, cube, infill=37)  # which no other test asks for: nothing is remembered
    uuid.UUID(body["quote_id"])
    assert set(body) == {
        *("quote_id", "total_usd", "material_cost_usd", "machine_cost_usd", "base_fee_usd"),
        *("lead_time_days", "print_time_hours", "filament_weight_g", "volume_cm3", "quantity"),
        *("unit_usd", "breakdown", "model", "print", "engine", "warnings", "timing_ms", "cached"),
        *("currency", "price", "printer", "plates", "shop_version", "valid_until", "review"),
    }
    assert body["model"] == {
        **body["model"],
        "bytes": 84 + 12 * 50,
        "triangles": 12,
        "bodies": 1,
        "watertight": True,
        "dimensions_mm": [20, 20, 20],
        "volume_cm3": 8,
        "surface_cm2": 24,
    }
    assert body["print"]["layers"] == 100
    assert body["plates"][0]["overhead_g"] == 0  # the bundled printer purges nothing
    assert 0 < body["plates"][0]["overhead_s"] < 5
    assert body["engine"]["name"] == "prusa"
    assert body["warnings"] == []
    assert set(body["timing_ms"]) == {"download", "inspect", "queue", "slice", "extract", "total"}
    assert body["cached"] is False


def test_the_bill_follows_from_the_slicer_s_figures(service: RunningService, cube: str) -> None:
    """The total is (grams x rate + hours x rate + fee) x margin, each shown figure rounded once."""
    body = quote(service, cube, quantity=20)
    assert [(plate["copies"], plate["times"]) for plate in body["plates"]] == [(16, 1), (4, 1)]
    grams, hours = (
        sum(Decimal(str(plate[name])) for plate in body["plates"])
        for name in ("filament_weight_g", "print_time_hours")
    )
    material, machine = grams * Decimal("0.02"), hours * Decimal(10)
    total = (material + machine + Decimal(5)) * Decimal("1.30")
    shown = {name: Decimal(str(body[name])) for name in body if name.endswith("_usd")}
    assert shown["base_fee_usd"] == 5
    assert abs(shown["material_cost_usd"] - material) <= CENT
    assert abs(shown["machine_cost_usd"] - machine) <= CENT
    assert abs(shown["total_usd"] - total) <= CENT
    assert shown["unit_usd"] == (shown["total_usd"] / 20).quantize(CENT, ROUND_HALF_UP)
    lines = sum(Decimal(str(line["amount_usd"])) for line in body["breakdown"])
    assert lines == shown["total_usd"]
    length_m = Decimal(str(body["print"]["filament_length_m"]))
    section_mm2 = Decimal(str(math.pi)) * Decimal("1.75") ** 2 / 4
    assert abs(length_m * section_mm2 - Decimal(str(body["volume_cm3"]))) < Decimal("0.001")


def test_copies_are_printed_together_and_set_up_once(service: RunningService, cube: str) -> None:
    """The figures of one part stay beside those of the plate that all are on."""
    one, ten = quote(service, cube), quote(service, cube, quantity=10)
    for figure in ("print_time_hours", "filament_weight_g", "base_fee_usd", "print"):
        assert ten[figure] == one[figure]
    (plate,) = ten["plates"]
    assert plate["copies"] == 10
    assert plate["filament_weight_g"] == pytest.approx(10 * one["filament_weight_g"], rel=0.005)
    assert one["print_time_hours"] < plate["print_time_hours"]
    assert plate["print_time_hours"] < 11 * one["print_time_hours"]
    assert ten["unit_usd"] < one["unit_usd"]
    assert ten["lead_time_days"] >= one["lead_time_days"]


def test_more_infill_takes_more_plastic_and_more_time(service: RunningService, cube: str) -> None:
    """Invariant 2: the setting reaches the slicer. A full cube weighs about its volume."""
    bodies = [quote(service, cube, infill=infill) for infill in (10, 20, 50, 100)]
    grams = [body["filament_weight_g"] for body in bodies]
    hours = [body["print_time_hours"] for body in bodies]
    assert grams == sorted(set(grams))
    assert hours == sorted(set(hours))
    assert grams[-1] == pytest.approx(8 * 1.24, rel=0.06)
    assert grams[0] < 0.55 * grams[-1]


def test_thinner_layers_take_longer(service: RunningService, cube: str) -> None:
    """Invariant 2, and the layers are as many as the height asks for."""
    bodies = [quote(service, cube, layer_thickness=um) for um in (100, 200, 300)]
    hours = [body["print_time_hours"] for body in bodies]
    assert hours[0] > 1.3 * hours[1] > 1.3 * hours[2]
    layers = [body["print"]["layers"] for body in bodies]
    assert layers[:2] == [199, 100] or layers[:2] == [200, 100]
    assert layers[2] in {67, 68}
    grams = [body["filament_weight_g"] for body in bodies]
    assert max(grams) < 1.25 * min(grams), "shell thickness, not shell count, is kept"


def test_each_material_has_its_own_weight_time_and_price(
    service: RunningService, cube: str
) -> None:
    """Invariant 2: density, flow and speed are the material's own, in any spelling of its name."""
    names = ("pla", "ABS", "Petg", "abs-esd", "asa", "nylon", "pc", "TPU")
    bodies = {name.lower(): quote(service, cube, material=name) for name in names}
    grams = {name: body["filament_weight_g"] for name, body in bodies.items()}
    expected = {name: _density_times_flow(name) for name in grams}
    ratios = {name: grams[name] / expected[name] for name in grams}
    assert ratios == pytest.approx(dict.fromkeys(ratios, ratios["pla"]), rel=0.03)
    assert bodies["tpu"]["print_time_hours"] > 1.2 * bodies["pla"]["print_time_hours"]
    assert len({body["total_usd"] for body in bodies.values()}) >= 7
    hashes = {body["engine"]["profile_hash"] for body in bodies.values()}
    assert len(hashes) == len(names)


def test_supports_cost_plastic_and_time_where_something_hangs(
    service: RunningService, overhang: str, cube: str
) -> None:
    """Invariant 2: `never` < `auto` <= `always` on an overhang, no difference on a cube."""
    never, auto, always = (
        quote(service, overhang, supports=supports, orientation="keep")
        for supports in ("never", "auto", "always")
    )
    assert auto["filament_weight_g"] > 1.1 * never["filament_weight_g"]
    assert always["filament_weight_g"] >= auto["filament_weight_g"]
    assert auto["print_time_hours"] > never["print_time_hours"]
    plain = [
        quote(service, cube, supports=supports)["filament_weight_g"]
        for supports in ("never", "auto")
    ]
    assert plain[0] == plain[1]


def test_auto_puts_no_support_under_what_prints_without(
    service: RunningService, origin: Origin
) -> None:
    """A doorway: the slicer would fill it, and no operator would."""
    legs = box(5, 10, 10) + box(5, 10, 10, at=(35, 0, 0))
    url = origin.serve("doorway.stl", binary_stl(legs + box(40, 10, 4, at=(0, 0, 10))))
    never, auto, always = (
        quote(service, url, supports=supports, orientation="keep")
        for supports in ("never", "auto", "always")
    )
    assert auto["filament_weight_g"] == never["filament_weight_g"]
    assert auto["print"]["supports"] == "auto"
    assert always["filament_weight_g"] > 1.05 * auto["filament_weight_g"]


def test_units_scale_what_the_file_leaves_open(service: RunningService, origin: Origin) -> None:
    """An inch is 25.4 mm; nothing is scaled without being told."""
    url = origin.serve("inch.stl", binary_stl(box(1, 1, 1)))
    assert quote(service, url, units="inch")["model"]["dimensions_mm"] == [25.4] * 3
    assert quote(service, url, units="cm")["model"]["dimensions_mm"] == [10] * 3


def test_how_the_file_is_written_does_not_change_the_quote(
    service: RunningService, origin: Origin, cube: str
) -> None:
    """Invariant 3: the slicer sees our file, placed by us."""
    from_text = origin.serve("cube-ascii.stl", ascii_stl(box(20, 20, 20, at=(-310.0, 77.0, 5.0))))
    binary, text = quote(service, cube), quote(service, from_text)
    figures = ("total_usd", "print_time_hours", "filament_weight_g", "volume_cm3")
    assert [binary[f] for f in figures] == [text[f] for f in figures]


def test_the_caller_s_bytes_lie_outside_the_slicer_s_folder(
    origin: Origin, cube: str, tmp_path: Path
) -> None:
    """Invariant 3: a sandbox opens the run's folder to the slicer, and the upload is not in it."""
    binary = install_fake_prusa(tmp_path / "bin", record_to=tmp_path / "seen")
    with running_service({**origin.environment, "PRUSA_BINARY": str(binary)}) as service:
        assert service.post(order(cube)).status_code == 200
        own = service.temp_dir
    folders = [Path(record["cwd"]) for record in read_records(tmp_path / "seen")]
    working = [folder for folder in folders if folder.is_relative_to(own)]
    assert working
    assert all(len(folder.relative_to(own).parts) == 2 for folder in working)


def test_equal_input_gives_equal_bodies_k1(service: RunningService, overhang: str) -> None:
    """K1: also when quotes run beside each other."""
    bodies: list[dict[str, Any]] = []
    threads = [
        threading.Thread(target=lambda: bodies.append(quote(service, overhang))) for _ in range(6)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(bodies) == 6
    assert all(without_what_varies(b) == without_what_varies(bodies[0]) for b in bodies)


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        (b"", "model_", "empty"),
        (b"<html><body>403</body></html>", "model_format", "web page"),
        (b'{"error": "AccessDenied"}', "model_format", "JSON"),
        (b"\x1f\x8b" + b"\0" * 400, "model_format", "gzip"),
        (binary_stl([]), "model_invalid", "no triangles"),
        (binary_stl(box(20, 20, 20))[:-100], "model_invalid", "truncated"),
        (binary_stl(box(260, 120, 40)), "model_exceeds_build_volume", "260 x 120 x 40"),
        (binary_stl(box(190, 190, 200.5)), "model_exceeds_build_volume", "200 x 200 x 200"),
        (binary_stl(box(0.03, 0.03, 0.03)), "model_invalid", "in metres"),
    ],
    ids=["empty", "html", "json", "gzip", "no triangles", "cut off", "long", "tall", "metres"],
)
def test_what_cannot_be_printed_is_refused_with_a_reason(
    service: RunningService, origin: Origin, content: bytes, code: str, says: str
) -> None:
    """4xx with a sentence that the customer of our customer understands."""
    response = service.post(order(origin.serve(f"bad-{hash(content)}.stl", content)))
    assert response.status_code == 422, response.text
    problem = response.json()
    assert problem["code"].startswith(code)
    assert says.lower() in problem["detail"].lower()


def test_a_part_thinner_than_a_layer_is_refused_by_the_slicer_in_plain_words(
    service: RunningService, origin: Origin
) -> None:
    """The slicer knows; its caller should not have to read its log."""
    response = service.post(order(origin.serve("thin.stl", binary_stl(box(30, 30, 0.06)))))
    assert response.status_code == 422
    assert response.json()["code"] in {"model_unsliceable", "model_invalid"}


@pytest.mark.parametrize(
    ("origin_status", "status_code", "code"),
    [
        (403, 400, "download_failed"),
        (404, 400, "download_failed"),
        (302, 400, "source_refused"),
        (500, 502, "source_failed"),
        (503, 502, "source_failed"),
    ],
)
def test_an_origin_that_refuses_is_told_apart_from_one_that_fails(
    service: RunningService, origin: Origin, origin_status: int, status_code: int, code: str
) -> None:
    """An expired link is the caller's matter, a broken store is not."""
    origin.behaviours[f"/status-{origin_status}"] = status(origin_status)
    response = service.post(order(origin.url(f"status-{origin_status}?X-Amz-Signature=secret")))
    assert (response.status_code, response.json()["code"]) == (status_code, code)
    if code == "download_failed":
        assert response.json()["detail"].startswith("Failed to download")
        assert str(origin_status) in response.json()["detail"]


def test_a_dead_origin_is_a_failed_download(service: RunningService) -> None:
    """Nobody listens there: the address is allowed, the connection is refused."""
    response = service.post(order("http://127.0.0.1:9/part.stl"))
    assert response.status_code == 400
    assert response.json()["code"] in {"source_refused", "download_failed"}


def test_a_presigned_url_is_never_told_to_anybody_f4(
    service: RunningService, origin: Origin, cube: str
) -> None:
    """F4: a presigned URL is a password; it was sent to the origin and nowhere else."""
    canary = "X-Amz-Signature=canary5f3a"
    answers = [service.post(order(f"{cube}?{canary}")), service.post(order(f"{cube}x?{canary}"))]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert any(canary in request for request in origin.requests)
    for answer in answers:
        service.line_of(answer.headers["x-request-id"])
    told = "".join(answer.text for answer in answers) + service.log_path.read_text()
    assert "canary5f3a" not in told + service.get("/metrics").text


def test_a_caller_who_leaves_frees_his_slot_and_folder_c3(
    service: RunningService, origin: Origin
) -> None:
    """C3: the download hangs, the caller hangs up, the work stops; logged as 499, not as ours."""
    until = threading.Event()
    origin.behaviours["/hangs"] = hanging(until)
    try:
        with service.leaving(order(origin.url("hangs")), "hangs-up"):
            wait_until(lambda: "/hangs" in origin.requests)
        assert service.line_of("hangs-up")["status"] == 499
        assert service.leftovers() == []
    finally:
        until.set()


def test_one_canonical_line_and_the_three_events_tell_the_story(
    service: RunningService, cube: str
) -> None:
    """What ADR-010 logs, with the request's id on each, and one line that has it all."""
    service.post(order(cube, infill=35), headers={"X-Request-ID": "story"})
    service.line_of("story")
    story = [event for event in service.log() if event.get("request_id") == "story"]
    assert [event["event"] for event in story] == [
        "quote_requested",
        "slice_succeeded",
        "quote_generated",
        "request_finished",
    ]
    line = story[-1]
    assert (line["status"], line["material"], line["infill"]) == (200, "pla", 35)
    assert set(line["timing_ms"]) >= {"download", "inspect", "slice", "extract", "total"}
    assert line["quote_id"] == story[2]["quote_id"]
    assert line["profile_hash"]


def test_nothing_is_left_behind(service: RunningService, origin: Origin, cube: str) -> None:
    """After good and bad quotes the temporary folder is empty and no slicer runs."""
    for url in (cube, origin.url("missing.stl"), origin.serve("html.stl", b"<html>")):
        service.post(order(url))
    assert service.leftovers() == []
    assert service.programs() == []


def _density_times_flow(material: str) -> float:
    profile = json.loads((PROFILES / f"filament_{material}.json").read_text())
    return float(profile["filament_density"][0]) * float(profile["filament_flow_ratio"][0])
