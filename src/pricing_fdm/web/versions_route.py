"""The admin routes for versions of the shop: take one in, list them, put one in force."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.health.shop_candidate import Candidate
from pricing_fdm.health.shop_reload import ShopState
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.web.access_log import note
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.body import read_bounded, read_json, require_no_coding, wrong_field
from pricing_fdm.web.query import flag
from pricing_fdm.web.shop_route import field_faults, shop_faulty
from pricing_fdm.web.versions_schemas import (
    ActivateRequest,
    ShopFault,
    ShopReport,
    VersionFact,
    VersionsResponse,
)

LONGEST_SHOP_FILE_BYTES = 1024 * 1024

_CREATED = 201


async def post_shop(request: Request) -> Response:
    """Takes a new shop file in as a version, or only says what would become of it."""
    dry_run, activate = flag(request, "dry_run"), flag(request, "activate")
    note(request.scope, dry_run=dry_run)
    if dry_run and activate:
        raise wrong_field("activate", "A dry run puts nothing in force.")
    require_no_coding(request)
    text = await read_bounded(request, LONGEST_SHOP_FILE_BYTES)
    versions = state_of(request).versions
    try:
        candidate = await versions.submit(text, dry_run=dry_run)
        return await candidate_answer(request, candidate, stored=not dry_run, activate=activate)
    except ShopError as error:
        if not dry_run:
            raise shop_faulty(request, error) from error
        faults = [ShopFault(field=each.field, message=each.message) for each in field_faults(error)]
        return _answer(ShopReport(sound=False, stored=False, in_force=False, faults=faults))


async def get_versions(request: Request) -> Response:
    """All versions that are stored."""
    state = state_of(request)
    in_force = state.shop.files_version
    found = [
        VersionFact(
            version=each.name,
            stored_at=each.stored_at,
            size_bytes=each.size_bytes,
            in_force=each.name == in_force,
        )
        for each in await state.versions.listed()
    ]
    body = VersionsResponse(
        in_force=in_force,
        before=await state.versions.before(),
        shop_version=state.shop.version,
        versions=found,
    )
    return JSONResponse(body.model_dump(mode="json"))


async def post_activate(request: Request) -> Response:
    """Puts a stored version in force; an earlier one, to go back."""
    state = state_of(request)
    wanted = await read_json(request, ActivateRequest, state.shop)
    note(request.scope, version=wanted.version)
    try:
        new = await state.versions.activate(wanted.version)
    except ShopError as error:
        raise shop_faulty(request, error) from error
    return _answer(_report(new, stored=True, in_force=True))


async def candidate_answer(
    request: Request, candidate: Candidate, *, stored: bool, activate: bool
) -> Response:
    """Puts a version in force, if that is wanted, and says what became of it.

    Raises:
        ShopError: It is faulty when it is tried once more.
    """
    note(request.scope, version=candidate.version)
    versions = state_of(request).versions
    state = await versions.activate(candidate.version) if activate else candidate.state
    report = _report(state, stored=stored, in_force=activate)
    report = report.model_copy(update={"report": list(candidate.report)})
    return _answer(report, _CREATED if stored else 200)


def _report(state: ShopState, *, stored: bool, in_force: bool) -> ShopReport:
    return ShopReport(
        sound=True,
        version=state.shop.files_version,
        shop_version=state.shop.version,
        stored=stored,
        in_force=in_force,
        warnings=[str(each) for each in state.loaded.warnings],
        self_test=state.tried or None,
    )


def _answer(report: ShopReport, status: int = 200) -> Response:
    return JSONResponse(report.model_dump(mode="json", exclude_none=True), status)
