/** The page: a file, an order, a price. What happens when, and nothing of how. */

import { getShop } from "./api.ts";
import { followMaterial, followQuality, showShop } from "./choices.ts";
import { onFile } from "./drop.ts";
import { element } from "./elements.ts";
import { hideEstimate, showEstimate } from "./estimate.ts";
import { checkFields, clearFaults, readOrder, showFaults } from "./order-form.ts";
import { Part, showFile, showSize } from "./part.ts";
import { showPreview } from "./preview/preview.ts";
import { noAnswer, Problem } from "./problem.ts";
import { ageResult, hideResult, offerMaterials, resultInWords, showResult } from "./result.ts";
import type { Order, Quote, Shop } from "./vocabulary.ts";
import { hideProblem, hideProgress, say, showProblem, showProgress } from "./working.ts";

const AFTER_TYPING_MS = 500;
const NO_FILE = { field: "file", message: "Choose the file of your part first." };

const form = element("order", HTMLFormElement);

let shop: Shop | undefined;
let part: Part | undefined;
let typing: ReturnType<typeof setTimeout> | undefined;

async function start(): Promise<void> {
  try {
    shop = await getShop();
    showShop(shop);
    offerMaterials(shop.materials, inMaterial);
  } catch (error) {
    fail(error);
  }
}

async function choose(file: File): Promise<void> {
  part?.quoting.end();
  clearTimeout(typing);
  hideEstimate();
  hideResult();
  hideProgress();
  hideProblem();
  clearFaults();
  const chosen = new Part(file, showProgress);
  part = chosen;
  showFile(chosen);
  showSize(chosen, readOrder(), shop);
  void estimate();
  chosen.size = await showPreview(file);
  if (part === chosen) showSize(chosen, readOrder(), shop);
}

/** Shows the range that the price lies in, for a part whose price has not been asked for. */
async function estimate(): Promise<void> {
  await started;
  if (part === undefined || shop === undefined || !form.checkValidity()) return hideEstimate();
  await showEstimate(part, readOrder(), shop);
}

/** Asks for the price of the part as it is chosen now; says whether it came. */
async function price(): Promise<boolean> {
  clearTimeout(typing);
  hideProblem();
  if (shop === undefined) await start();
  ageResult();
  if (shop === undefined || !checkFields()) return false;
  if (part === undefined) return showFaults([NO_FILE]);
  const asking = part;
  asking.asked = true;
  hideProgress();
  try {
    const order = readOrder();
    const quote = await asking.quoting.price(order);
    if (quote !== undefined) await finish(quote, order);
    return quote !== undefined;
  } catch (error) {
    // The shop may have changed since it was asked what it has.
    if (error instanceof Problem && error.status === 400) await start();
    if (part === asking) fail(error);
    return false;
  }
}

async function finish(quote: Quote, order: Order): Promise<void> {
  if (quote.shop_version !== shop?.shop_version) await start();
  if (shop === undefined) return;
  hideProgress();
  hideEstimate();
  showResult(quote, order, shop);
  say(resultInWords(quote));
}

function fail(error: unknown): void {
  hideProgress();
  hideEstimate();
  hideResult();
  say("");
  const problem = error instanceof Problem ? error : noAnswer("Reload the page and try again.");
  showFaults(problem.faults);
  showProblem(problem);
}

function inMaterial(name: string): void {
  element("material", HTMLSelectElement).value = name;
  if (shop !== undefined) followMaterial(shop);
  void price();
}

function cancel(): void {
  part?.quoting.stop();
  if (part !== undefined) part.asked = false;
  hideProgress();
  hideResult();
  say("Cancelled");
  element("submit").focus();
}

/** A price that is on the page, or on its way, is that of the options as they are. */
function optionsChanged(): void {
  if (part === undefined) return;
  showSize(part, readOrder(), shop);
  const next = part.asked ? price : estimate;
  clearTimeout(typing);
  typing = setTimeout(() => void next(), AFTER_TYPING_MS);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void price().then((came) => came && element("result").scrollIntoView({ block: "nearest" }));
});
form.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  if (target.type === "file") return;
  if (shop !== undefined && target.name === "material") followMaterial(shop);
  if (shop !== undefined && target.name === "quality") followQuality(shop);
  optionsChanged();
});
element("cancel").addEventListener("click", cancel);
onFile((file) => void choose(file));
const started = start();
