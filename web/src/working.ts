/** What is going on, for the eye and for the ear. */

import { element, made } from "./elements.ts";
import type { Problem } from "./problem.ts";

const section = element("working");
const bar = element("progress", HTMLProgressElement);
const stage = element("stage-name");
const news = element("news");
const alerts = element("alert");

/** Shows how far it is. A screen reader hears the stages, not every percent. */
export function showProgress(name: string, percent: number): void {
  if (section.hidden) bar.value = 0;
  section.hidden = false;
  bar.value = Math.max(bar.value, percent);
  stage.textContent = `${name}: ${Math.round(bar.value)} %`;
  say(name);
}

export function hideProgress(): void {
  section.hidden = true;
  bar.value = 0;
}

/** Says it in the live region, once. */
export function say(words: string): void {
  if (news.textContent !== words) news.textContent = words;
}

export function showProblem(problem: Problem): void {
  const details = problem.faults
    .filter(({ field }) => document.getElementById(`${field}-error`) === null)
    .map(({ field, message }) => made("p", `${field}: ${message}`));
  alerts.replaceChildren(made("strong", problem.title), made("p", problem.message), ...details);
  alerts.scrollIntoView({ block: "nearest" });
}

export function hideProblem(): void {
  alerts.replaceChildren();
}
