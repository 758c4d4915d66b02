import { listImages } from "../core/api.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {{prefix: string, cursor: string | null | undefined, limit: number}} Query of a page of the gallery */

const FIRST_WAIT_MS = 1_500;
const LONGEST_WAIT_MS = 15_000;
const GROWTH = 1.5;

/** Looks again at pages of the gallery whose images are still being indexed: one request serves a hundred of them. */
export class CatchUp {
  /** @type {Query[]} */
  #pages = [];
  #wait = FIRST_WAIT_MS;
  #timer = 0;

  /** @param {(images: StoredImage[]) => void} onSettled called with images that are not pending any more */
  constructor(onSettled) {
    this.onSettled = onSettled;
  }

  /**
   * @param {Query} page
   * @param {StoredImage[]} images of that page
   */
  follow(page, images) {
    if (!images.some(isPending)) return;
    this.#pages.push(page);
    if (!this.#timer) this.#schedule();
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#pages = [];
    this.#wait = FIRST_WAIT_MS;
  }

  #schedule() {
    this.#timer = setTimeout(() => void this.#look(), this.#wait);
  }

  async #look() {
    const timer = this.#timer;
    const page = this.#pages[0];
    const images = await listImages(page).then((answer) => answer.images, () => undefined);
    if (timer !== this.#timer) return; // stopped meanwhile
    this.#pages.shift();
    if (!images || images.some(isPending)) this.#pages.push(page);
    const settled = images?.filter((image) => !isPending(image)) ?? [];
    this.#wait = Math.min(this.#wait * GROWTH, LONGEST_WAIT_MS);
    this.#timer = 0;
    if (this.#pages.length > 0) this.#schedule();
    this.onSettled(settled);
  }
}

/** @param {StoredImage} image */
function isPending({ state }) {
  return state === "pending";
}
