/** A file dropped anywhere on the page counts as chosen. */

import { element } from "./elements.ts";

/** Calls back with each file that is chosen or dropped. */
export function onFile(chosen: (file: File) => void): void {
  const input = element("file", HTMLInputElement);
  const stage = element("stage");
  // Else the browser would not tell when a file of the same name is chosen again.
  input.addEventListener("click", () => (input.value = ""));
  input.addEventListener("change", () => input.files?.[0] && chosen(input.files[0]));

  // Chromium opens the dialog by the space bar only, and takes Enter for sending the form.
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    input.click();
  });

  addEventListener("dragover", (event) => {
    event.preventDefault();
    stage.classList.add("dropping");
  });
  addEventListener("dragleave", () => stage.classList.remove("dropping"));
  addEventListener("drop", (event) => {
    event.preventDefault();
    stage.classList.remove("dropping");
    const file = event.dataTransfer?.files[0];
    if (file !== undefined) chosen(file);
  });
}
