import { element, find } from "../core/dom.js";
import { formatCount, nameOf } from "../core/format.js";
import { router } from "../url/router.js";
import { Grid } from "../list/grid.js";

/** @typedef {import("../list/tile.js").TilePicture} TilePicture */

/** Lists the copies of an image that a search folded under it, when the number on its tile is pressed. */
export class Copies {
  #dialog = find("#copies", HTMLDialogElement);
  #title = find("h2", HTMLElement, this.#dialog);
  #grid = new Grid(find("ul", HTMLUListElement, this.#dialog));

  constructor() {
    addEventListener("copies", (event) => event instanceof CustomEvent && this.#open(event.detail));
    router.addEventListener("change", () => this.#dialog.close());
  }

  /** @param {TilePicture} picture */
  #open({ key, duplicates = [] }) {
    const name = element("bdi", { textContent: nameOf(key) });
    this.#title.replaceChildren(`${formatCount(duplicates.length, "near-identical image")} of `, name);
    this.#dialog.showModal();
    this.#grid.fill(duplicates);
  }
}
