"""The API description is true: schemathesis reads it and holds the running service to it.

All requests stay on loopback: the service may fetch from the tests' origin only, and refuses every
other host before it asks for its address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import jsonschema_rs
import pytest
import schemathesis
from hypothesis import Phase, assume, given, seed, settings
from starlette.routing import Route

from pricing_fdm.app import create_app
from pricing_fdm.model import WARNING_CODES
from pricing_fdm.pricing.review import REASONS
from pricing_fdm.settings import load_settings
from pricing_fdm.shop.catalogue import CustomerLine
from pricing_fdm.web.logo import LOGO_PATH
from pricing_fdm.web.openapi import OLDER_NAMES, describe
from pricing_fdm.web.paths import ASSETS_PATH, DOCS_PATH, OPENAPI_PATH, PAGE_PATH, public_name
from pricing_fdm.web.problems import ROUTING_CODES, STATUS
from tests.harness.origin import Origin
from tests.harness.service import RunningService, running_service
from tests.harness.shapes import binary_stl, box
from tests.shop.shops import bundled_shop

TOKEN = "a-token-of-thirty-two-characters"
PROBLEM = "application/problem+json"
MODES = schemathesis.GenerationMode
Operation = schemathesis.APIOperation[Any, Any, Any, Any]


def without_binary(described: Any) -> Any:
    """The same for schemathesis, whose own values for a file its validator refuses."""
    if isinstance(described, dict):
        kept = {name: without_binary(value) for name, value in described.items()}
        return {name: value for name, value in kept.items() if (name, value) != BINARY}
    return (
        [without_binary(each) for each in described] if isinstance(described, list) else described
    )


BINARY = ("format", "binary")
api = schemathesis.openapi.from_dict(
    without_binary(describe(bundled_shop())),
    config=schemathesis.Config.from_dict(
        {
            "seed": 8083,
            "request-timeout": 60,
            # What is well-formed is priced, or does not fit the printer; it is never called wrong.
            "checks": {"positive_data_acceptance": {"expected-statuses": ["200", "422"]}},
        }
    ),
)
OPERATIONS: dict[str, Operation] = {
    f"{method.upper()} {path}": api[path][method]
    for path, methods in describe(bundled_shop())["paths"].items()
    for method, operation in methods.items()
    # Jobs are held to it in `jobs/test_openapi`; older names lead to the same handlers.
    if not {"jobs", OLDER_NAMES} & set(operation["tags"]) and path != PAGE_PATH
}


@pytest.fixture(scope="module", autouse=True)
def without_proxy() -> Iterator[None]:
    """Schemathesis sends through requests, which obeys the environment's proxies."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_PROXY", "127.0.0.1")
        yield


@pytest.fixture(scope="module")
def plate(origin: Origin) -> str:
    """A part that is sliced in a moment; in some units it is too large."""
    return origin.serve("truth-plate.stl", binary_stl(box(2, 2, 1)))


@pytest.fixture(scope="module")
def guarded(origin: Origin) -> Iterator[RunningService]:
    """A service that wants a token."""
    with running_service({**origin.environment, "API_TOKEN": TOKEN}) as service:
        yield service


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_each_rule_of_the_description_holds(
    operation: Operation, service: RunningService, plate: str
) -> None:
    """Each bound, enum, type and required field is met and broken once, each method tried.

    No 5xx, no undocumented status, type, header or body; wrong data is refused, right is not.
    """
    cases = api.iter_coverage_cases(
        operation, generation_modes=list(MODES), generation_config=api.config.generation
    )
    for case in cases:
        check(case, service, plate)


@pytest.mark.parametrize(
    ("path", "mode", "examples"),
    [
        ("/v1/quote", MODES.POSITIVE, 10),
        ("/v1/quote", MODES.NEGATIVE, 60),
        ("/v1/options", MODES.POSITIVE, 3),
        ("/v1/options", MODES.NEGATIVE, 60),
        ("/v1/order", MODES.POSITIVE, 2),
        ("/v1/order", MODES.NEGATIVE, 30),
    ],
)
def test_random_requests_are_answered_as_described(
    path: str,
    mode: schemathesis.GenerationMode,
    examples: int,
    service: RunningService,
    plate: str,
) -> None:
    """As above, with requests that nobody thought of; few right ones, since those are sliced."""

    @settings(max_examples=examples, phases=[Phase.generate], deadline=None, database=None)
    @seed(8083)
    @given(OPERATIONS[f"POST {path}"].as_strategy(mode))
    def ask(case: schemathesis.Case[Any]) -> None:
        assume(not has_file_of_another_type(case))
        check(case, service, plate)

    ask()


def has_file_of_another_type(case: schemathesis.Case[Any]) -> bool:
    """A file of a form is bytes; to send a number or an object in its place is to send its text."""
    if case.media_type != "multipart/form-data" or not isinstance(case.body, dict):
        return False
    return not isinstance(case.body.get("file", ""), str | bytes)


def check(case: schemathesis.Case[Any], service: RunningService, plate: str) -> None:
    """Sends a request and compares the answer with the description.

    Two things of right data cannot be described: which URLs may be fetched, and that a whole
    number is written as one (to JSON Schema, 20.0 is an integer). They are seen to here.
    """
    assert case.meta is not None
    if case.media_type == "multipart/form-data" and isinstance(case.body, dict):
        file = case.body.get("file", b"")
        if not isinstance(file, str | bytes):
            return  # it is sent as bytes all the same, and so is a file like any other
    if case.meta.generation.mode.is_positive and isinstance(case.body, dict):
        case.body = {**whole(case.body), "file_url": plate}
    response = case.call_and_validate(service.base_url)
    if response.status_code >= 400:
        assert response.headers["content-type"] == [PROBLEM]
        problem = response.json()
        assert problem["status"] == response.status_code
        assert problem["request_id"] == response.headers["x-request-id"][0]
        expected = {"method_not_allowed"}
        if response.status_code != 405:
            expected = documented_codes(case.operation.definition.raw, response.status_code)
        assert problem["code"] in expected


def whole(data: Any) -> Any:
    """The same with each whole number written as one."""
    if isinstance(data, dict):
        return {name: whole(value) for name, value in data.items()}
    if isinstance(data, list):
        return [whole(value) for value in data]
    return int(data) if isinstance(data, float) else data


def documented_codes(operation: Any, status: int) -> set[str]:
    """The codes that the description has examples of, for one status."""
    return set(operation["responses"][str(status)]["content"][PROBLEM]["examples"])


def test_the_service_serves_this_description(service: RunningService) -> None:
    """What the other tests of this file read is what callers read."""
    served = service.get("/openapi.json").json()
    assert served.pop("servers") == [{"url": service.base_url}]
    assert served == json.loads(json.dumps(describe(bundled_shop())))


def test_an_older_name_is_described_as_the_public_one() -> None:
    """But for what it is called; a client that was generated from it goes on working."""
    items = describe(bundled_shop())["paths"]
    called = {"operationId", "tags", "description"}
    for path in (path for path in items if public_name(path) != path):
        for method, older in items[path].items():
            public = items[public_name(path)][method]
            assert {k: v for k, v in older.items() if k not in called} == {
                k: v for k, v in public.items() if k not in called
            }
            assert older["tags"] == [OLDER_NAMES]
    paths = list(items)
    assert paths.index("/v1/quote") == 0
    assert paths.index("/internal/pricing/fdm/quote") > paths.index("/health")


def test_each_operation_has_a_name_of_its_own_and_a_heading_that_is_explained() -> None:
    """Generators name functions and modules by them."""
    described = describe(bundled_shop(), admin=True)
    operations = [each for methods in described["paths"].values() for each in methods.values()]
    names = [each["operationId"] for each in operations]
    assert len(set(names)) == len(names)
    assert {tag for each in operations for tag in each["tags"]} == {
        tag["name"] for tag in described["tags"]
    }


def test_the_description_is_openapi_3_1() -> None:
    """The document by the OpenAPI initiative's schema, each schema in it by JSON Schema's."""
    assert describe(bundled_shop())["openapi"] == "3.1.0"
    api.validate()
    for schema in describe(bundled_shop())["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_reference_leads_somewhere_and_nothing_is_left_over() -> None:
    """A generator of clients stops at the first dangling one."""
    for described in (describe(bundled_shop()), describe(bundled_shop(), quotes=False)):
        text, components = json.dumps(described), described["components"]
        for kind in ("schemas", "headers"):
            asked = {part.partition('"')[0] for part in text.split(f'"#/components/{kind}/')[1:]}
            assert asked == set(components[kind])


def test_no_field_is_described_as_null() -> None:
    """What there is nothing to say about is left out; a client needs one check, not two."""
    assert "null" not in json.dumps(describe(bundled_shop())["components"]["schemas"])


def test_every_route_is_described() -> None:
    """But the description itself, its page, and what the quote page loads."""
    routed = {
        (route.path, method.lower())
        for route in create_app(load_settings()).routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    described = {
        (path, method) for path, methods in api.raw_schema["paths"].items() for method in methods
    }
    beside = {OPENAPI_PATH, DOCS_PATH, LOGO_PATH, f"{ASSETS_PATH}/{{name}}"}
    assert routed == described | {(path, "get") for path in beside}


@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS)
def test_a_token_is_asked_for_exactly_where_the_description_says_so(
    operation: Operation, guarded: RunningService
) -> None:
    """Both ways: nothing open is described as guarded, nothing guarded as open."""
    described = operation.definition.raw
    needs_token = "bearer" in str(described.get("security", describe(bundled_shop())["security"]))
    url = f"{guarded.base_url}{operation.path}"
    answer, admitted = (
        httpx.request(operation.method, url, headers=headers, trust_env=False)
        for headers in ({}, {"Authorization": f"Bearer {TOKEN}"})
    )
    assert (answer.status_code == 401) == needs_token == ("401" in described["responses"])
    assert admitted.status_code == (415 if operation.method in {"post", "put"} else 200)
    if needs_token:
        assert answer.headers["www-authenticate"] == "Bearer"


def test_every_field_is_described() -> None:
    """A name alone does not say in which unit, or of what."""
    schemas = describe(bundled_shop(), admin=True)["components"]["schemas"]
    silent = [
        f"{name}.{field}"
        for name, schema in schemas.items()
        for field, facts in schema.get("properties", {}).items()
        if not facts.get("description")
    ]
    assert silent == []


def test_codes_are_enums() -> None:
    """A compiler tells a caller which ones there are."""
    schemas = describe(bundled_shop())["components"]["schemas"]

    def codes(name: str) -> set[str]:
        return set(schemas[name]["properties"]["code"]["enum"])

    assert codes("Problem") == {kind.code for kind in STATUS} | set(ROUTING_CODES.values())
    assert codes("WarningFact") == set(WARNING_CODES)
    assert codes("ReviewReason") == {*REASONS, *WARNING_CODES}
    assert codes("CustomerLineFact") == {line.value for line in CustomerLine}


@pytest.mark.parametrize("name", ["QuoteResponse", "JobAccepted", "JobStatus"])
def test_the_example_of_an_answer_is_one(name: str) -> None:
    """It is read before the fields are."""
    components = describe(bundled_shop())["components"]
    schema = components["schemas"][name]
    validator = jsonschema_rs.validator_for(
        {"$ref": f"#/components/schemas/{name}", "components": components}
    )
    for example in schema["examples"]:
        validator.validate(example)
        assert set(example) >= set(schema.get("required", ()))
        assert set(example) <= set(schema["properties"])
