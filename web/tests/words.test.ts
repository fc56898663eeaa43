import assert from "node:assert/strict";
import { test } from "node:test";
import {
  about,
  date,
  duration,
  fileSize,
  leadTime,
  money,
  plates,
  qualityName,
  reviewReason,
  settingName,
  size,
  stageName,
} from "../src/words.ts";

test("money is in the shop's currency, with the decimals that the service gives it", () => {
  assert.equal(money("12345.60", "EUR"), "€12,345.60");
  assert.equal(money("7.00", "USD"), "$7.00");
  assert.equal(money("1234", "JPY"), "¥1,234");
  assert.equal(money("1.500", "KWD"), "KWD\u00a01.500");
  assert.equal(money("-3.20", "EUR"), "-€3.20");
});

test("a range is told in whole amounts, unless that says too little", () => {
  assert.equal(about({ low: "12.34", high: "15.10" }, "EUR"), "About €12 to €16");
  assert.equal(about({ low: "7.91", high: "8.20" }, "USD"), "About $7.91 to $8.20");
  assert.equal(about({ low: "1234", high: "1300" }, "JPY"), "About ¥1,234 to ¥1,300");
  assert.equal(about({ low: "55.25", high: "55.25" }, "USD"), "About $55.25");
});

test("a day is a day wherever it is read", () => {
  assert.equal(date("2026-12-14"), "December 14, 2026");
});

test("plates are counted with what is on them", () => {
  const found = [
    { copies: 8, times: 2 },
    { copies: 1, times: 1 },
  ];
  assert.equal(plates(found), "2 plates of 8 parts, 1 plate of 1 part");
});

test("why a person looks is said without the shop's own limits", () => {
  const message = "The total of 512.00 EUR is above 500 EUR.";
  assert.equal(reviewReason({ code: "total_above", message }), "It is a large order.");
  assert.equal(reviewReason({ code: "not_watertight", message: "It leaks." }), "It leaks.");
});

test("a slicer's setting is read as words", () => {
  assert.equal(settingName("wall_loops"), "Wall loops");
});

test("a print takes at least a minute, and 60 of them are an hour", () => {
  assert.equal(duration(0.0001), "1 min");
  assert.equal(duration(0.99), "59 min");
  assert.equal(duration(0.9999), "1 h 00 min");
  assert.equal(duration(4.0833), "4 h 05 min");
});

test("sizes are told to a tenth of a millimetre", () => {
  assert.equal(size([20, 20.04, 5.46]), "20 × 20 × 5.5 mm");
});

test("a file's size is told in the unit that fits", () => {
  assert.deepEqual([0, 999, 1000, 1_440_000, 5e12].map(fileSize), [
    "0 bytes",
    "999 bytes",
    "1 kB",
    "1.4 MB",
    "5,000 GB",
  ]);
});

test("one day is not days", () => {
  assert.equal(leadTime(1), "Ready in 1 day");
  assert.equal(leadTime(2), "Ready in 2 days");
});

test("a quality says how thick its layers are", () => {
  assert.equal(qualityName("Fine", 100), "Fine, 0.1 mm");
});

test("whoever waits is told when nobody is there to do it", () => {
  const told = (workers: number) => stageName({ status: "queued", workers });
  assert.equal(told(1), stageName({ status: "queued" }));
  assert.match(told(0), /none of our slicing machines is running/);
});

test("each share of the progress has its stage", () => {
  const at = (progress: number) => stageName({ status: "processing", progress });
  assert.equal(stageName({ status: "queued" }), "Waiting for our turn");
  assert.equal(stageName({ status: "processing" }), at(0));
  assert.equal(new Set([0, 10, 20, 95].map(at)).size, 4);
  assert.equal(at(20), at(94));
});
