"""The ASGI application: which routes there are, and what surrounds every request.

The lifespan builds what the routes work with; see `app_state`.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from starlette.types import Lifespan

from pricing_fdm.errors import PricingError
from pricing_fdm.shop.catalogue import Shop
from pricing_fdm.web import (
    backlog_route,
    estimate_route,
    info_routes,
    options_route,
    order_route,
    problems,
    profiles_route,
    quote_route,
    shop_route,
    uploads_route,
    versions_route,
)
from pricing_fdm.web.access_log import AccessLogMiddleware
from pricing_fdm.web.admin_audit import AdminAuditMiddleware
from pricing_fdm.web.auth import BearerAuthMiddleware
from pricing_fdm.web.cors import CrossOriginMiddleware
from pricing_fdm.web.description import Description
from pricing_fdm.web.disconnect import CallerLeft
from pricing_fdm.web.jobs import status, submit
from pricing_fdm.web.last_answer import LastAnswerMiddleware
from pricing_fdm.web.logo import LOGO_PATH, get_logo
from pricing_fdm.web.page import Page
from pricing_fdm.web.paths import (
    ACTIVATE_PATH,
    BACKLOG_PATH,
    DOCS_PATH,
    ESTIMATE_PATH,
    EVENTS_PATH,
    HEALTH_PATH,
    JOB_QUOTE_PATH,
    MATERIALS_PATH,
    METRICS_PATH,
    OPENAPI_PATH,
    OPTIONS_PATH,
    ORDER_PATH,
    PROFILE_PATH,
    PROFILES_PATH,
    QUOTE_PATH,
    READY_PATH,
    RELOAD_PATH,
    SHOP_PATH,
    STATUS_PATH,
    UPLOAD_PATH,
    UPLOADS_PATH,
    VERSIONS_PATH,
    names_of,
)
from pricing_fdm.web.query import Endpoint, taking
from pricing_fdm.web.request_id import RequestIdMiddleware


def application(
    lifespan: Lifespan[Starlette],
    shop: Shop,
    *,
    tokens: Sequence[str],
    admin_tokens: Sequence[str],
    origins: Sequence[str] = (),
    quotes: bool,
    metrics: bool,
) -> Starlette:
    """The application.

    Args:
        lifespan: Yields the state.
        shop: What the description offers.
        tokens: The valid bearer tokens; none when authentication is off.
        origins: Whose pages may call it; none when only its own may.
        admin_tokens: Those of the admin routes; without one they are not there.
        quotes: Whether the service prices itself.
        metrics: Whether the metrics are here and not on a port of their own.
    """
    app = Starlette(
        routes=_routes(shop, admin=bool(admin_tokens), quotes=quotes, metrics=metrics),
        middleware=[
            Middleware(RequestIdMiddleware),
            Middleware(AccessLogMiddleware),
            *([Middleware(AdminAuditMiddleware)] if admin_tokens else []),
            *([Middleware(CrossOriginMiddleware, origins=origins)] if origins else []),
            Middleware(LastAnswerMiddleware),
            Middleware(BearerAuthMiddleware, tokens=tokens, admin_tokens=admin_tokens),
        ],
        exception_handlers={
            HTTPException: problems.on_routing_error,
            PricingError: problems.on_pricing_error,
            CallerLeft: problems.on_caller_left,
        },
        lifespan=lifespan,
    )
    # A path with a slash too many is not found, like any other: a redirect is not in the
    # description, and would lead to whatever host the caller named in the Host header.
    app.router.redirect_slashes = False
    return app


def _admin_routes() -> list[Route]:
    return [
        _route("POST", SHOP_PATH, versions_route.post_shop, "dry_run", "activate"),
        _route("GET", VERSIONS_PATH, versions_route.get_versions),
        _route("POST", ACTIVATE_PATH, versions_route.post_activate),
        _route("POST", RELOAD_PATH, shop_route.post_reload),
        _route("GET", PROFILES_PATH, profiles_route.get_profiles),
        _route("POST", PROFILES_PATH, profiles_route.post_profile, "dry_run"),
        _route("GET", PROFILE_PATH, profiles_route.get_profile),
    ]


def _pricing_routes() -> list[Route]:
    return [
        _route("POST", QUOTE_PATH, quote_route.post_quote),
        _route("POST", ESTIMATE_PATH, estimate_route.post_estimate),
        _route("POST", OPTIONS_PATH, options_route.post_options, "estimate"),
        _route("POST", ORDER_PATH, order_route.post_order, "estimate"),
    ]


def _routes(shop: Shop, *, admin: bool, quotes: bool, metrics: bool) -> list[Route]:
    description = Description(shop, quotes=quotes, admin=admin)
    routes = [
        _route("GET", MATERIALS_PATH, info_routes.get_materials),
        _route("PUT", BACKLOG_PATH, backlog_route.put_backlog),
        _route("GET", SHOP_PATH, shop_route.get_shop),
        _route("GET", OPENAPI_PATH, description.get_openapi),
        _route("POST", JOB_QUOTE_PATH, submit.post_quote),
        _route("POST", UPLOAD_PATH, submit.post_upload),
        _route("POST", UPLOADS_PATH, uploads_route.post_model),
        _route("GET DELETE", STATUS_PATH, status.on_status),
        _route("GET", EVENTS_PATH, status.get_events),
        *(_admin_routes() if admin else []),
        *(_pricing_routes() if quotes else []),
        # Load balancers and links put queries of their own to these.
        Route(HEALTH_PATH, info_routes.get_health),
        Route(READY_PATH, info_routes.get_ready),
        *([Route(METRICS_PATH, info_routes.get_metrics)] if metrics else []),
        Route(DOCS_PATH, description.get_docs),
        Route(LOGO_PATH, get_logo),
        *Page().routes(),
    ]
    return [
        Route(name, route.endpoint, methods=route.methods)
        for route in routes
        for name in names_of(route.path)
    ]


def _route(methods: str, path: str, endpoint: Endpoint, *flags: str) -> Route:
    """A route, and the flags that its query may hold."""
    return Route(path, taking(endpoint, flags), methods=methods.split())
