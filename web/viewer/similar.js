import { search } from "../core/api.js";
import { announce, element, find, Latest, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { Grid } from "../list/grid.js";
import { Retry } from "../core/retry.js";
import { addWeighing, letWeigh } from "../list/like-buttons.js";

/** @typedef {import("../address/terms.js").Crop} Crop */

const OPTIONS = { top_k: 24, collapse: true };
const ALONE = "There are no similar images: this is the only one in the index.";

/** The images nearest to the selected one, or to a part of it. */
export class Similar {
  #root = find("#similar", HTMLElement);
  #title = find("h3", HTMLElement, this.#root);
  #message = find(".message", HTMLElement, this.#root);
  #retry = new Retry(this.#message);
  #latest = new Latest();

  constructor() {
    this.grid = new Grid(find("ul", HTMLUListElement, this.#root), { onTile: addWeighing });
    letWeigh(this.grid);
  }

  /** Forgets what is on show. */
  clear() {
    this.#latest.stop();
    this.#retry.reset();
    this.#root.hidden = true;
    this.grid.fill([]);
  }

  /**
   * @param {string} key
   * @param {Crop} [crop]
   */
  show(key, crop) {
    this.#retry.reset();
    this.#root.hidden = false;
    this.#title.textContent = crop ? "Images like this part" : "Similar images";
    void this.#load(key, crop);
  }

  /**
   * @param {string} key
   * @param {Crop} [crop]
   */
  async #load(key, crop) {
    const signal = this.#latest.start();
    showMessage(this.#message);
    if (this.grid.pictures.length === 0) this.grid.wait();
    this.#setStale(true);
    try {
      const { matches } = await search({ terms: [{ kind: "image", value: key, weight: 1, crop }], options: OPTIONS }, signal);
      this.#setStale(false);
      this.#retry.reset();
      this.#fill(matches);
    } catch (error) {
      if (signal.aborted) return;
      this.#setStale(false);
      this.grid.fill([]);
      this.#retry.show(error, () => void this.#load(key, crop));
    }
  }

  /** @param {boolean} stale whether what is on show belongs to what was selected before */
  #setStale(stale) {
    this.grid.list.classList.toggle("stale", stale);
    this.grid.list.ariaBusy = String(stale);
  }

  /** @param {import("../core/api.js").Match[]} matches */
  #fill(matches) {
    this.grid.fill(matches);
    if (matches.length === 0) showMessage(this.#message, element("p", { textContent: ALONE }));
    announce(`${formatCount(matches.length, "similar image")}.`);
  }
}
