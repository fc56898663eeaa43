/**
 * The part in 3D, and its size. What shows it is loaded when there is something to show.
 *
 * A preview is a courtesy: whatever goes wrong here becomes a sentence and never stands in the way
 * of a price.
 */

import { element } from "../elements.ts";
import type { Size } from "../vocabulary.ts";
import { type Box, boxAround, type Corners, sizeOf } from "./corners.ts";
import { previewOf } from "./formats.ts";
import type { ParseAnswer, ParseRequest } from "./parse.worker.ts";
import type { PartScene } from "./scene.ts";

const UNREADABLE = "We cannot show this file. Ask for a price to hear what may be wrong with it.";
const NO_GRAPHICS = "This browser offers no 3D graphics (WebGL), so there is no preview.";
const TOO_LARGE = "This file is too large for a preview. We can price it all the same.";

const viewer = element("viewer");
const note = element("preview-note");
const button = element("turning", HTMLButtonElement);
const calm = matchMedia("(prefers-reduced-motion: reduce)");

let scene: PartScene | undefined;
let parser: Worker | undefined;
let shown = 0;

/**
 * Shows a file in place of the one before.
 *
 * @returns Its size in its own unit, or undefined when that is not known here.
 */
export async function showPreview(file: File): Promise<Size | undefined> {
  clear();
  const turn = (shown += 1);
  const read = await readCorners(file).catch(() => UNREADABLE);
  if (turn !== shown) return undefined;
  const box = typeof read === "string" ? undefined : boxAround(read);
  if (typeof read === "string" || box === undefined) {
    say(typeof read === "string" ? read : UNREADABLE);
    return undefined;
  }
  await draw(read, box, file.name, turn);
  return sizeOf(box);
}

/** The corners, or why there are none, as a sentence. */
async function readCorners(file: File): Promise<Corners | string> {
  const format = previewOf(file.name, file.size);
  if (typeof format === "object") return format.reason;
  const bytes = await file.arrayBuffer();
  if (format !== "3mf") return (await parseBeside({ format, bytes })).corners ?? UNREADABLE;
  const { parse3mf } = await import("./parse-3mf.ts");
  return parse3mf(bytes) ?? TOO_LARGE;
}

function parseBeside(request: ParseRequest): Promise<ParseAnswer> {
  parser?.terminate();
  const worker = new Worker(new URL("./parse.worker.ts", import.meta.url), { type: "module" });
  parser = worker;
  return new Promise<ParseAnswer>((resolve) => {
    worker.onmessage = ({ data }: MessageEvent<ParseAnswer>) => resolve(data);
    worker.onerror = () => resolve({});
    worker.postMessage(request, [request.bytes]);
  }).finally(() => worker.terminate());
}

async function draw(corners: Corners, box: Box, name: string, turn: number): Promise<void> {
  const { PartScene } = await import("./scene.ts");
  if (turn !== shown) return;
  viewer.hidden = false;
  scene ??= open(PartScene);
  if (scene === undefined) {
    viewer.hidden = true;
    return say(NO_GRAPHICS);
  }
  viewer.querySelector("canvas")?.setAttribute("aria-label", `3D preview of ${name}`);
  scene.show(corners, box);
  setTurning(!calm.matches);
}

function open(Kind: typeof PartScene): PartScene | undefined {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("role", "img");
  viewer.prepend(canvas);
  // Asked for by ourselves: three would write an error to the console first.
  const context = canvas.getContext("webgl2", { antialias: true, alpha: true });
  if (context === null) {
    canvas.remove();
    return undefined;
  }
  canvas.addEventListener("webglcontextlost", () => {
    clear();
    canvas.remove();
    scene = undefined;
    say("The preview was closed to spare the graphics card. Choose the file again to see it.");
  });
  const opened = new Kind(canvas, context);
  opened.onGrab(() => setTurning(false));
  return opened;
}

function setTurning(turning: boolean): void {
  if (scene !== undefined) scene.turning = turning;
  button.setAttribute("aria-pressed", String(turning));
}

function clear(): void {
  parser?.terminate();
  scene?.clear();
  viewer.hidden = true;
  say("");
}

function say(sentence: string): void {
  note.textContent = sentence;
  note.hidden = sentence === "";
}

button.addEventListener("click", () => setTurning(button.getAttribute("aria-pressed") !== "true"));
calm.addEventListener("change", () => calm.matches && setTurning(false));
