/** An order and its file as the service takes them in one form. */

import type { Order } from "./vocabulary.ts";

export function formOf(file: File, order: Order): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(order)) form.set(name, asText(value));
  form.set("file", file, "model");
  return form;
}

/** Lists and objects go into a form as JSON. */
function asText(value: unknown): string {
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
