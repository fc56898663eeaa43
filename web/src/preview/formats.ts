/** Which files the browser can show. The service goes by their content; here the name must do. */

export type Format = "stl" | "obj" | "3mf";

/** Larger ones would take a phone's memory. */
const MOST_BYTES: Readonly<Record<Format, number>> = {
  stl: 60_000_000,
  obj: 60_000_000,
  "3mf": 15_000_000,
};

/** The format, or a sentence that says why there is nothing to see. */
export function previewOf(name: string, bytes: number): Format | { readonly reason: string } {
  const ending = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  if (ending === "step" || ending === "stp") {
    return { reason: "A browser cannot show STEP files. We can price yours all the same." };
  }
  if (!isFormat(ending)) {
    return { reason: "There is no preview of such a file. We can tell you whether we read it." };
  }
  if (bytes > MOST_BYTES[ending]) {
    return { reason: "This file is too large for a preview. We can price it all the same." };
  }
  return ending;
}

/** Whether files of this format leave it to us to guess what a 1 means. */
export function needsUnit(name: string): boolean {
  return /\.(stl|obj)$/i.test(name);
}

function isFormat(ending: string): ending is Format {
  return Object.hasOwn(MOST_BYTES, ending);
}
