import { find } from "../core/dom.js";
import { openPopover } from "../core/popover.js";
import { showToast } from "../core/toasts.js";
import { searchFor } from "../url/router.js";
import { MORE, MOST_TERMS } from "../url/terms.js";
import { download } from "./download.js";

/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** The words in the box are one part of a search. */
const MOST = MOST_TERMS - 1;

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
    find("#selection-similar", HTMLButtonElement).addEventListener("click", () => findSimilar(selection.pictures));
    find("#selection-download", HTMLButtonElement).addEventListener("click", () => void download(selection.pictures));
    const copy = find("#selection-copy", HTMLButtonElement);
    const forms = find("#selection-forms", HTMLElement);
    copy.addEventListener("click", () => openPopover(forms, copy));
    forms.addEventListener("click", () => forms.hidePopover());
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
    this.#count.textContent = `${size.toLocaleString()} selected`;
  }
}

/**
 * Searches for what all of them have in common, in place of what was searched for.
 *
 * @param {TilePicture[]} pictures
 */
function findSimilar(pictures) {
  const searched = pictures.slice(0, MOST);
  if (pictures.length > MOST) showToast(`Searching for the first ${MOST}: a search has no more parts.`);
  searchFor({ text: "", terms: searched.map(({ key: value }) => ({ kind: "image", value, weight: MORE })) });
}
