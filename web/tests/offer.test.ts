import assert from "node:assert/strict";
import { test } from "node:test";
import { finishesFor, printersFor, qualitiesFor, usualQuality } from "../src/offer.ts";
import type { Shop } from "../src/vocabulary.ts";

const ROOM = { x: 200, y: 200, z: 200 };
const BOTH = ["small", "big"];
const SHOP: Shop = {
  name: "Shop",
  shop_version: "1",
  printers: BOTH.map((id) => ({ id, name: id, build_volume_mm: ROOM })),
  qualities: [
    { id: "coarse", name: "Coarse", layer_thickness: 400, printers: ["big"] },
    { id: "fine", name: "Fine", layer_thickness: 100, printers: ["small"] },
    { id: "standard", name: "Standard", layer_thickness: 200, printers: BOTH },
  ],
  materials: [
    { id: "pla", name: "PLA", description: "", printers: BOTH, colours: [] },
    { id: "tpu", name: "TPU", description: "", printers: ["small"], colours: [] },
  ],
  finishes: [{ id: "sanded", name: "Sanded", materials: ["pla"], days: 2 }],
  speeds: [],
  overrides: {},
  infill_percent: { min: 10, max: 100 },
  quantity: { min: 1, max: 10 },
  estimates: true,
};

const ids = (found: readonly { readonly id: string }[]) => found.map(({ id }) => id);

test("a quality is offered where a printer has the material too", () => {
  assert.deepEqual(ids(qualitiesFor(SHOP, "pla")), ["coarse", "fine", "standard"]);
  assert.deepEqual(ids(qualitiesFor(SHOP, "tpu")), ["fine", "standard"]);
  assert.deepEqual(ids(qualitiesFor(SHOP, "gone")), []);
});

test("the form begins with layers of 0.2 mm, or with the shop's first quality", () => {
  assert.equal(usualQuality(SHOP.qualities)?.id, "standard");
  assert.equal(usualQuality(SHOP.qualities.slice(0, 2))?.id, "coarse");
});

test("a printer may print what it has the material and the quality for", () => {
  const able = (material: string, quality: string, printer = "auto") =>
    ids(printersFor(SHOP, { material, quality, printer }));
  assert.deepEqual(able("pla", "standard"), ["small", "big"]);
  assert.deepEqual(able("pla", "standard", "big"), ["big"]);
  assert.deepEqual(able("pla", "coarse"), ["big"]);
  assert.deepEqual(able("tpu", "coarse"), []);
});

test("a finish is offered for its materials", () => {
  assert.deepEqual(ids(finishesFor(SHOP, "pla")), ["sanded"]);
  assert.deepEqual(ids(finishesFor(SHOP, "tpu")), []);
});
