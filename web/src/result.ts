/** The quote, in words and figures. */

import { element, made } from "./elements.ts";
import { duration, grams, leadTime, materialName, money, size } from "./words.ts";
import type { Quote } from "./vocabulary.ts";

const section = element("result");
const materials = element("another");

/** Offers the materials; the buttons stay the same, so that none is lost under a finger. */
export function offerMaterials(names: readonly string[], chosen: (name: string) => void): void {
  materials.replaceChildren(...names.map((name) => materialButton(name, chosen)));
}

export function showResult(quote: Quote): void {
  element("total").textContent = money(quote.total_usd);
  element("unit").textContent = price(quote);
  element("lead").textContent = leadTime(quote.lead_time_days);
  element("warnings").replaceChildren(...quote.warnings.map(({ message }) => made("li", message)));
  element("breakdown").replaceChildren(
    ...quote.breakdown.map((line) => row(line.label, line.amount_usd)),
  );
  element("breakdown-total").textContent = money(quote.total_usd);
  element("facts").replaceChildren(...facts(quote).flatMap(pair));
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
  const words = [`The price is ${money(quote.total_usd)}`, leadTime(quote.lead_time_days)];
  const warnings = quote.warnings.map(({ message }) => message);
  return [`${words.join(". ")}.`, ...warnings].join(" ");
}

function price({ quantity, unit_usd, print }: Quote): string {
  const material = materialName(print.material);
  if (quantity === 1) return `for one part in ${material}`;
  return `for ${quantity} parts in ${material}, ${money(unit_usd)} each`;
}

function facts(quote: Quote): [string, string][] {
  const { print } = quote;
  const each = quote.quantity === 1 ? "" : ", each";
  const found: [string, string][] = [
    [`Print time${each}`, duration(quote.print_time_hours)],
    [`Weight${each}`, grams(quote.filament_weight_g)],
    ["Size on the bed", size(print.dimensions_mm)],
    ["Layers", String(print.layers)],
    ["Complexity", print.complexity],
  ];
  if (print.support_weight_g)
    found.splice(2, 0, ["Of that, support", grams(print.support_weight_g)]);
  return found;
}

function pair([name, value]: [string, string]): HTMLElement[] {
  return [made("dt", name), made("dd", value)];
}

function row(label: string, amount: number): HTMLTableRowElement {
  const heading = made("th", label);
  heading.scope = "row";
  const line = document.createElement("tr");
  line.append(heading, made("td", money(amount)));
  return line;
}

function materialButton(name: string, chosen: (name: string) => void): HTMLButtonElement {
  const button = made("button", materialName(name));
  Object.assign(button, { type: "button", className: "small", value: name });
  button.addEventListener("click", () => chosen(name));
  return button;
}
