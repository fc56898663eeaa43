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

const STATUS = "event: status\n";

test("each status gives its data", async () => {
  assert.deepEqual(await dataOf(`${STATUS}data: 1\n\n${STATUS}data: 2\n\n`), ["1", "2"]);
});

test("another event is no status", async () => {
  assert.deepEqual(await dataOf(`event: unavailable\ndata: {}\n\n${STATUS}data: 1\n\n`), ["1"]);
});

test("it does not matter where the stream is cut", async () => {
  const text = "event: status\r\ndata: {}\r\n\r\n: still here\n\nevent:status\ndata:end\n\n";
  assert.deepEqual(await dataOf(...text), ["{}", "end"]);
});

test("comments keep the connection alive and say nothing", async () => {
  assert.deepEqual(await dataOf(": still here\n\n"), []);
});

test("several lines of data are one text", async () => {
  assert.deepEqual(await dataOf(`${STATUS}data: a\ndata: b\n\n`), ["a\nb"]);
});

test("an event that was cut off never happened", async () => {
  assert.deepEqual(await dataOf(`${STATUS}data: 1\n\n${STATUS}data: 2`), ["1"]);
});
