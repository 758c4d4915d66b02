import { search } from "./api.js";
import { announce, element, find, Latest, showError, showMessage } from "./dom.js";
import { formatCount } from "./format.js";
import { Grid } from "./grid.js";
import { addCheckbox, letChoose } from "./selecting.js";

/** @typedef {import("./api.js").Match} Match */
/** @typedef {import("./selection.js").Selection} Selection */

const TOP_K = 48;

/** The images closest to the words searched for. */
export class Results {
  #root = find("#results", HTMLElement);
  #title = find("h2", HTMLElement, this.#root);
  #message = find(".message", HTMLElement, this.#root);
  #latest = new Latest();
  #text = "";

  /** @param {Selection} selection */
  constructor(selection) {
    this.grid = new Grid(find("ul", HTMLUListElement, this.#root), {
      onTile: (tile, picture) => addCheckbox(tile, picture, selection),
    });
    letChoose(this.grid, selection);
  }

  get root() {
    return this.#root;
  }

  /** The words of the images on show. */
  get text() {
    return this.#text;
  }

  /** @param {string} text */
  show(text) {
    this.#root.hidden = false;
    if (text !== this.#text) void this.#load(text);
  }

  hide() {
    this.#root.hidden = true;
    this.#latest.stop();
    if (this.grid.list.ariaBusy === "true") this.#text = "";
  }

  /** @param {string} text */
  async #load(text) {
    const signal = this.#latest.start();
    this.#begin(text);
    try {
      const { matches } = await search({ text, top_k: TOP_K }, signal);
      this.#fill(text, matches);
    } catch (error) {
      if (signal.aborted) return;
      this.grid.stopWaiting();
      showError(this.#message, error, () => void this.#load(text));
    }
  }

  /** @param {string} text */
  #begin(text) {
    this.#text = text;
    this.#title.textContent = `Images for “${text}”`;
    this.grid.fill([]);
    this.grid.wait();
    showMessage(this.#message);
  }

  /**
   * @param {string} text
   * @param {Match[]} matches
   */
  #fill(text, matches) {
    this.grid.fill(matches);
    announce(`${formatCount(matches.length, "image")} for “${text}”.`);
    if (matches.length === 0) showMessage(this.#message, element("p", { textContent: `Nothing found for “${text}”.` }));
  }
}
