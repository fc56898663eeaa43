/** Reads STL and OBJ beside the page, so that a large file does not freeze it. */

import type { BufferGeometry, Group, Mesh } from "three";
import { OBJLoader } from "three/examples/jsm/loaders/OBJLoader.js";
import { STLLoader } from "three/examples/jsm/loaders/STLLoader.js";
import { joined, type Corners } from "./corners.ts";

export interface ParseRequest {
  readonly format: "stl" | "obj";
  readonly bytes: ArrayBuffer;
}

export interface ParseAnswer {
  /** Missing when the file cannot be read. */
  readonly corners?: Corners;
}

self.addEventListener("message", ({ data }: MessageEvent<ParseRequest>) => {
  try {
    const corners = parse(data);
    self.postMessage({ corners } satisfies ParseAnswer, { transfer: [corners.buffer] });
  } catch {
    self.postMessage({} satisfies ParseAnswer);
  }
});

function parse({ format, bytes }: ParseRequest): Corners {
  if (format === "stl") return positions(new STLLoader().parse(bytes));
  return joined(meshes(new OBJLoader().parse(new TextDecoder().decode(bytes))).map(positions));
}

function meshes(group: Group): BufferGeometry[] {
  return group.children
    .filter((child): child is Mesh => "isMesh" in child)
    .map((mesh) => mesh.geometry);
}

function positions(geometry: BufferGeometry): Corners {
  return new Float32Array(geometry.getAttribute("position").array);
}
