/** Figures as people read them. */

import type { AmountRange, JobStatus, Plate, Remark, Size } from "./vocabulary.ts";

const MINUTES_PER_HOUR = 60;
const BYTES_PER_UNIT = 1000;
const LEAST_IN_WHOLES = 10;

/** The page speaks English, whatever the shop's currency is. */
const LOCALE = "en-US";

const oneDecimal = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const longDate = new Intl.DateTimeFormat(LOCALE, { dateStyle: "long", timeZone: "UTC" });

/** Why a person looks at an order. A reason that is a warning has the service's own words. */
const REVIEW_REASONS: Readonly<Record<string, string>> = {
  total_above: "It is a large order.",
  print_hours_above: "It takes long to print.",
  support_share_above: "Much of it is support that has to be removed.",
};

/** `€1,234.50`: an amount with the decimals that the service gives it. */
export function money(amount: string, currency: string): string {
  const decimals = amount.split(".")[1]?.length ?? 0;
  const format = new Intl.NumberFormat(LOCALE, {
    style: "currency",
    currency,
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return format.format(Number(amount));
}

/** `About $12 to $15`, or with the decimals where whole amounts would say too little. */
export function about({ low, high }: AmountRange, currency: string): string {
  const whole = Number(low) >= LEAST_IN_WHOLES && Number(low) !== Number(high);
  const [from, to] = whole
    ? [Math.floor(Number(low)), Math.ceil(Number(high))].map((each) =>
        money(String(each), currency),
      )
    : [money(low, currency), money(high, currency)];
  return from === to ? `About ${from}` : `About ${from} to ${to}`;
}

/** `December 14, 2026` for `2026-12-14` */
export function date(day: string): string {
  return longDate.format(new Date(day));
}

/** `2 plates of 8 parts, 1 plate of 3 parts` */
export function plates(found: readonly Plate[]): string {
  return found
    .map(({ copies, times }) => `${counted(times, "plate")} of ${counted(copies, "part")}`)
    .join(", ");
}

/** Why a person looks at the order before its price binds, for the customer. */
export function reviewReason({ code, message }: Remark): string {
  return REVIEW_REASONS[code] ?? message;
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
  return `Ready in ${counted(days, "day")}`;
}

/** `1 day`, `2 days` */
export function counted(number: number, thing: string): string {
  return `${number} ${thing}${number === 1 ? "" : "s"}`;
}

/** `Fine, 0.1 mm` for the quality of 100 µm */
export function qualityName(name: string, micrometres: number): string {
  return `${name}, ${micrometres / 1000} mm`;
}

/** `Wall loops` for a slicer's key `wall_loops` */
export function settingName(key: string): string {
  const words = key.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
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
