/**
 * The range that the price of a part probably lies in, while nothing is sliced yet.
 *
 * It is a help and never in the way: what goes wrong with it is told when the price is asked for.
 */

import { pricePrinters } from "./choices.ts";
import { element } from "./elements.ts";
import { about } from "./words.ts";
import type { Part } from "./part.ts";
import type { Estimate, Order, Shop } from "./vocabulary.ts";

/** A larger file is sent when its price is asked for. */
const MOST_BYTES = 32_000_000;

const section = element("estimate");
let asking = new AbortController();

/** Shows the range for a part and an order, in place of the one before. */
export async function showEstimate(part: Part, order: Order, shop: Shop): Promise<void> {
  asking.abort();
  if (!shop.estimates || part.file.size > MOST_BYTES) return hideEstimate();
  asking = new AbortController();
  const { signal } = asking;
  section.classList.add("old");
  let estimate: Estimate | undefined;
  try {
    estimate = await part.quoting.estimate(order, signal);
  } catch {
    // Told when the price is asked for.
  }
  if (signal.aborted) return;
  if (estimate === undefined) return hideEstimate();
  show(estimate);
}

export function hideEstimate(): void {
  asking.abort();
  pricePrinters(undefined);
  section.hidden = true;
}

function show(estimate: Estimate): void {
  const { price, currency } = estimate;
  pricePrinters(estimate);
  element("estimate-range").textContent = price === undefined ? "" : about(price, currency);
  element("estimate-hint").textContent =
    price === undefined
      ? "No estimate for this one. “Get the price” slices the part, and is exact."
      : "An estimate: nine of ten prices lie within. “Get the price” slices the part, and is exact.";
  section.hidden = false;
  section.classList.remove("old");
}
