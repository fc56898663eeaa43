/**
 * One file and the quotes for it: uploaded once, priced as often as the options change.
 *
 * The last question wins. Whatever was under way before it is dropped, and so is its answer.
 */

import { cancelJob, postQuote } from "./api.ts";
import { follow } from "./follow.ts";
import { Problem } from "./problem.ts";
import { postUpload } from "./upload.ts";
import { stageName } from "./words.ts";
import type { Accepted, Order, Quote } from "./vocabulary.ts";

/** Of the progress bar, where a file is sent first. */
const UPLOAD_PERCENT = 10;

export class Quoting {
  readonly #file: File;
  readonly #tell: (stage: string, percent: number) => void;
  readonly #sending = new AbortController();
  #asking = new AbortController();
  #upload: Promise<Accepted> | undefined;

  /** @param tell Is given the stage in words, and percent. */
  constructor(file: File, tell: (stage: string, percent: number) => void) {
    this.#file = file;
    this.#tell = tell;
  }

  /** Drops the question under way; the upload goes on and serves the next one. */
  stop(): void {
    this.#asking.abort();
  }

  /** Drops everything: there will be another file. */
  end(): void {
    this.stop();
    this.#sending.abort();
  }

  /**
   * @returns The quote, or undefined when a later question or `stop` came first.
   * @throws Problem
   */
  async price(order: Order): Promise<Quote | undefined> {
    this.stop();
    this.#asking = new AbortController();
    const { signal } = this.#asking;
    let job: Accepted | undefined;
    try {
      const base = this.#upload === undefined ? UPLOAD_PERCENT : 0;
      job = await this.#handIn(order, signal);
      signal.throwIfAborted();
      return await follow(
        job.job_id,
        (status) =>
          this.#tell(stageName(status), base + ((100 - base) * (status.progress ?? 0)) / 100),
        signal,
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      if (job !== undefined) cancelJob(job.job_id);
      return undefined;
    }
  }

  async #handIn(order: Order, signal: AbortSignal): Promise<Accepted> {
    const uploadId = await this.#uploaded();
    signal.throwIfAborted();
    if (uploadId === undefined) return this.#send(order);
    this.#tell("Handing in your order", 0);
    try {
      return await postQuote(order, uploadId, signal);
    } catch (error) {
      if (!isAboutTheUpload(error)) throw error;
      return this.#send(order); // It has expired over there.
    }
  }

  /** The name of the file on the server, once an upload that is under way has ended well. */
  async #uploaded(): Promise<string | undefined> {
    try {
      return (await this.#upload)?.upload_id;
    } catch {
      return undefined; // Whoever began that upload has been told.
    }
  }

  #send(order: Order): Promise<Accepted> {
    const tell = (share: number) => this.#tell("Sending your file", share * UPLOAD_PERCENT);
    tell(0);
    this.#upload = postUpload(this.#file, order, tell, this.#sending.signal);
    return this.#upload;
  }
}

function isAboutTheUpload(error: unknown): boolean {
  return error instanceof Problem && error.faults.some((fault) => fault.field === "upload_id");
}
