/** Whether a part can be expected to fit a printer; the service has the last word. */

import type { Printer, Size } from "./vocabulary.ts";

const MM_PER_UNIT: Readonly<Record<string, number>> = { mm: 1, cm: 10, m: 1000, inch: 25.4 };

/** A size in the file's unit, in millimetres. */
export function inMillimetres(size: Size, unit: string): Size {
  const factor = MM_PER_UNIT[unit] ?? 1;
  return [size[0] * factor, size[1] * factor, size[2] * factor];
}

/** The room in a printer. */
export function roomOf({ build_volume_mm: { x, y, z } }: Printer): Size {
  return [x, y, z];
}

/**
 * Compares the boxes: as the part lies, turned on the bed by a quarter, or, when it may be turned
 * in any way, its longest side with the printer's longest.
 */
export function fits(part: Size, printer: Size, mayTurn: boolean): boolean {
  if (mayTurn) return inside(sorted(part), sorted(printer));
  const [[px, py, pz], [x, y, z]] = [part, printer];
  return pz <= z && inside(sorted([px, py]), sorted([x, y]));
}

function sorted(sides: readonly number[]): number[] {
  return [...sides].sort((a, b) => a - b);
}

function inside(part: readonly number[], printer: readonly number[]): boolean {
  return part.every((side, index) => side <= (printer[index] ?? 0));
}
