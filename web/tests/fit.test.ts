import assert from "node:assert/strict";
import { test } from "node:test";
import { fits, inMillimetres } from "../src/fit.ts";
import type { Size } from "../src/vocabulary.ts";

const PRINTER: Size = [200, 100, 300];

test("a part that may be turned fits by its sorted sides", () => {
  assert.ok(fits([290, 90, 190], PRINTER, true));
  assert.ok(!fits([290, 110, 190 + 20], PRINTER, true));
});

test("a part that stays as it is may only be turned on the bed", () => {
  assert.ok(fits([90, 190, 290], PRINTER, false));
  assert.ok(!fits([290, 90, 90], PRINTER, false));
  assert.ok(!fits([90, 90, 310], PRINTER, false));
});

test("exactly as large still fits", () => {
  assert.ok(fits(PRINTER, PRINTER, false));
});

test("the file's unit counts, and one that nobody knows is a millimetre", () => {
  assert.deepEqual(inMillimetres([1, 2, 3], "inch"), [25.4, 50.8, 3 * 25.4]);
  assert.deepEqual(inMillimetres([1, 2, 3], "m"), [1000, 2000, 3000]);
  assert.deepEqual(inMillimetres([1, 2, 3], "ell"), [1, 2, 3]);
});
