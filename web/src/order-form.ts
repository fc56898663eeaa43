/** The form: what was chosen, and what is wrong with that. */

import { OVERRIDE } from "./choices.ts";
import { element } from "./elements.ts";
import type { FieldFault, Order } from "./vocabulary.ts";

const form = element("order", HTMLFormElement);

/** The form's order as of now. What is left open is left out. */
export function readOrder(): Order {
  const chosen = new FormData(form);
  const text = (name: string) => String(chosen.get(name) ?? "");
  const [colour, speed] = [text("colour"), text("speed")];
  return {
    material: text("material"),
    quality: text("quality"),
    printer: text("printer"),
    ...(colour && { colour }),
    finishes: chosen.getAll("finishes").map(String),
    ...(speed && { speed }),
    overrides: readOverrides(),
    infill: Number(text("infill")),
    quantity: Number(text("quantity")),
    units: text("units"),
    orientation: text("orientation"),
    supports: text("supports"),
  };
}

function readOverrides(): Record<string, number | string> {
  const fields = form.querySelectorAll<HTMLInputElement | HTMLSelectElement>(
    `[name^="${OVERRIDE}"]`,
  );
  const filled = [...fields].filter(({ value }) => value !== "");
  return Object.fromEntries(
    filled.map(({ name, type, value }) => [
      name.slice(OVERRIDE.length),
      type === "number" ? Number(value) : value,
    ]),
  );
}

/** Says at each field what the browser can already tell; whether all are good. */
export function checkFields(): boolean {
  clearFaults();
  const wrong = [...form.elements].filter(isInvalid);
  return showFaults(
    wrong.map((input) => ({ field: input.name, message: input.validationMessage })),
  );
}

/** Says at each field what is wrong, and goes to the first; whether there was nothing to say. */
export function showFaults(faults: readonly FieldFault[]): boolean {
  const shown = faults.filter(({ field, message }) => showFault(field, message));
  const first = form.querySelector<HTMLElement>("[aria-invalid=true]");
  first?.focus();
  return shown.length === 0;
}

export function clearFaults(): void {
  form.querySelectorAll(".field-error").forEach((place) => (place.textContent = ""));
  form.querySelectorAll("[aria-invalid]").forEach((input) => input.removeAttribute("aria-invalid"));
}

function showFault(field: string, message: string): boolean {
  const place = document.getElementById(`${field}-error`);
  if (place === null) return false;
  place.textContent = message;
  place.closest("details")?.setAttribute("open", "");
  form.querySelectorAll(`[name="${field}"]`).forEach((input) => {
    input.setAttribute("aria-invalid", "true");
  });
  return true;
}

function isInvalid(control: Element): control is HTMLInputElement {
  return control instanceof HTMLInputElement && !control.validity.valid;
}
