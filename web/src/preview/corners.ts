/** Triangles as a flat list of their corners' coordinates, in the file's own unit. */

import type { Size } from "../vocabulary.ts";

export type Corners = Float32Array<ArrayBuffer>;

export interface Box {
  readonly low: Size;
  readonly high: Size;
}

/** The smallest box around them; undefined where there is no triangle or a figure is none. */
export function boxAround(corners: Corners): Box | undefined {
  const low: [number, number, number] = [Infinity, Infinity, Infinity];
  const high: [number, number, number] = [-Infinity, -Infinity, -Infinity];
  for (let index = 0; index < corners.length; index += 3) {
    for (const axis of [0, 1, 2] as const) {
      const value = corners[index + axis] ?? NaN;
      if (!Number.isFinite(value)) return undefined;
      low[axis] = Math.min(low[axis], value);
      high[axis] = Math.max(high[axis], value);
    }
  }
  return corners.length > 0 ? { low, high } : undefined;
}

export function sizeOf({ low, high }: Box): Size {
  return [high[0] - low[0], high[1] - low[1], high[2] - low[2]];
}

/** One list of several. */
export function joined(lists: readonly Corners[]): Corners {
  const all = new Float32Array(lists.reduce((sum, list) => sum + list.length, 0));
  let end = 0;
  for (const list of lists) {
    all.set(list, end);
    end += list.length;
  }
  return all;
}
