/**
 * Reads 3MF. It is XML in a ZIP, and only the page itself has a parser for XML: so what is inside
 * may not be large.
 */

import { type BufferGeometry, Mesh, type Object3D } from "three";
import { strFromU8, unzipSync } from "three/examples/jsm/libs/fflate.module.js";
import { ThreeMFLoader } from "three/examples/jsm/loaders/3MFLoader.js";
import { type Corners, joined } from "./corners.ts";

const MOST_UNPACKED_BYTES = 40_000_000;
const ROOT_MODEL = /^3D\/[^/]*\.model$/i;
const MM_PER_UNIT: Readonly<Record<string, number>> = {
  micron: 0.001,
  millimeter: 1,
  centimeter: 10,
  inch: 25.4,
  foot: 304.8,
  meter: 1000,
};

/** In millimetres; undefined when it is too large to be read here. Throws on a damaged file. */
export function parse3mf(bytes: ArrayBuffer): Corners | undefined {
  if (unpackedBytes(bytes) > MOST_UNPACKED_BYTES) return undefined;
  const group = new ThreeMFLoader().parse(bytes);
  group.scale.setScalar(MM_PER_UNIT[unitOf(bytes)] ?? 1);
  group.updateMatrixWorld(true);
  const lists: Corners[] = [];
  group.traverse((part) => {
    if (part instanceof Mesh) lists.push(placed(part.geometry, part));
  });
  return joined(lists);
}

function placed(geometry: BufferGeometry, part: Object3D): Corners {
  const flat = geometry.index === null ? geometry.clone() : geometry.toNonIndexed();
  return new Float32Array(flat.applyMatrix4(part.matrixWorld).getAttribute("position").array);
}

function unpackedBytes(bytes: ArrayBuffer): number {
  let sum = 0;
  unzipSync(new Uint8Array(bytes), {
    filter: ({ originalSize }) => {
      sum += originalSize;
      return false;
    },
  });
  return sum;
}

/** three's loader leaves the numbers as they are. */
function unitOf(bytes: ArrayBuffer): string {
  const models = unzipSync(new Uint8Array(bytes), { filter: ({ name }) => ROOT_MODEL.test(name) });
  const root = Object.values(models)[0]?.subarray(0, 4096);
  return (root && /<model[^>]*\sunit="([a-z]+)"/.exec(strFromU8(root))?.[1]) ?? "millimeter";
}
