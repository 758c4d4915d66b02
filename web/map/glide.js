/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./camera.js").Place} Place */
/** @typedef {import("./camera.js").View} View */

const MILLISECONDS = 250;
/** Share of the canvas. */
const EDGE = 0.05;

/** A camera's smooth way to another view; at once for those who want less motion. */
export class Glide {
  #still = matchMedia("(prefers-reduced-motion: reduce)");
  /** @type {{from: View, to: View, since: number} | undefined} */
  #way;

  /** @param {Camera} camera */
  constructor(camera) {
    this.camera = camera;
  }

  get moving() {
    return Boolean(this.#way);
  }

  /** @param {View} view */
  to(view) {
    if (this.#still.matches) this.camera.view = view;
    else this.#way = { from: this.camera.view, to: view, since: performance.now() };
  }

  /**
   * Brings a place to the middle, unless it is well in view.
   *
   * @param {Place} place
   */
  into({ x, y }) {
    const { left, top } = this.camera.toCanvas({ x, y });
    const [across, down] = [left / this.camera.width, top / this.camera.height];
    if (Math.min(across, down, 1 - across, 1 - down) < EDGE) this.to({ ...this.camera.view, x, y });
  }

  stop() {
    this.#way = undefined;
  }

  /** Moves the camera to where it is by now. */
  moveOn() {
    if (!this.#way) return;
    const { from, to, since } = this.#way;
    const done = Math.min((performance.now() - since) / MILLISECONDS, 1);
    const share = 1 - (1 - done) ** 3;
    const between = (/** @type {keyof View} */ name) => from[name] + (to[name] - from[name]) * share;
    this.camera.view = { x: between("x"), y: between("y"), zoom: between("zoom") };
    if (done === 1) this.stop();
  }
}
