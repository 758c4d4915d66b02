import { announce, find } from "../core/dom.js";
import { formatCount } from "../core/format.js";

/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** What can be done with the chosen images. */
export class SelectionBar {
  #root = find("#selection", HTMLElement);
  #count = find("#selection-count", HTMLElement);
  #note = find("#selection-note", HTMLElement);
  #delete = find("#selection-delete", HTMLButtonElement);

  /**
   * @param {Selection} selection
   * @param {object} hooks
   * @param {() => TilePicture[]} hooks.all the images on show
   * @param {(pictures: TilePicture[]) => void} hooks.onDelete
   */
  constructor(selection, { all, onDelete }) {
    this.selection = selection;
    this.#delete.addEventListener("click", () => onDelete(selection.pictures));
    find("#selection-all", HTMLButtonElement).addEventListener("click", () => selection.add(all()));
    find("#selection-clear", HTMLButtonElement).addEventListener("click", () => selection.clear());
    selection.addEventListener("change", () => this.#show());
  }

  allowDelete() {
    this.#delete.hidden = false;
  }

  /** Says before deleting that it is final. */
  warn() {
    this.#note.hidden = false;
  }

  #show() {
    const { size } = this.selection;
    this.#root.hidden = size === 0;
    this.#count.textContent = `${formatCount(size, "image")} selected`;
    announce(size ? `${formatCount(size, "image")} selected.` : "Nothing is selected.");
  }
}
