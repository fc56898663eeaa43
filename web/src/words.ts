/** Figures as people read them. */

import type { JobStatus, Size } from "./vocabulary.ts";

const MINUTES_PER_HOUR = 60;
const BYTES_PER_UNIT = 1000;

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const oneDecimal = new Intl.NumberFormat("en-US", { maximumFractionDigits: 1 });

/** `$1,234.50` */
export function money(usd: number): string {
  return dollars.format(usd);
}

/** `4 h 05 min`; a part takes at least a minute. */
export function duration(hours: number): string {
  const minutes = Math.max(1, Math.round(hours * MINUTES_PER_HOUR));
  if (minutes < MINUTES_PER_HOUR) return `${minutes} min`;
  const rest = String(minutes % MINUTES_PER_HOUR).padStart(2, "0");
  return `${Math.floor(minutes / MINUTES_PER_HOUR)} h ${rest} min`;
}

/** `20 × 20 × 5.5 mm` */
export function size(mm: Size): string {
  return `${mm.map((each) => oneDecimal.format(each)).join(" × ")} mm`;
}

/** `12.3 g` */
export function grams(weight: number): string {
  return `${oneDecimal.format(weight)} g`;
}

/** `1.4 MB` */
export function fileSize(bytes: number): string {
  const units = ["bytes", "kB", "MB", "GB"];
  let left = bytes;
  let unit = 0;
  while (left >= BYTES_PER_UNIT && unit < units.length - 1) {
    left /= BYTES_PER_UNIT;
    unit += 1;
  }
  return `${oneDecimal.format(left)} ${units[unit]}`;
}

/** `Ready in 2 days` */
export function leadTime(days: number): string {
  return `Ready in ${days} ${days === 1 ? "day" : "days"}`;
}

/** `PLA`, but `Nylon` */
export function materialName(name: string): string {
  return name === "nylon" ? "Nylon" : name.toUpperCase();
}

/** `Fine, 0.1 mm` for the quality of 100 µm */
export function qualityName(name: string, micrometres: number): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}, ${micrometres / 1000} mm`;
}

/** What the service does to a job; the shares of percent are those of `jobs/progress.py`. */
export function stageName(status: JobStatus): string {
  if (status.status === "queued") {
    if (status.workers === 0) return "Waiting, none of our slicing machines is running";
    return "Waiting for our turn";
  }
  const percent = status.progress ?? 0;
  if (percent < 10) return "Fetching your file";
  if (percent < 20) return "Checking the model";
  if (percent < 95) return "Slicing layer by layer";
  return "Working out the price";
}
