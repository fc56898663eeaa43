/**
 * The JSON that the service speaks, as far as the page reads it.
 *
 * The service's own schemas stand in `src/pricing_fdm/web/schemas.py` and `web/jobs/schemas.py`.
 */

export type Size = readonly [x: number, y: number, z: number];

/** What a customer chose; the fields of `POST /quote`. */
export interface Order {
  readonly material: string;
  readonly quality: string;
  readonly printer: string;
  readonly colour?: string;
  readonly finishes: readonly string[];
  readonly speed?: string;
  readonly overrides: Readonly<Record<string, number | string>>;
  readonly infill: number;
  readonly quantity: number;
  readonly units: string;
  readonly orientation: string;
  readonly supports: string;
}

/** Ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** A choice and its name for people. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

export interface Printer extends Named {
  readonly build_volume_mm: { readonly x: number; readonly y: number; readonly z: number };
}

export interface Quality extends Named {
  readonly layer_thickness: number;
  readonly printers: readonly string[];
}

export interface Colour extends Named {
  readonly hex: string;
}

export interface Material extends Named {
  readonly description: string;
  readonly printers: readonly string[];
  readonly colours: readonly Colour[];
}

export interface Finish extends Named {
  readonly materials: readonly string[];
  readonly days: number;
}

/** What there is to choose from. */
export interface Shop {
  readonly name: string;
  readonly shop_version: string;
  /** Where its picture is. */
  readonly logo?: string;
  readonly printers: readonly Printer[];
  readonly qualities: readonly Quality[];
  readonly materials: readonly Material[];
  readonly finishes: readonly Finish[];
  readonly speeds: readonly Named[];
  readonly overrides: Readonly<Record<string, Range | readonly string[]>>;
  readonly infill_percent: Range;
  readonly quantity: Range;
  /** Whether the service gives estimates. */
  readonly estimates: boolean;
}

/** A file is on the server. */
export interface Kept {
  readonly upload_id: string;
}

/** A job has been taken on. */
export interface Accepted {
  readonly job_id: string;
}

/** RFC 9457 problem details. */
export interface ProblemBody {
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: string;
  readonly errors?: readonly FieldFault[];
}

export interface FieldFault {
  readonly field: string;
  readonly message: string;
}

/** A sentence of the service, and what it is about. */
export interface Remark {
  readonly code: string;
  readonly message: string;
}

export interface Plate {
  readonly copies: number;
  readonly times: number;
}

/** An amount is text, with the decimals of the currency. */
export interface PriceLine {
  readonly code: string;
  readonly label: string;
  readonly amount: string;
}

export interface Quote {
  readonly quote_id: string;
  readonly currency: string;
  readonly price: {
    readonly total: string;
    readonly unit: string;
    readonly customer_lines: readonly PriceLine[];
  };
  readonly quantity: number;
  readonly lead_time_days: number;
  readonly print_time_hours: number;
  readonly filament_weight_g: number;
  readonly plates: readonly Plate[];
  readonly shop_version: string;
  readonly valid_until: string;
  readonly review: { readonly required: boolean; readonly reasons: readonly Remark[] };
  readonly print: {
    readonly material: string;
    readonly dimensions_mm: Size;
    readonly complexity: string;
    readonly support_weight_g?: number;
    readonly layers: number;
  };
  readonly printer: Named;
  readonly warnings: readonly Remark[];
}

/** Where an amount probably lies. */
export interface AmountRange {
  readonly low: string;
  readonly high: string;
}

/** What an order would probably come to; without a price where only a slice can tell. */
export interface Estimate {
  readonly currency: string;
  readonly price?: AmountRange;
  /** With the printer left open, where there is a choice. */
  readonly printers?: readonly { readonly id: string; readonly price?: AmountRange }[];
}

/** How a job stands. */
export interface JobStatus {
  readonly status: "queued" | "processing" | "completed" | "failed";
  readonly progress?: number;
  /** How many workers take jobs, while queued; left out when that is not known. */
  readonly workers?: number;
  readonly data?: { readonly quote?: Quote; readonly error?: ProblemBody };
}
