"""Clients that are generated from the description, in Python and in TypeScript, price a part."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.harness.origin import Origin
from tests.harness.service import RunningService
from tests.harness.shapes import binary_stl, box

ROOT = Path(__file__).parents[2]
NODE_MODULES = ROOT / "web/node_modules"
PLATE = binary_stl(box(12, 12, 4))

PYTHON = """
import io, json, sys
from pricing_fdm_client import Client
from pricing_fdm_client.api.quotes import post_estimate, post_order, post_quote
from pricing_fdm_client.models import *
from pricing_fdm_client.types import File

base_url, url, path = sys.argv[1:]
client = Client(base_url=base_url, timeout=120)
how = {
    "material": QuoteRequestMaterial.PLA,
    "infill": 20,
    "layer_thickness": QuoteRequestLayerThickness.VALUE_200,
}
named = post_quote.sync(client=client, body=QuoteRequest(file_url=url, **how))
refused = post_quote.sync(client=client, body=QuoteRequest(file_url="ftp://x/y", **how))
assert isinstance(refused, Problem) and refused.code is ProblemCode.SOURCE_REFUSED, refused
how |= {"material": QuoteFormMaterial.PLA, "layer_thickness": QuoteFormLayerThickness.VALUE_200}
file = File(payload=io.BytesIO(open(path, "rb").read()), file_name="part.stl")
sent = post_quote.sync(client=client, body=QuoteForm(file=file, **how))
for answer in (named, sent):
    assert isinstance(answer, QuoteResponse), answer
how |= {"material": OrderedPartMaterial.PLA}
how |= {"layer_thickness": OrderedPartLayerThickness.VALUE_200}
parts = PartsRequest([OrderedPart(file_url=url, quantity=many, **how) for many in (1, 2)])
ordered = post_order.sync(client=client, body=parts)
guessed = post_order.sync(client=client, body=parts, estimate=True)
assert isinstance(ordered, PartsResponse), ordered
assert isinstance(guessed, OrderEstimateResponse), guessed
how |= {"material": EstimateRequestMaterial.PLA}
how |= {"layer_thickness": EstimateRequestLayerThickness.VALUE_200}
single = post_estimate.sync(client=client, body=EstimateRequest(file_url=url, **how))
assert isinstance(single, EstimateResponse), single
answers = (named, sent, ordered, guessed, single)
print(json.dumps([answer.to_dict() for answer in answers]))
"""

TYPESCRIPT = """
import type { components, paths } from "./api";

type Order = components["schemas"]["QuoteRequest"];
type Answers = paths["/v1/quote"]["post"]["responses"];

const [baseUrl, fileUrl] = process.argv.slice(2);
const order: Order = { file_url: fileUrl!, material: "pla", infill: 20, layer_thickness: 200 };
// @ts-expect-error The shop has no such material.
const other: Order["material"] = "granite";

const answer = await fetch(`${baseUrl}/v1/quote`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify(order),
});
if (answer.status !== 200) {
  const problem: Answers[422]["content"]["application/problem+json"] = await answer.json();
  throw new Error(problem.code satisfies "model_invalid" | string);
}
const quote: Answers[200]["content"]["application/json"] = await answer.json();
const total: string = quote.price.total;

type Parts = components["schemas"]["PartsRequest"];
type Ordered = paths["/v1/order"]["post"]["responses"][200]["content"]["application/json"];
const part: Parts["parts"][0] = order;
const parts: Parts = { parts: [part, { ...part, quantity: 2 }] };
async function ordered(query: string): Promise<Ordered> {
  const answer = await fetch(`${baseUrl}/v1/order${query}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(parts),
  });
  return answer.json();
}
const price = await ordered("");
if ("binding" in price) throw new Error("an estimate in place of a price");
const guess = await ordered("?estimate=true");
if (!("binding" in guess)) throw new Error("a price in place of an estimate");
const share: string | undefined = guess.parts[1]?.estimate?.share?.likely;
const sum: string | undefined = price.price?.total;
console.log(JSON.stringify({ total, quote, sum, share, plates: guess.plates }));
"""


@pytest.fixture
def description(service: RunningService, tmp_path: Path) -> Path:
    """The description as the service serves it."""
    path = tmp_path / "openapi.json"
    path.write_bytes(service.get("/openapi.json").content)
    return path


@pytest.fixture
def plate(origin: Origin) -> str:
    """A part that is sliced in a moment, and can be estimated."""
    return origin.serve("generated.stl", PLATE)


def run(*command: str | Path, cwd: Path) -> str:
    """What a command says; it must succeed and have nothing to complain of."""
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    done = subprocess.run(
        command,
        cwd=cwd,
        env={"PATH": path},
        check=False,
        capture_output=True,
        text=True,
        timeout=180,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def priced(quote: dict[str, Any]) -> Any:
    """What is the same in each answer to one order."""
    return {name: quote[name] for name in ("price", "plates", "print", "printer", "warnings")}


def test_a_generated_python_client_prices_a_part(
    service: RunningService, description: Path, plate: str, tmp_path: Path
) -> None:
    """By URL and as a file; a refusal has its code among those that are known."""
    generate = ("openapi-python-client", "generate", "--fail-on-warning")
    run(*generate, "--path", description, "--output-path", tmp_path / "client", cwd=tmp_path)
    (tmp_path / "client/price.py").write_text(PYTHON)
    (tmp_path / "part.stl").write_bytes(PLATE)
    arguments = (service.base_url, plate, tmp_path / "part.stl")
    named, sent, ordered, guessed, single = json.loads(
        run(sys.executable, "price.py", *arguments, cwd=tmp_path / "client")
    )
    answer = service.post({**ORDER, "file_url": plate}).json()
    assert priced(named) == priced(sent) == priced(answer)
    assert set(named) == set(answer), "no field is lost"
    assert [each["parts"] for each in guessed["plates"]] == [
        each["parts"] for each in ordered["plates"]
    ]
    assert single["model"] == answer["model"] == guessed["parts"][0]["estimate"]["model"]
    assert (single["binding"], guessed["binding"]) == (False, False)


def test_a_generated_typescript_client_prices_a_part(
    service: RunningService, description: Path, plate: str, tmp_path: Path
) -> None:
    """Its compiler knows the shop's materials, and takes a real answer for one."""
    subprocess.run([ROOT / "scripts/build-web"], check=True, stdin=subprocess.DEVNULL)
    binaries = NODE_MODULES / ".bin"
    # Without the option a field with a default is one that every request must state.
    generate = (binaries / "openapi-typescript", "--default-non-nullable", "false")
    run(*generate, description, "-o", tmp_path / "api.d.ts", cwd=tmp_path)
    (tmp_path / "package.json").write_text('{"type": "module"}')
    (tmp_path / "price.ts").write_text(TYPESCRIPT)
    compile_ = (
        *(binaries / "tsc", "--strict", "--target", "es2022", "--module", "esnext"),
        *("--moduleResolution", "bundler", "--lib", "es2022,dom"),
        *("--types", "node", "--typeRoots", NODE_MODULES / "@types"),
    )
    answer = service.post({**ORDER, "file_url": plate}).json()
    literal = 'import type { components } from "./api";\nexport const quote: components["schemas"]'
    (tmp_path / "answer.ts").write_text(f'{literal}["QuoteResponse"] = {json.dumps(answer)};')
    run(*compile_, "price.ts", "answer.ts", cwd=tmp_path)
    told = json.loads(run("node", "price.js", service.base_url, plate, cwd=tmp_path))
    assert told["total"] == answer["price"]["total"]
    assert priced(told["quote"]) == priced(answer)
    assert float(told["sum"]) > float(told["share"]) > 0
    assert [each["copies"] for each in told["plates"]] == [3]


ORDER = {"material": "pla", "infill": 20, "layer_thickness": 200}
