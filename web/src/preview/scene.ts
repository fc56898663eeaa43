/**
 * One part on the printer's bed, to be turned by hand.
 *
 * Draws only when something has changed. One renderer serves all files of the page; what a file
 * took from the graphics card is given back before the next one is shown.
 */

import {
  BufferAttribute,
  BufferGeometry,
  DirectionalLight,
  GridHelper,
  HemisphereLight,
  Mesh,
  MeshStandardMaterial,
  PerspectiveCamera,
  Scene,
  Sphere,
  Vector3,
  WebGLRenderer,
} from "three";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";
import { type Box, type Corners, sizeOf } from "./corners.ts";

const MOST_PIXEL_RATIO = 2;
const BED_CELLS = 12;
const BED_PER_RADIUS = 3.2;
const GREY = 0x7a8794;
const VIEW_ANGLE = 35;
const VIEW_FROM = new Vector3(0.75, -1, 0.6).normalize();

export class PartScene {
  readonly #renderer: WebGLRenderer;
  readonly #scene = new Scene();
  readonly #camera = new PerspectiveCamera(VIEW_ANGLE);
  readonly #controls: OrbitControls;
  readonly #part: Mesh<BufferGeometry, MeshStandardMaterial>;
  readonly #grid = new GridHelper(1, BED_CELLS, GREY, GREY);

  constructor(canvas: HTMLCanvasElement, context: WebGL2RenderingContext) {
    this.#renderer = new WebGLRenderer({ canvas, context, antialias: true, alpha: true });
    this.#renderer.setPixelRatio(Math.min(devicePixelRatio, MOST_PIXEL_RATIO));
    const color = getComputedStyle(canvas).getPropertyValue("--part").trim();
    const material = new MeshStandardMaterial({ color, flatShading: true, roughness: 0.75 });
    this.#part = new Mesh(new BufferGeometry(), material);
    this.#camera.up.set(0, 0, 1);
    const lamp = new DirectionalLight(0xffffff, 1.6);
    lamp.position.set(-0.9, 0.4, 0.6);
    this.#camera.add(lamp);
    this.#grid.material.transparent = true;
    this.#grid.material.opacity = 0.35;
    this.#grid.rotation.x = Math.PI / 2;
    const sky = new HemisphereLight(0xffffff, 0x667788, 1.9);
    sky.position.set(0, 0, 1);
    this.#scene.add(this.#camera, this.#part, this.#grid, sky);
    this.#controls = new OrbitControls(this.#camera, canvas);
    this.#controls.enablePan = false;
    canvas.style.touchAction = "pan-y"; // A finger that scrolls the page may cross the part.
    this.#controls.autoRotateSpeed = 2.5;
    this.#controls.addEventListener("change", () => this.#draw());
    new ResizeObserver(() => this.#resize()).observe(canvas);
  }

  /** Calls back when a hand takes the part. */
  onGrab(grabbed: () => void): void {
    this.#controls.addEventListener("start", grabbed);
  }

  /** Whether the part turns by itself. */
  set turning(turning: boolean) {
    this.#controls.autoRotate = turning;
    this.#renderer.setAnimationLoop(turning ? () => void this.#controls.update() : null);
  }

  /** Shows a part in place of the one before. */
  show(corners: Corners, box: Box): void {
    const radius = new Vector3(...sizeOf(box)).length() / 2;
    this.#part.geometry.dispose();
    this.#part.geometry = geometryOf(corners, radius);
    const middle = (axis: 0 | 1 | 2) => (box.low[axis] + box.high[axis]) / 2;
    this.#part.geometry.translate(-middle(0), -middle(1), -middle(2));
    this.#layGrid(-sizeOf(box)[2] / 2, radius);
    this.#look(radius);
    this.#resize();
  }

  /** Gives back what the part took. */
  clear(): void {
    this.turning = false;
    this.#part.geometry.dispose();
    this.#part.geometry = new BufferGeometry();
  }

  #look(radius: number): void {
    const distance = (radius / Math.sin((VIEW_ANGLE * Math.PI) / 360)) * 1.1;
    this.#camera.near = radius / 50;
    this.#camera.far = radius * 50;
    this.#camera.position.copy(VIEW_FROM).multiplyScalar(distance);
    this.#controls.target.set(0, 0, 0);
    this.#controls.minDistance = radius * 1.2;
    this.#controls.maxDistance = distance * 4;
    this.#controls.update();
  }

  /** The bed under the part; as large as the picture needs it, not as the printer's is. */
  #layGrid(z: number, radius: number): void {
    this.#grid.scale.setScalar(radius * BED_PER_RADIUS);
    this.#grid.position.z = z;
  }

  #resize(): void {
    const { clientWidth: width, clientHeight: height } = this.#renderer.domElement;
    if (width === 0 || height === 0) return;
    this.#renderer.setSize(width, height, false);
    this.#camera.aspect = width / height;
    // The angle is that of the height; a narrow picture must hold the part as well.
    const narrow = Math.min(1, this.#camera.aspect);
    const tangent = Math.tan((VIEW_ANGLE * Math.PI) / 360) / narrow;
    this.#camera.fov = (Math.atan(tangent) * 360) / Math.PI;
    this.#camera.updateProjectionMatrix();
    this.#draw();
  }

  #draw(): void {
    this.#renderer.render(this.#scene, this.#camera);
  }
}

function geometryOf(corners: Corners, radius: number): BufferGeometry {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(corners, 3));
  geometry.boundingSphere = new Sphere(new Vector3(), radius);
  return geometry;
}
