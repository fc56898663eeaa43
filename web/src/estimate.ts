/**
 * The range that the price of a part probably lies in, while nothing is sliced yet.
 *
 * It is a help and never in the way: what goes wrong with it is told when the price is asked for.
 */

import { postEstimate } from "./api.ts";
import { element } from "./elements.ts";
import { about } from "./words.ts";
import type { Estimate, Order, Shop } from "./vocabulary.ts";

/** A larger file is sent only once the price is asked for. */
const MOST_BYTES = 32_000_000;

const section = element("estimate");
let asking = new AbortController();

/** Shows the range for a file and an order, in place of the one before. */
export async function showEstimate(file: File, order: Order, shop: Shop): Promise<void> {
  asking.abort();
  if (!shop.estimates || file.size > MOST_BYTES) return hideEstimate();
  asking = new AbortController();
  const { signal } = asking;
  section.classList.add("old");
  let estimate: Estimate | undefined;
  try {
    estimate = await postEstimate(file, order, signal);
  } catch {
    // Told when the price is asked for.
  }
  if (signal.aborted) return;
  if (estimate === undefined) return hideEstimate();
  show(estimate);
}

export function hideEstimate(): void {
  asking.abort();
  section.hidden = true;
}

function show({ price, currency }: Estimate): void {
  element("estimate-range").textContent = price === undefined ? "" : about(price, currency);
  element("estimate-hint").textContent =
    price === undefined
      ? "This part has to be sliced before we can name a price."
      : "An estimate. The exact price follows when the part is sliced.";
  section.hidden = false;
  section.classList.remove("old");
}
