/**
 * One file, its estimates and its quotes: sent once, asked about as often as the options change.
 *
 * The last question wins. Whatever was under way before it is dropped, and so is its answer.
 */

import { cancelJob, postEstimate, postQuote } from "./api.ts";
import { follow } from "./follow.ts";
import { Problem } from "./problem.ts";
import { postUpload } from "./upload.ts";
import { stageName } from "./words.ts";
import type { Accepted, Estimate, Order, Quote } from "./vocabulary.ts";

/** Of the progress bar, for sending the file. */
const UPLOAD_PERCENT = 10;

export class Quoting {
  readonly #file: File;
  readonly #tell: (stage: string, percent: number) => void;
  readonly #sending = new AbortController();
  #asking = new AbortController();
  #upload: Promise<string> | undefined;
  #sent = 0;
  #isPricing = false;

  /** @param tell Is given the stage in words, and percent. */
  constructor(file: File, tell: (stage: string, percent: number) => void) {
    this.#file = file;
    this.#tell = tell;
  }

  /** Drops the question under way; the upload goes on and serves the next one. */
  stop(): void {
    this.#isPricing = false;
    this.#asking.abort();
  }

  /** Drops everything: there will be another file. */
  end(): void {
    this.stop();
    this.#sending.abort();
  }

  /** @throws Problem */
  estimate(order: Order, signal: AbortSignal): Promise<Estimate> {
    return this.#ofUpload((uploadId) => postEstimate(order, uploadId, signal), signal);
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
    this.#isPricing = true;
    this.#tellSent();
    try {
      job = await this.#ofUpload((uploadId) => this.#handIn(order, uploadId, signal), signal);
      signal.throwIfAborted();
      return await follow(
        job.job_id,
        ({ progress = 0, ...status }) =>
          this.#tell(
            stageName({ progress, ...status }),
            UPLOAD_PERCENT + ((100 - UPLOAD_PERCENT) * progress) / 100,
          ),
        signal,
      );
    } catch (error) {
      if (!signal.aborted) throw error;
      if (job !== undefined) cancelJob(job.job_id);
      return undefined;
    }
  }

  #handIn(order: Order, uploadId: string, signal: AbortSignal): Promise<Accepted> {
    this.#isPricing = false;
    this.#tell("Handing in your order", UPLOAD_PERCENT);
    return postQuote(order, uploadId, signal);
  }

  /** Asks about the file on the server; sends it again where it has expired there. */
  async #ofUpload<T>(ask: (uploadId: string) => Promise<T>, signal: AbortSignal): Promise<T> {
    const uploadId = await this.#uploaded();
    signal.throwIfAborted();
    try {
      return await ask(uploadId);
    } catch (error) {
      if (!isAboutTheUpload(error)) throw error;
      this.#upload = undefined;
      return ask(await this.#uploaded());
    }
  }

  /** The name of the file on the server, once it is there. */
  async #uploaded(): Promise<string> {
    this.#upload ??= postUpload(this.#file, (share) => this.#onSent(share), this.#sending.signal);
    try {
      return await this.#upload;
    } catch (error) {
      this.#upload = undefined; // the next question tries again
      this.#isPricing = false;
      throw error;
    }
  }

  #onSent(share: number): void {
    this.#sent = share;
    this.#tellSent();
  }

  /** Nobody is told of a file that is sent for an estimate. */
  #tellSent(): void {
    if (this.#isPricing) this.#tell("Sending your file", this.#sent * UPLOAD_PERCENT);
  }
}

function isAboutTheUpload(error: unknown): boolean {
  return error instanceof Problem && error.faults.some((fault) => fault.field === "upload_id");
}
