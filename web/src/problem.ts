/** What went wrong, in words for a customer. */

import type { FieldFault, ProblemBody } from "./vocabulary.ts";

export class Problem extends Error {
  readonly title: string;
  readonly status: number;
  readonly faults: readonly FieldFault[];

  constructor(body: Pick<ProblemBody, "title" | "status" | "detail" | "errors">) {
    super(body.detail);
    this.title = body.title;
    this.status = body.status;
    this.faults = body.errors ?? [];
  }

  /** Whether asking again soon may help. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** The network failed; there is no answer to quote. */
export function noAnswer(detail: string): Problem {
  return new Problem({ title: "No answer from the server", status: 0, detail });
}

/** The problem behind an answer that is not good, also where a proxy wrote its own. */
export async function problemOf(answer: Response): Promise<Problem> {
  try {
    const body: unknown = await answer.json();
    if (isProblem(body)) return new Problem(body);
  } catch {
    // Not JSON: said below.
  }
  return new Problem({
    title: "The server could not answer",
    status: answer.status,
    detail: `It said ${answer.status}. Please try again in a moment.`,
  });
}

function isProblem(body: unknown): body is ProblemBody {
  return typeof body === "object" && body !== null && "detail" in body && "title" in body;
}
