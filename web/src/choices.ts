/** The fields of the form that are filled in by the shop; what is not to be had is not offered. */

import { element, made } from "./elements.ts";
import { roomOf } from "./fit.ts";
import { AUTO, finishesFor, materialOf, printersFor, qualitiesFor, usualQuality } from "./offer.ts";
import { about, counted, qualityName, settingName, size } from "./words.ts";
import type { Colour, Estimate, Finish, Named, Range, Shop } from "./vocabulary.ts";

/** What the names of the fields of `overrides` begin with. */
export const OVERRIDE = "overrides.";

/** Stands between a printer and its price. */
const PRICE = " — ";

const material = element("material", HTMLSelectElement);
const printer = element("printer", HTMLSelectElement);
const qualities = element("qualities");
const colours = element("colours");
const finishes = element("finishes");

/** Offers what the shop has; what was chosen before stays so, as far as it is still there. */
export function showShop(shop: Shop): void {
  element("shop-name").textContent = shop.name;
  showLogo(shop);
  fill(material, shop.materials.map(option));
  showSpeeds(shop.speeds);
  element("overrides").replaceChildren(...Object.entries(shop.overrides).map(override));
  limit(element("infill", HTMLInputElement), shop.infill_percent);
  limit(element("quantity", HTMLInputElement), shop.quantity);
  followMaterial(shop);
}

function showLogo({ logo }: Shop): void {
  const picture = element("logo", HTMLImageElement);
  picture.hidden = logo === undefined;
  if (logo !== undefined) picture.src = logo;
}

/** Offers what goes with the material that is chosen. */
export function followMaterial(shop: Shop): void {
  const chosen = materialOf(shop, material.value);
  element("material-hint").textContent = chosen?.description ?? "";
  const offered = qualitiesFor(shop, material.value);
  const before = checked(qualities)[0];
  const now = offered.find(({ id }) => id === before) ?? usualQuality(offered);
  qualities.replaceChildren(
    ...offered.map((each) => {
      const name = qualityName(each.name, each.layer_thickness);
      return choice("radio", "quality", each.id, made("span", name), each === now);
    }),
  );
  showColours(chosen?.colours ?? []);
  showFinishes(finishesFor(shop, material.value));
  followQuality(shop);
}

/** Offers the printers that have the material and the quality. */
export function followQuality(shop: Shop): void {
  const [quality = ""] = checked(qualities);
  const able = printersFor(shop, { material: material.value, quality, printer: AUTO });
  const names = able.map((each) => new Option(`${each.name}, ${size(roomOf(each))}`, each.id));
  fill(printer, [new Option("The first that suits", AUTO), ...names]);
  element("printer-field").hidden = shop.printers.length === 1;
}

/** Says at each printer what it would probably charge, where that is known. */
export function pricePrinters(estimate: Estimate | undefined): void {
  for (const option of printer.options) {
    const [name = ""] = option.text.split(PRICE);
    const price = estimate?.printers?.find(({ id }) => id === option.value)?.price;
    option.text = price && estimate ? name + PRICE + about(price, estimate.currency) : name;
  }
}

function showSpeeds(speeds: readonly Named[]): void {
  const options = [new Option("As usual", ""), ...speeds.map(option)];
  fill(element("speed", HTMLSelectElement), options);
  element("speed-field").hidden = speeds.length === 0;
}

function showColours(offered: readonly Colour[]): void {
  const [before] = checked(colours);
  const now = offered.find(({ id }) => id === before)?.id ?? "";
  const any = choice("radio", "colour", "", made("span", "Any"), now === "");
  const others = offered.map(({ id, name, hex }) =>
    choice("radio", "colour", id, swatch(hex, name), id === now),
  );
  colours.replaceChildren(...(offered.length === 0 ? [] : [any, ...others]));
  element("colour-field").hidden = offered.length === 0;
}

function showFinishes(offered: readonly Finish[]): void {
  const before = checked(finishes);
  finishes.replaceChildren(
    ...offered.map(({ id, name, days }) => {
      const words = days === 0 ? name : `${name}, ${counted(days, "day")} more`;
      return choice("checkbox", "finishes", id, made("span", words), before.includes(id));
    }),
  );
  element("finishes-field").hidden = offered.length === 0;
}

/** A setting of the slicer; left empty it is as the shop has it. */
function override([key, allowed]: [string, Range | readonly string[]]): HTMLElement {
  const label = made("label", settingName(key));
  const input = "min" in allowed ? numberField(allowed) : wordField(allowed);
  const name = OVERRIDE + key;
  Object.assign(input, { id: name, name });
  label.htmlFor = name;
  const fault = made("p", "");
  Object.assign(fault, { id: `${name}-error`, className: "field-error" });
  input.setAttribute("aria-describedby", fault.id);
  const field = document.createElement("div");
  field.className = "field";
  field.append(label, input, fault);
  return field;
}

function numberField(allowed: Range): HTMLInputElement {
  const input = document.createElement("input");
  Object.assign(input, { type: "number", step: "any", placeholder: "As usual" });
  limit(input, allowed);
  return input;
}

function wordField(words: readonly string[]): HTMLSelectElement {
  const select = document.createElement("select");
  const named = words.map((word) => new Option(settingName(word), word));
  select.replaceChildren(new Option("As usual", ""), ...named);
  return select;
}

function option({ id, name }: Named): HTMLOptionElement {
  return new Option(name, id);
}

/** Fills a list anew; what was chosen stays so if it is still there. */
function fill(select: HTMLSelectElement, options: readonly HTMLOptionElement[]): void {
  const before = select.value;
  select.replaceChildren(...options);
  if (options.some(({ value }) => value === before)) select.value = before;
}

/** The values that are chosen in a group. */
function checked(group: HTMLElement): string[] {
  const inputs = group.querySelectorAll<HTMLInputElement>("input:checked");
  return [...inputs].map(({ value }) => value);
}

function choice(
  type: "radio" | "checkbox",
  name: string,
  value: string,
  words: HTMLElement,
  isChosen: boolean,
): HTMLLabelElement {
  const input = document.createElement("input");
  Object.assign(input, { type, name, value, checked: isChosen });
  const label = document.createElement("label");
  label.className = "choice";
  label.append(input, words);
  return label;
}

function swatch(hex: string, name: string): HTMLElement {
  const words = made("span", name);
  const colour = made("span", "");
  colour.className = "swatch";
  colour.style.backgroundColor = hex;
  words.prepend(colour);
  return words;
}

function limit(input: HTMLInputElement, { min, max }: Range): void {
  input.min = String(min);
  input.max = String(max);
}
