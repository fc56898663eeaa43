"""The admin routes for profiles: each makes a version of the shop from a slicer's file."""

from __future__ import annotations

import base64
import binascii

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricing_fdm.health.shop_candidate import Profile
from pricing_fdm.shop.faults import ShopError
from pricing_fdm.web.access_log import note
from pricing_fdm.web.app_state import state_of
from pricing_fdm.web.body import read_json, wrong_field
from pricing_fdm.web.query import flag
from pricing_fdm.web.shop_route import shop_faulty
from pricing_fdm.web.versions_route import candidate_answer
from pricing_fdm.web.versions_schemas import (
    ProfileFact,
    ProfileRequest,
    ProfileResponse,
    ProfilesResponse,
)

LONGEST_BODY_BYTES = 8 * 1024 * 1024


async def post_profile(request: Request) -> Response:
    """Brings the presets of a file into the shop, as a version."""
    dry_run = flag(request, "dry_run")
    state = state_of(request)
    wanted = await read_json(request, ProfileRequest, state.shop, most_bytes=LONGEST_BODY_BYTES)
    note(request.scope, dry_run=dry_run, profile=wanted.name)
    if dry_run and wanted.activate:
        raise wrong_field("activate", "A dry run puts nothing in force.")
    profile = Profile(wanted.name, _decoded(wanted.profile), wanted.target)
    try:
        candidate = await state.versions.add_profile(profile, dry_run=dry_run)
        return await candidate_answer(
            request, candidate, stored=not dry_run, activate=wanted.activate
        )
    except ShopError as error:
        raise shop_faulty(request, error) from error


async def get_profiles(request: Request) -> Response:
    """The profiles that were taken in."""
    found = await state_of(request).versions.profiles()
    facts = [
        ProfileFact(name=each.name, stored_at=each.stored_at, size_bytes=each.size_bytes)
        for each in found
    ]
    return JSONResponse(ProfilesResponse(profiles=facts).model_dump(mode="json"))


async def get_profile(request: Request) -> Response:
    """One of them, as it was taken in."""
    profile = await state_of(request).versions.profile(request.path_params["name"])
    body = ProfileResponse(
        name=profile.name,
        profile=base64.b64encode(profile.content).decode(),
        target=profile.target,
        version=profile.version,
        report=list(profile.report),
    )
    return JSONResponse(body.model_dump(mode="json", by_alias=True))


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise wrong_field("profile", "Must be the file's bytes in base64.") from error
