import { element, find } from "./dom.js";
import { formatCount, nameOf } from "./format.js";
import { Grid } from "./grid.js";

/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** Lists the copies of an image that a search folded under it, when the number on its tile is pressed. */
export class Stack {
  #dialog = find("#stack", HTMLDialogElement);
  #title = find("h2", HTMLElement, this.#dialog);
  #grid = new Grid(find("ul", HTMLUListElement, this.#dialog));

  constructor() {
    addEventListener("stack", (event) => event instanceof CustomEvent && this.#open(event.detail));
    addEventListener("route", () => this.#dialog.close());
    addEventListener("popstate", () => this.#dialog.close());
  }

  /** @param {TilePicture} picture */
  #open({ key, duplicates = [] }) {
    const name = element("bdi", { textContent: nameOf(key) });
    this.#title.replaceChildren(`${formatCount(duplicates.length, "near-identical image")} of `, name);
    this.#dialog.showModal();
    this.#grid.fill(duplicates);
  }
}
