/**
 * The JSON that the service speaks, as far as the page reads it.
 *
 * The service's own schemas stand in `src/pricing_fdm/web/schemas.py` and `web/jobs/schemas.py`.
 */

export type Size = readonly [x: number, y: number, z: number];

/** What a customer chose; the fields of `POST /quote`. */
export interface Order {
  readonly material: string;
  readonly layer_thickness: number;
  readonly infill: number;
  readonly quantity: number;
  readonly rush: boolean;
  readonly units: string;
  readonly orientation: string;
  readonly supports: string;
}

/** Ends included. */
export interface Range {
  readonly min: number;
  readonly max: number;
}

/** What there is to choose from. */
export interface Offer {
  readonly materials: readonly { readonly name: string }[];
  readonly layer_thicknesses: readonly { readonly value: number; readonly name: string }[];
  readonly infill_percent: Range;
  readonly quantity: Range;
  readonly build_volume_mm: { readonly x: number; readonly y: number; readonly z: number };
}

/** A job has been taken on. */
export interface Accepted {
  readonly job_id: string;
  readonly upload_id?: string;
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

export interface Quote {
  readonly quote_id: string;
  readonly total_usd: number;
  readonly unit_usd: number;
  readonly quantity: number;
  readonly lead_time_days: number;
  readonly print_time_hours: number;
  readonly filament_weight_g: number;
  readonly breakdown: readonly {
    readonly code: string;
    readonly label: string;
    readonly amount_usd: number;
  }[];
  readonly print: {
    readonly material: string;
    readonly dimensions_mm: Size;
    readonly complexity: string;
    readonly support_weight_g?: number;
    readonly layers: number;
  };
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** How a job stands. */
export interface JobStatus {
  readonly status: "queued" | "processing" | "completed" | "failed";
  readonly progress?: number;
  /** How many workers take jobs, while queued; left out when that is not known. */
  readonly workers?: number;
  readonly data?: { readonly quote?: Quote; readonly error?: ProblemBody };
}
