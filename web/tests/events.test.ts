import assert from "node:assert/strict";
import { test } from "node:test";
import { eventData } from "../src/events.ts";

async function* arriving(pieces: readonly string[]): AsyncGenerator<string> {
  yield* pieces;
}

async function dataOf(...pieces: string[]): Promise<string[]> {
  const found: string[] = [];
  for await (const data of eventData(arriving(pieces))) found.push(data);
  return found;
}

test("each event gives its data", async () => {
  assert.deepEqual(await dataOf("event: status\ndata: 1\n\ndata: 2\n\n"), ["1", "2"]);
});

test("it does not matter where the stream is cut", async () => {
  const text = "event: status\r\ndata: {}\r\n\r\n: still here\n\ndata:end\n\n";
  assert.deepEqual(await dataOf(...text), ["{}", "end"]);
});

test("comments keep the connection alive and say nothing", async () => {
  assert.deepEqual(await dataOf(": still here\n\n"), []);
});

test("several lines of data are one text", async () => {
  assert.deepEqual(await dataOf("data: a\ndata: b\n\n"), ["a\nb"]);
});

test("an event that was cut off never happened", async () => {
  assert.deepEqual(await dataOf("data: 1\n\ndata: 2"), ["1"]);
});
