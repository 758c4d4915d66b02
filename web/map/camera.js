/**
 * A place of the map, 0…1 both ways.
 *
 * @typedef {{x: number, y: number}} Place
 * @typedef {{x: number, y: number, zoom: number}} View What is in the middle, and how much larger than the whole map.
 */

/** @type {View} */
export const WHOLE = { x: 0.5, y: 0.5, zoom: 1 };

/** Between places of the map and CSS pixels of the canvas. The map is as wide and as high as the canvas. */
export class Camera {
  /** @type {View} */
  #view = WHOLE;
  width = 1;
  height = 1;
  mostZoom = 1;
  /** Around the whole map, CSS pixels. */
  margin = 0;

  get view() {
    return this.#view;
  }

  /** Keeps the map in sight: its edge comes no further than to three quarters of the canvas. */
  set view({ x, y, zoom }) {
    const near = clamp(zoom, 1, this.mostZoom);
    const reach = 0.5 - 0.25 / near;
    this.#view = { x: clamp(x, 0.5 - reach, 0.5 + reach), y: clamp(y, 0.5 - reach, 0.5 + reach), zoom: near };
  }

  /** The whole map's width in CSS pixels. */
  get across() {
    return Math.max(this.width - 2 * this.margin, 1);
  }

  /** The whole map's height in CSS pixels. */
  get down() {
    return Math.max(this.height - 2 * this.margin, 1);
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height CSS pixels
   */
  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  /**
   * @param {Place} place
   * @returns {{left: number, top: number}}
   */
  toCanvas({ x, y }) {
    const { x: middle, y: centre, zoom } = this.#view;
    return { left: this.width / 2 + (x - middle) * this.across * zoom, top: this.height / 2 + (y - centre) * this.down * zoom };
  }

  /**
   * @param {number} right CSS pixels that the map moves
   * @param {number} down
   */
  pan(right, down) {
    const { x, y, zoom } = this.#view;
    this.view = { x: x - right / (this.across * zoom), y: y - down / (this.down * zoom), zoom };
  }

  /**
   * @param {number} factor
   * @param {number} [left] the point of the canvas that stays where it is
   * @param {number} [top]
   * @returns {View}
   */
  zoomed(factor, left = this.width / 2, top = this.height / 2) {
    const { x, y, zoom } = this.#view;
    const near = clamp(zoom * factor, 1, this.mostZoom);
    const moved = 1 / zoom - 1 / near;
    return {
      x: x + ((left - this.width / 2) / this.across) * moved,
      y: y + ((top - this.height / 2) / this.down) * moved,
      zoom: near,
    };
  }
}

/**
 * @param {number} value
 * @param {number} lowest
 * @param {number} highest
 */
export function clamp(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}
