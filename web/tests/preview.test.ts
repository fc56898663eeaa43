import assert from "node:assert/strict";
import { test } from "node:test";
import { boxAround, joined, sizeOf } from "../src/preview/corners.ts";
import { needsUnit, previewOf } from "../src/preview/formats.ts";

test("the name decides what is shown, in any case", () => {
  assert.equal(previewOf("Part.STL", 100), "stl");
  assert.equal(previewOf("a.b.3mf", 100), "3mf");
});

test("what cannot be shown has its reason", () => {
  const reasons = [
    previewOf("part.step", 100),
    previewOf("constructor", 100),
    previewOf("large.stl", 60_000_001),
  ].map((found) => (typeof found === "object" ? found.reason : found));
  assert.match(reasons[0] ?? "", /STEP/);
  assert.match(reasons[1] ?? "", /no preview/);
  assert.match(reasons[2] ?? "", /too large/);
});

test("only STL and OBJ leave their unit open", () => {
  assert.deepEqual(["a.stl", "a.OBJ", "a.3mf", "a.step"].map(needsUnit), [
    true,
    true,
    false,
    false,
  ]);
});

test("the box goes around all corners", () => {
  const box = boxAround(joined([new Float32Array([1, 2, 3]), new Float32Array([-1, 5, 3])]));
  assert.deepEqual(box && sizeOf(box), [2, 3, 0]);
});

test("nothing, and what is no figure, has no box", () => {
  assert.equal(boxAround(new Float32Array()), undefined);
  assert.equal(boxAround(new Float32Array([1, NaN, 3])), undefined);
});
