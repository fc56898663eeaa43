"""The admin routes as OpenAPI describes them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pricing_fdm import errors
from pricing_fdm.web import paths
from pricing_fdm.web.openapi_operation import FRONT_DOOR, Body, Operation
from pricing_fdm.web.shop_schemas import ReloadResponse
from pricing_fdm.web.versions_schemas import (
    ActivateRequest,
    ProfileRequest,
    ProfileResponse,
    ProfilesResponse,
    ShopReport,
    VersionsResponse,
)

_TOKEN = "There when `ADMIN_TOKEN` is set, which is the token to send."  # noqa: S105 - a text


def _flag(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "boolean", "default": False}
    return {"name": name, "in": "query", "description": description, "schema": schema}


_DRY_RUN = _flag("dry_run", "Whether only to say what would become of it.")
_TAKING = (
    *FRONT_DOOR,
    errors.BodyTooLarge,
    errors.UnsupportedMediaType,
    errors.ShopFaulty,
    errors.ShopStoreMissing,
    errors.StoreUnavailable,
)
_TAKEN: Mapping[int, tuple[str, Body]] = {
    200: ("The report of a dry run.", ShopReport),
    201: ("It is stored.", ShopReport),
}

POST_SHOP = Operation(
    "postShop",
    "Take in a new shop file",
    description=f"{_TOKEN} The presets that it names are those of the shop in force, or of the "
    "shop's folder. It is checked as a whole and tried on each printer; then it is a version, "
    "which can be activated. A dry run answers 200 with what is wrong and stores nothing.",
    parameters=(
        _DRY_RUN,
        _flag("activate", "Whether to put it in force at once."),
    ),
    takes_text="application/toml",
    answers=_TAKEN,
    problems=_TAKING,
    tag="shop",
)
_POST_PROFILE = Operation(
    "postProfile",
    "Bring the presets of a file into the shop",
    description=f"{_TOKEN} The file is read, its presets are flattened and put into the shop in "
    "force; that is checked and tried on each printer, and is then a version, which can be "
    "activated. A dry run answers 200 and stores nothing.",
    parameters=(_DRY_RUN,),
    takes=ProfileRequest,
    answers=_TAKEN,
    problems=_TAKING,
    tag="shop",
)
ROUTES = {
    paths.VERSIONS_PATH: Operation(
        "getShopVersions",
        "The versions of the shop",
        description=_TOKEN,
        answers={200: ("What is stored, and what is in force.", VersionsResponse)},
        problems=(*FRONT_DOOR, errors.StoreUnavailable),
        tag="shop",
    ),
    paths.ACTIVATE_PATH: Operation(
        "postShopActivate",
        "Put a version of the shop in force",
        description=f"{_TOKEN} The version is checked and tried again; then it is in force in all "
        "gateways and workers that share the store. An earlier version: back to it.",
        takes=ActivateRequest,
        answers={200: ("It is in force.", ShopReport)},
        problems=(*_TAKING, errors.ShopVersionNotFound),
        tag="shop",
    ),
    paths.PROFILES_PATH: Operation(
        "getProfiles",
        "The profiles that were taken in",
        description=_TOKEN,
        answers={200: ("What was taken in by this route.", ProfilesResponse)},
        problems=(*FRONT_DOOR, errors.StoreUnavailable),
        tag="shop",
        also=(_POST_PROFILE,),
    ),
    paths.PROFILE_PATH: Operation(
        "getProfile",
        "A profile, as it was taken in",
        description=_TOKEN,
        parameters=(
            {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}},
        ),
        answers={200: ("The file, and what became of it.", ProfileResponse)},
        problems=(*FRONT_DOOR, errors.ProfileNotFound, errors.StoreUnavailable),
        tag="shop",
    ),
    paths.RELOAD_PATH: Operation(
        "postShopReload",
        "Load the shop again",
        description=f"{_TOKEN} The shop's folder is read, checked and tried on each printer before "
        "it is in force; quotes that run end with the shop that they began with.",
        answers={200: ("The shop is in force.", ReloadResponse)},
        problems=(*FRONT_DOOR, errors.ShopFaulty),
        method="post",
        tag="shop",
    ),
}
