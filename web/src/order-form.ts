/** The form: what it offers, what was chosen, and what is wrong with that. */

import { element, made } from "./elements.ts";
import { materialName, qualityName } from "./words.ts";
import type { FieldFault, Offer, Order, Range } from "./vocabulary.ts";

const STANDARD_UM = 200;

const form = element("order", HTMLFormElement);

/** Fills in what the service offers. */
export function showOffer(offer: Offer): void {
  const materials = offer.materials.map(({ name }) => new Option(materialName(name), name));
  element("material", HTMLSelectElement).replaceChildren(...materials);
  const qualities = offer.layer_thicknesses.map(({ value, name }) => quality(value, name));
  element("layer_thickness").replaceChildren(...qualities);
  limit("infill", offer.infill_percent);
  limit("quantity", offer.quantity);
}

/** The form's order as of now. */
export function readOrder(): Order {
  const chosen = new FormData(form);
  const text = (name: string) => String(chosen.get(name) ?? "");
  return {
    material: text("material"),
    layer_thickness: Number(text("layer_thickness")),
    infill: Number(text("infill")),
    quantity: Number(text("quantity")),
    rush: chosen.has("rush"),
    units: text("units"),
    orientation: text("orientation"),
    supports: text("supports"),
  };
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
  first?.closest("details")?.setAttribute("open", "");
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
  form.querySelectorAll(`[name="${field}"]`).forEach((input) => {
    input.setAttribute("aria-invalid", "true");
  });
  return true;
}

function isInvalid(control: Element): control is HTMLInputElement {
  return control instanceof HTMLInputElement && !control.validity.valid;
}

function quality(value: number, name: string): HTMLLabelElement {
  const input = document.createElement("input");
  Object.assign(input, { type: "radio", name: "layer_thickness", value: String(value) });
  input.checked = value === STANDARD_UM;
  const label = document.createElement("label");
  label.className = "choice";
  label.append(input, made("span", qualityName(name, value)));
  return label;
}

function limit(id: string, { min, max }: Range): void {
  const input = element(id, HTMLInputElement);
  input.min = String(min);
  input.max = String(max);
}
