/**
 * The service's routes. Every failure is a `Problem`; an abort stays an abort.
 *
 * A server with a token answers 401: the token is asked for once and the request sent again.
 */

import { eventData } from "./events.ts";
import { noAnswer, Problem, problemOf } from "./problem.ts";
import { askForToken, authorization } from "./token.ts";
import type { Accepted, Estimate, JobStatus, Order, Shop } from "./vocabulary.ts";

/** The server says something at least every 15 s. */
const LONGEST_SILENCE_MS = 20_000;
const OFFLINE = "Check your connection and try again.";

export async function getShop(): Promise<Shop> {
  return (await send("/internal/pricing/fdm/shop")).json() as Promise<Shop>;
}

/** Prices a file that is already on the server. */
export async function postQuote(
  order: Order,
  uploadId: string,
  signal: AbortSignal,
): Promise<Accepted> {
  const answer = await post("/quote", { ...order, upload_id: uploadId }, signal);
  return answer.json() as Promise<Accepted>;
}

/** The range that the price lies in; nothing is sliced for it. */
export async function postEstimate(
  order: Order,
  uploadId: string,
  signal: AbortSignal,
): Promise<Estimate> {
  const answer = await post("/v1/estimate", { ...order, upload_id: uploadId }, signal);
  return answer.json() as Promise<Estimate>;
}

export async function getStatus(jobId: string, signal: AbortSignal): Promise<JobStatus> {
  return (await send(statusPath(jobId), { signal })).json() as Promise<JobStatus>;
}

/** Nobody waits for the job any longer; whether the server hears of it does not matter. */
export function cancelJob(jobId: string): void {
  const options = { method: "DELETE", headers: authorization(), keepalive: true };
  fetch(statusPath(jobId), options).catch(() => undefined);
}

/** How the job stands at each change, until it has ended or the connection breaks. */
export async function* getEvents(jobId: string, signal: AbortSignal): AsyncGenerator<JobStatus> {
  const silence = new AbortController();
  const giveUp = () => silence.abort();
  signal.addEventListener("abort", giveUp);
  let timer = setTimeout(giveUp, LONGEST_SILENCE_MS);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(giveUp, LONGEST_SILENCE_MS);
  };
  try {
    const answer = await send(`${statusPath(jobId)}/events`, { signal: silence.signal });
    for await (const data of eventData(pieces(answer, heard))) yield JSON.parse(data) as JobStatus;
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", giveUp);
    silence.abort();
  }
}

/** Sends what `request` makes, again with a token if the server wants one. */
export async function authorized(request: (headers: Headers) => Promise<Response>) {
  let answer = await request(authorization());
  while (answer.status === 401) {
    if (!(await askForToken())) throw await problemOf(answer);
    answer = await request(authorization());
  }
  if (!answer.ok) throw await problemOf(answer);
  return answer;
}

function post(path: string, body: object, signal: AbortSignal): Promise<Response> {
  return send(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

async function send(path: string, options: RequestInit = {}): Promise<Response> {
  return authorized(async (headers) => {
    new Headers(options.headers).forEach((value, name) => headers.set(name, value));
    try {
      return await fetch(path, { ...options, headers });
    } catch (error) {
      options.signal?.throwIfAborted();
      throw error instanceof Problem ? error : noAnswer(OFFLINE);
    }
  });
}

async function* pieces(answer: Response, heard: () => void): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) return;
    heard();
    yield read.value;
  }
}

function statusPath(jobId: string): string {
  return `/status/${encodeURIComponent(jobId)}`;
}
