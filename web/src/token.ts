/** The bearer token of a server that wants one: asked for once, kept until the tab is closed. */

import { element } from "./elements.ts";

const KEY = "pricing-fdm-token";
const dialog = element("token-dialog", HTMLDialogElement);
const input = element("token", HTMLInputElement);
let asking: Promise<boolean> | undefined;

/** The headers of a request. */
export function authorization(): Headers {
  const token = sessionStorage.getItem(KEY);
  return new Headers(token ? { Authorization: `Bearer ${token}` } : {});
}

/** Asks the customer; says whether there is a token to try. All who ask share one dialog. */
export function askForToken(): Promise<boolean> {
  asking ??= answered().finally(() => (asking = undefined));
  return asking;
}

function answered(): Promise<boolean> {
  const refused = sessionStorage.getItem(KEY) !== null;
  element("token-hint").textContent = refused
    ? "That token is not valid here."
    : "It is kept until you close this tab.";
  input.value = "";
  dialog.showModal();
  return new Promise((resolve) => {
    dialog.onclose = () => resolve(dialog.returnValue === "token");
    dialog.returnValue = "";
  });
}

element("token-form").addEventListener("submit", (event) => {
  event.preventDefault();
  if (!isToken(input.value.trim())) return;
  sessionStorage.setItem(KEY, input.value.trim());
  dialog.close("token");
});
element("token-cancel").addEventListener("click", () => dialog.close(""));

/** What a header can carry; anything else would fail in the browser. */
function isToken(text: string): boolean {
  return /^[\x21-\x7e]+$/.test(text);
}
