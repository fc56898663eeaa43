/** The page: a file, an order, a price. What happens when, and nothing of how. */

import { getOffer } from "./api.ts";
import { onFile } from "./drop.ts";
import { element } from "./elements.ts";
import { checkFields, clearFaults, readOrder, showFaults, showOffer } from "./order-form.ts";
import { Part, showFile, showSize } from "./part.ts";
import { showPreview } from "./preview/preview.ts";
import { noAnswer, Problem } from "./problem.ts";
import { ageResult, hideResult, offerMaterials, resultInWords, showResult } from "./result.ts";
import type { Offer, Quote } from "./vocabulary.ts";
import { hideProblem, hideProgress, say, showProblem, showProgress } from "./working.ts";

const AFTER_TYPING_MS = 500;
const NO_FILE = { field: "file", message: "Choose the file of your part first." };

const form = element("order", HTMLFormElement);

let offer: Offer | undefined;
let part: Part | undefined;
let typing: ReturnType<typeof setTimeout> | undefined;

async function start(): Promise<void> {
  try {
    offer = await getOffer();
    showOffer(offer);
    offerMaterials(
      offer.materials.map(({ name }) => name),
      inMaterial,
    );
  } catch (error) {
    fail(error);
  }
}

async function choose(file: File): Promise<void> {
  part?.quoting.end();
  clearTimeout(typing);
  hideResult();
  hideProgress();
  hideProblem();
  clearFaults();
  const chosen = new Part(file, showProgress);
  part = chosen;
  showFile(chosen);
  showSize(chosen, readOrder(), offer);
  chosen.size = await showPreview(file);
  if (part === chosen) showSize(chosen, readOrder(), offer);
}

/** Asks for the price of the part as it is chosen now; says whether it came. */
async function price(): Promise<boolean> {
  clearTimeout(typing);
  hideProblem();
  if (offer === undefined) await start();
  ageResult();
  if (offer === undefined || !checkFields()) return false;
  if (part === undefined) return showFaults([NO_FILE]);
  const asking = part;
  asking.asked = true;
  hideProgress();
  try {
    const quote = await asking.quoting.price(readOrder());
    if (quote !== undefined) finish(quote);
    return quote !== undefined;
  } catch (error) {
    if (part === asking) fail(error);
    return false;
  }
}

function finish(quote: Quote): void {
  hideProgress();
  showResult(quote);
  say(resultInWords(quote));
}

function fail(error: unknown): void {
  hideProgress();
  hideResult();
  say("");
  const problem = error instanceof Problem ? error : noAnswer("Reload the page and try again.");
  showFaults(problem.faults);
  showProblem(problem);
}

function inMaterial(name: string): void {
  element("material", HTMLSelectElement).value = name;
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
  showSize(part, readOrder(), offer);
  if (!part.asked) return;
  clearTimeout(typing);
  typing = setTimeout(() => void price(), AFTER_TYPING_MS);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void price().then((came) => came && element("result").scrollIntoView({ block: "nearest" }));
});
form.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement && target.type === "file")) optionsChanged();
});
element("cancel").addEventListener("click", cancel);
onFile((file) => void choose(file));
void start();
