/** The part on the page: its name, its size, whether it can be expected to fit. */

import { element } from "./elements.ts";
import { fits, inMillimetres, roomOf } from "./fit.ts";
import { printersFor } from "./offer.ts";
import { needsUnit } from "./preview/formats.ts";
import { Quoting } from "./quoting.ts";
import { fileSize, size as inWords } from "./words.ts";
import type { Order, Shop, Size } from "./vocabulary.ts";

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

/** Shows the size, and warns of a part that is larger than every printer for it. */
export function showSize(part: Part, order: Order, shop: Shop | undefined): void {
  const line = element("size");
  const warning = element("too-large");
  line.hidden = part.size === undefined;
  warning.textContent = "";
  if (part.size === undefined) return;
  const mm = inMillimetres(part.size, needsUnit(part.file.name) ? order.units : "mm");
  line.textContent = inWords(mm);
  if (shop === undefined) return;
  const rooms = printersFor(shop, order).map(roomOf);
  const [largest] = [...rooms].sort((a, b) => volume(b) - volume(a));
  if (largest === undefined) return;
  if (rooms.some((room) => fits(mm, room, order.orientation === "auto"))) return;
  const printer = rooms.length === 1 ? "our printer, which" : "our printers, the largest of which";
  warning.textContent =
    `This part looks larger than ${printer} has ${inWords(largest)}. ` +
    (needsUnit(part.file.name) ? "Is the unit of the file right? See “More options”." : "");
}

function volume([x, y, z]: Size): number {
  return x * y * z;
}
