/** `POST /v1/uploads`, by XMLHttpRequest: fetch does not tell how much has been sent. */

import { authorized } from "./api.ts";
import { noAnswer } from "./problem.ts";
import type { Kept } from "./vocabulary.ts";

const CUT_OFF =
  "The connection broke while your file was being sent. Try again; a very large file may be more " +
  "than this server takes.";

/**
 * Sends a file, and returns its name on the server.
 *
 * @param tell Is given the share that has been sent, 0 to 1.
 */
export async function postUpload(
  file: File,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const form = new FormData();
  form.set("file", file, "model");
  const answer = await authorized((headers) => post("/v1/uploads", headers, form, tell, signal));
  return ((await answer.json()) as Kept).upload_id;
}

function post(
  path: string,
  headers: Headers,
  form: FormData,
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    signal.addEventListener("abort", abort);
    request.open("POST", path);
    headers.forEach((value, name) => request.setRequestHeader(name, value));
    request.upload.onprogress = (event) => {
      if (event.lengthComputable && event.total > 0) tell(event.loaded / event.total);
    };
    request.onload = () => resolve(new Response(request.response, { status: request.status }));
    request.onerror = () => reject(noAnswer(CUT_OFF));
    request.onabort = () => reject(signal.reason);
    request.onloadend = () => signal.removeEventListener("abort", abort);
    request.send(form);
  });
}
