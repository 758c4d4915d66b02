import { urlOf } from "../url/route.js";
import { listTrash, restoreImages } from "../core/api.js";
import { announce, element, find, setHeading, showMessage } from "../core/dom.js";
import { formatCount, formatTime, isolated } from "../core/format.js";
import { showToast } from "../core/toasts.js";
import { ListView } from "../list/list-view.js";
import { addCheckbox, letChoose } from "../list/select-gestures.js";
import { Selection } from "../list/selection.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").DeletedImage} DeletedImage */
/** @typedef {import("../core/api.js").TrashPage} TrashPage */
/** @typedef {import("../list/tile.js").TilePicture} TilePicture */

/** The most images that one request restores. */
const MOST_AT_ONCE = 100;
/** @type {Record<string, string>} */
const REFUSALS = {
  exists: "an image has that name now",
  "not-found": "it is gone for good",
  archived: "it is in an archive of S3",
};

/**
 * The images that were deleted within 30 days, to look at and to restore.
 *
 * @extends {ListView<TrashPage>}
 */
export class Trash extends ListView {
  #lead = find(".lead-in", HTMLElement, this.root);
  #restore = find("#restore", HTMLButtonElement);
  #selection = new Selection();
  #prefix = "";

  /**
   * @param {object} hooks
   * @param {() => Promise<void>} hooks.settle carries out the deletions that can still be undone
   * @param {(keys: string[]) => void} hooks.onRestored
   */
  constructor({ settle, onRestored }) {
    super("#trash", (tile, picture) => this.#onTile(tile, picture));
    this.settle = settle;
    this.onRestored = onRestored;
    find("ul.grid", HTMLUListElement, this.root).addEventListener("click", (event) => this.#onClick(event), { capture: true });
    letChoose(this.grid, this.#selection);
    this.#selection.addEventListener("change", () => this.#showSelection());
    this.#restore.addEventListener("click", () => void this.#restoreSelected());
    find("#trash-all", HTMLButtonElement).addEventListener("click", () => this.selectAll());
  }

  selectAll() {
    this.#selection.add(this.grid.pictures);
  }

  get url() {
    return this.urlOf({ prefix: this.#prefix });
  }

  /** @param {Pick<Route, "prefix">} route */
  urlOf({ prefix }) {
    return urlOf({ view: "trash", prefix });
  }

  /**
   * Loads the list again each time that it comes into view.
   *
   * @param {Route} route
   */
  show({ prefix }) {
    if (!this.root.hidden && prefix === this.#prefix) return;
    this.root.hidden = false;
    this.#prefix = prefix;
    this.#lead.hidden = true;
    this.#selection.clear();
    this.grid.fill([]);
    setHeading("Trash");
    this.list.begin({
      ask: (cursor, signal) => this.#ask(cursor, signal),
      pictures: ({ images }) => images.map(shown),
      cursor: ({ cursor }) => cursor,
      onPage: (page) => this.#onPage(page),
    });
  }

  /**
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   */
  async #ask(cursor, signal) {
    await this.settle();
    return listTrash({ prefix: this.#prefix, cursor }, signal);
  }

  /** @param {TrashPage} page */
  #onPage({ available }) {
    this.#showCount();
    if (this.grid.pictures.length > 0 || !this.list.isComplete) return;
    const why = available ? "Deleted images stay here for 30 days." : "This bucket keeps no versions: what is deleted is gone.";
    const lead = available ? "The trash is empty." : "There is no trash.";
    showMessage(this.message, element("p", { className: "lead", textContent: lead }), element("p", { textContent: why }));
  }

  #showCount() {
    const { length } = this.grid.pictures;
    const count = length > 0 ? this.list.counted("deleted image") : "Trash";
    this.#lead.hidden = length === 0;
    if (!this.root.hidden) setHeading(count);
    announce(`${count}.`);
  }

  #showSelection() {
    const { size } = this.#selection;
    this.#restore.disabled = size === 0;
    this.#restore.textContent = size ? `Restore ${formatCount(size, "image")}` : "Restore";
  }

  /**
   * @param {HTMLLIElement} tile
   * @param {TilePicture} picture
   */
  #onTile(tile, picture) {
    addCheckbox(tile, picture, this.#selection);
    find("a", HTMLAnchorElement, tile).title = `Deleted ${formatTime(deleted(picture).deleted_at)}`;
  }

  /**
   * A deleted image cannot be opened: a click selects it.
   *
   * @param {MouseEvent} event
   */
  #onClick(event) {
    const picture = this.grid.pictureOf(event);
    if (!picture || event.shiftKey || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    event.stopPropagation();
    this.#selection.toggle(picture);
  }

  async #restoreSelected() {
    const images = this.#selection.pictures.map(deleted);
    this.#restore.disabled = true;
    try {
      for (let start = 0; start < images.length; start += MOST_AT_ONCE) {
        await this.#send(images.slice(start, start + MOST_AT_ONCE));
      }
    } catch (error) {
      showToast(`Not restored. ${error instanceof Error ? error.message : error}`);
    }
    this.#showSelection();
    if (!this.grid.focus(this.grid.pictures[0]?.key ?? "")) find("#main", HTMLElement).focus();
  }

  /** @param {DeletedImage[]} images */
  async #send(images) {
    const { restored, refused } = await restoreImages(images.map(({ key, version_id }) => ({ key, version_id })));
    for (const { key } of images) if (this.#selection.has(key)) this.#selection.toggle({ key, url: "" });
    this.onRestored(restored);
    for (const key of restored) this.grid.remove(key);
    this.#showCount();
    if (restored.length > 0) showToast(`${formatCount(restored.length, "image")} restored`);
    for (const { key, reason } of refused) showToast(`${isolated(key)} is not restored: ${REFUSALS[reason] ?? reason}.`);
  }
}

/**
 * @param {DeletedImage} image
 * @returns {TilePicture}
 */
function shown(image) {
  return { ...image, etag: image.version_id, url: "" };
}

/**
 * @param {TilePicture} picture one of this list
 * @returns {DeletedImage}
 */
function deleted(picture) {
  return /** @type {DeletedImage & TilePicture} */ (picture);
}
