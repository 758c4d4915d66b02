/** @typedef {import("../core/api.js").Picture & {etag?: string}} Picture */

/**
 * Images that are deleted, or will be unless the deletion is undone. No list shows them, even while the index still
 * finds them. A newer image of the same key is another one.
 */
class HiddenImages extends EventTarget {
  /** @type {Map<string, string | undefined>} */
  #etags = new Map();

  /** @param {{key: string, etag?: string}} picture */
  holds({ key, etag }) {
    return this.#etags.has(key) && this.#etags.get(key) === etag;
  }

  /** @param {Picture[]} pictures */
  add(pictures) {
    for (const { key, etag } of pictures) this.#etags.set(key, etag);
    this.dispatchEvent(new Event("change"));
  }

  /** @param {Picture[]} pictures */
  restore(pictures) {
    for (const { key } of pictures) this.#etags.delete(key);
    this.dispatchEvent(new Event("change"));
  }
}

export const hiddenImages = new HiddenImages();
