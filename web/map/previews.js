import { thumbHashToRGBA } from "../vendor/thumbhash/thumbhash.js";

/** @typedef {import("./points.js").Point} Point */

/** Decoding one takes about 0.1 ms; a frame has 16. */
const PER_FRAME = 60;

/** Blurred pictures, decoded from thumbhashes as they come into view, a few in each frame. */
export class Previews {
  /** @type {WeakMap<Uint8Array, HTMLCanvasElement>} */
  #decoded = new WeakMap();
  #left = 0;

  startFrame() {
    this.#left = PER_FRAME;
  }

  /** Whether the next frame has more to show. */
  get late() {
    return this.#left <= 0;
  }

  /**
   * @param {Point} point
   * @returns {HTMLCanvasElement | undefined} nothing once this frame's share is used up
   */
  get({ thumbhash }) {
    const known = this.#decoded.get(thumbhash);
    if (known || this.#left-- <= 0) return known;
    const preview = decode(thumbhash);
    this.#decoded.set(thumbhash, preview);
    return preview;
  }
}

/** @param {Uint8Array} thumbhash */
function decode(thumbhash) {
  const { w, h, rgba } = thumbHashToRGBA(thumbhash);
  const canvas = Object.assign(document.createElement("canvas"), { width: w, height: h });
  canvas.getContext("2d")?.putImageData(new ImageData(new Uint8ClampedArray(rgba), w, h), 0, 0);
  return canvas;
}
