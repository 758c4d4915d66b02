import { announce } from "../core/dom.js";
import { formatCount } from "../core/format.js";

/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** The selected images. Each change dispatches an event and is announced to screen readers. */
export class Selection extends EventTarget {
  /** @type {Map<string, TilePicture>} */
  #chosen = new Map();
  /** Where a range starts: the image that was chosen last. */
  #start = "";

  get size() {
    return this.#chosen.size;
  }

  get pictures() {
    return [...this.#chosen.values()];
  }

  /** @param {string} key */
  has(key) {
    return this.#chosen.has(key);
  }

  /** @param {TilePicture} picture */
  toggle(picture) {
    if (!this.#chosen.delete(picture.key)) this.#chosen.set(picture.key, picture);
    this.#start = picture.key;
    this.#tell();
  }

  /**
   * Adds what lies between the image chosen last and this one.
   *
   * @param {TilePicture} picture
   * @param {TilePicture[]} list in the order on show
   */
  extend(picture, list) {
    const end = list.findIndex(({ key }) => key === picture.key);
    const start = list.findIndex(({ key }) => key === this.#start);
    const from = start < 0 ? end : start;
    this.add(list.slice(Math.min(from, end), Math.max(from, end) + 1));
    this.#start = list[from].key;
  }

  /** @param {TilePicture[]} pictures */
  add(pictures) {
    for (const picture of pictures) this.#chosen.set(picture.key, picture);
    this.#tell();
  }

  clear() {
    if (this.size === 0) return;
    this.#chosen.clear();
    this.#tell();
  }

  #tell() {
    announce(this.size ? `${formatCount(this.size, "image")} selected.` : "Nothing is selected.");
    this.dispatchEvent(new Event("change"));
  }
}
