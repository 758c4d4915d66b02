/** @typedef {import("./api.js").Picture & {etag?: string, state?: string}} Known */

/** Some megabytes at most. */
const MOST = 5_000;

/** The latest description of each image in any response. The oldest ones are dropped. */
class ImageStore {
  /** @type {Map<string, Known>} */
  #images = new Map();

  /** @param {Known[]} images */
  remember(images) {
    for (const image of images) {
      this.#images.delete(image.key);
      this.#images.set(image.key, image);
    }
    for (const key of this.#images.keys()) {
      if (this.#images.size <= MOST) return;
      this.#images.delete(key);
    }
  }

  /** @param {string} key */
  get(key) {
    return this.#images.get(key);
  }
}

export const store = new ImageStore();
