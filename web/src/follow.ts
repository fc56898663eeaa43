/**
 * Follows a job to its end, by events while they come and by asking when they do not.
 *
 * A service that is replaced ends its streams, and a proxy may hold them back: neither is an error.
 */

import { getEvents, getStatus } from "./api.ts";
import { Problem } from "./problem.ts";
import type { JobStatus, Quote } from "./vocabulary.ts";

const PAUSE_MS = 1000;
const MOST_FAILURES = 30;

/**
 * @param tell Is given each status before the end.
 * @throws Problem: the job failed, or the server cannot be reached.
 */
export async function follow(
  jobId: string,
  tell: (status: JobStatus) => void,
  signal: AbortSignal,
): Promise<Quote> {
  for (let failures = 0; ; failures += 1) {
    try {
      for await (const status of news(jobId, signal)) {
        failures = 0;
        signal.throwIfAborted();
        const quote = endOf(status);
        if (quote !== undefined) return quote;
        tell(status);
      }
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof JobFailed) throw error.problem;
      if (!(error instanceof Problem) || !error.passing || failures >= MOST_FAILURES) throw error;
    }
    await pause(signal);
  }
}

async function* news(jobId: string, signal: AbortSignal): AsyncGenerator<JobStatus> {
  try {
    yield* getEvents(jobId, signal);
  } catch (error) {
    // An answer that is a refusal counts; a stream that broke does not.
    if (error instanceof Problem && !error.passing) throw error;
  }
  signal.throwIfAborted();
  yield await getStatus(jobId, signal);
}

/** The end of the job by its own failing, as opposed to that of the connection. */
class JobFailed extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super();
    this.problem = problem;
  }
}

function endOf(status: JobStatus): Quote | undefined {
  if (status.data?.error !== undefined) throw new JobFailed(new Problem(status.data.error));
  return status.data?.quote;
}

function pause(signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, PAUSE_MS);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
