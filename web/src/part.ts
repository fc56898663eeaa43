/** The part on the page: its name, its size, whether it can be expected to fit. */

import { element } from "./elements.ts";
import { fits, inMillimetres } from "./fit.ts";
import { needsUnit } from "./preview/formats.ts";
import { Quoting } from "./quoting.ts";
import { fileSize, size as inWords } from "./words.ts";
import type { Offer, Order, Size } from "./vocabulary.ts";

export class Part {
  readonly file: File;
  readonly quoting: Quoting;
  /** In the file's own unit, once it is known. */
  size: Size | undefined;
  /** Whether a price has been asked for: from then on it follows the options. */
  asked = false;

  constructor(file: File, tell: (stage: string, percent: number) => void) {
    this.file = file;
    this.quoting = new Quoting(file, tell);
  }
}

/** Shows which file it is. */
export function showFile({ file }: Part): void {
  element("file-title").textContent = file.name;
  element("file-hint").textContent = fileSize(file.size);
  element("stage").classList.add("has-file");
  element("units-field").hidden = !needsUnit(file.name);
}

/** Shows the size, and warns of a part that is larger than the printer. */
export function showSize(part: Part, order: Order, offer: Offer | undefined): void {
  const line = element("size");
  const warning = element("too-large");
  line.hidden = part.size === undefined;
  warning.textContent = "";
  if (part.size === undefined) return;
  const mm = inMillimetres(part.size, needsUnit(part.file.name) ? order.units : "mm");
  line.textContent = inWords(mm);
  if (offer === undefined) return;
  const { x, y, z } = offer.build_volume_mm;
  if (fits(mm, [x, y, z], order.orientation === "auto")) return;
  warning.textContent =
    `This part looks larger than our printer, which has ${inWords([x, y, z])}. ` +
    (needsUnit(part.file.name) ? "Is the unit of the file right? See “More options”." : "");
}
