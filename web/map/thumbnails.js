/** @typedef {import("./points.js").Point} Point */

/** Browsers send about as many requests to one host at a time over HTTP/1.1. */
const MOST_AT_A_TIME = 6;
/** Thumbnails of 400 pixels; browsers free the decoded pixels of those out of use. */
const MOST_KEPT = 600;

/** Thumbnails of the images in view: a few requests at a time, and none for what has left the view. */
export class Thumbnails {
  /** @type {Map<string, {image: HTMLImageElement, loadedAt: number}>} by URL, the oldest use first */
  #loaded = new Map();
  /** @type {Set<string>} */
  #loading = new Set();
  /** @type {Set<string>} */
  #broken = new Set();
  /** @type {Point[]} */
  #wanted = [];

  /** @param {() => void} onLoad */
  constructor(onLoad) {
    this.onLoad = onLoad;
  }

  /** @param {Point[]} points in view, the most wanted first; replaces those wanted before */
  want(points) {
    this.#wanted = points;
    this.#next();
  }

  /**
   * @param {Point} point
   * @returns {{image: HTMLImageElement, loadedAt: number} | undefined} the time is performance.now()'s
   */
  get({ picture }) {
    const url = picture.thumbnail_url;
    const found = this.#loaded.get(url);
    if (found) {
      this.#loaded.delete(url);
      this.#loaded.set(url, found);
    }
    return found;
  }

  #next() {
    for (const { picture } of this.#wanted) {
      if (this.#loading.size >= MOST_AT_A_TIME) return;
      const url = picture.thumbnail_url;
      if (![this.#loaded, this.#loading, this.#broken].some((known) => known.has(url))) void this.#load(url);
    }
  }

  /** @param {string} url */
  async #load(url) {
    this.#loading.add(url);
    const image = new Image();
    image.src = url;
    try {
      await image.decode();
      this.#keep(url, image);
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#broken.add(url);
    }
    this.#loading.delete(url);
    this.#next();
  }

  /**
   * @param {string} url
   * @param {HTMLImageElement} image
   */
  #keep(url, image) {
    this.#loaded.set(url, { image, loadedAt: performance.now() });
    const [oldest = ""] = this.#loaded.keys();
    if (this.#loaded.size > MOST_KEPT) this.#loaded.delete(oldest);
    this.onLoad();
  }
}
