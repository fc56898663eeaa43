/** The quote, in words and figures. */

import { element, made } from "./elements.ts";
import { materialOf } from "./offer.ts";
import { date, duration, grams, leadTime, money, plates, reviewReason, size } from "./words.ts";
import type { Named, Order, Quote, Shop } from "./vocabulary.ts";

/** More would be a second list of all the shop has. */
const MOST_MATERIALS = 12;

const section = element("result");
const materials = element("another");

/** Offers the materials; the buttons stay the same, so that none is lost under a finger. */
export function offerMaterials(
  offered: readonly Named[],
  chosen: (material: string) => void,
): void {
  materials.replaceChildren(...offered.map((each) => materialButton(each, chosen)));
  element("another-field").hidden = offered.length < 2 || offered.length > MOST_MATERIALS;
}

export function showResult(quote: Quote, order: Order, shop: Shop): void {
  const { price, currency, review } = quote;
  const reasons = review.reasons.map(({ code }) => code);
  const warnings = quote.warnings.filter(({ code }) => !reasons.includes(code));
  element("total").textContent = money(price.total, currency);
  element("tax").textContent = tax(quote);
  element("unit").textContent = parts(quote, order, shop);
  element("lead").textContent = leadTime(quote.lead_time_days);
  element("valid").textContent = `The price holds until ${date(quote.valid_until)}.`;
  element("review").hidden = !review.required;
  element("review-reasons").replaceChildren(...items(review.reasons.map(reviewReason)));
  element("warnings").replaceChildren(...items(warnings.map(({ message }) => message)));
  element("breakdown").replaceChildren(
    ...price.customer_lines.map((line) => row(line.label, money(line.amount, currency))),
  );
  element("breakdown-total").textContent = money(price.total, currency);
  element("facts").replaceChildren(...facts(quote, shop).flatMap(pair));
  for (const button of materials.querySelectorAll("button")) {
    button.ariaPressed = String(button.value === quote.print.material);
  }
  section.hidden = false;
  section.classList.remove("old");
}

/** Forgets what is shown. */
export function hideResult(): void {
  section.hidden = true;
}

/** Says that a newer quote is on its way. */
export function ageResult(): void {
  section.classList.add("old");
}

/** The quote in a sentence, for those who do not see it. */
export function resultInWords(quote: Quote): string {
  const total = money(quote.price.total, quote.currency);
  const words = [`The price is ${total}`, leadTime(quote.lead_time_days)];
  if (quote.review.required) words.push("We look at it before the price binds");
  const warnings = quote.warnings.map(({ message }) => message);
  return [`${words.join(". ")}.`, ...warnings].join(" ");
}

/** That the tax is in the price, where the shop shows it. */
function tax({ price, currency }: Quote): string {
  const line = price.customer_lines.find(({ code }) => code === "tax");
  return line === undefined ? "" : `${line.label} included: ${money(line.amount, currency)}`;
}

function parts({ quantity, price, currency }: Quote, order: Order, shop: Shop): string {
  const material = materialOf(shop, order.material);
  const colour = material?.colours.find(({ id }) => id === order.colour);
  const what = [material?.name ?? order.material, ...(colour ? [colour.name] : [])].join(", ");
  if (quantity === 1) return `for one part in ${what}`;
  return `for ${quantity} parts in ${what}, ${money(price.unit, currency)} each`;
}

function facts(quote: Quote, shop: Shop): [string, string][] {
  const { print } = quote;
  const each = quote.quantity === 1 ? "" : ", each";
  const found: [string, string][] = [
    [`Print time${each}`, duration(quote.print_time_hours)],
    [`Weight${each}`, grams(quote.filament_weight_g)],
  ];
  if (print.support_weight_g) found.push(["Of that, support", grams(print.support_weight_g)]);
  found.push(
    ["Size on the bed", size(print.dimensions_mm)],
    ["Layers", String(print.layers)],
    ["Complexity", print.complexity],
  );
  if (quote.quantity > 1) found.push(["Printed as", plates(quote.plates)]);
  if (shop.printers.length > 1) found.push(["Printer", quote.printer.name]);
  return found;
}

function items(sentences: readonly string[]): HTMLElement[] {
  return sentences.map((sentence) => made("li", sentence));
}

function pair([name, value]: [string, string]): HTMLElement[] {
  return [made("dt", name), made("dd", value)];
}

function row(label: string, amount: string): HTMLTableRowElement {
  const heading = made("th", label);
  heading.scope = "row";
  const line = document.createElement("tr");
  line.append(heading, made("td", amount));
  return line;
}

function materialButton(
  { id, name }: Named,
  chosen: (material: string) => void,
): HTMLButtonElement {
  const button = made("button", name);
  Object.assign(button, { type: "button", className: "small", value: id });
  button.addEventListener("click", () => chosen(id));
  return button;
}
