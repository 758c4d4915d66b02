import { find } from "../core/dom.js";
import { nameOf } from "../core/format.js";
import { openPopover } from "../core/popover.js";
import { urlOf } from "../url/route.js";
import { addPicture } from "../list/like-buttons.js";
import { facts } from "./details.js";
import { share } from "./share.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../url/terms.js").Crop} Crop */

/** The actions for the selected image in one row; the last button shows its details. */
export class PanelActions {
  #root = find("#panel-actions", HTMLElement);
  #part = find("#search-part", HTMLButtonElement);
  #partName = find("span", HTMLElement, this.#part);
  #download = find("#download", HTMLAnchorElement);
  #details = find("#panel-details", HTMLElement);
  #facts = find("#facts", HTMLElement);
  #delete = find("#delete", HTMLButtonElement);
  #key = "";
  /** @type {Crop | undefined} */
  #crop;

  /**
   * @param {object} hooks
   * @param {() => void} hooks.onPart called to begin with a part of the image, or to end it
   * @param {() => void} hooks.onDelete
   */
  constructor({ onPart, onDelete }) {
    this.#on("#more-like", () => this.#weigh(1));
    this.#on("#less-like", () => this.#weigh(-1));
    this.#on("#share", () => void share(nameOf(this.#key), urlOf({ key: this.#key, crop: this.#crop })));
    this.#on("#panel-more", (button) => openPopover(this.#details, button));
    this.#part.addEventListener("click", onPart);
    this.#delete.addEventListener("click", onDelete);
  }

  allowDelete() {
    this.#delete.hidden = false;
  }

  /** @param {string} key of an image that nothing is known of yet */
  begin(key) {
    this.#key = key;
    this.showPart(undefined);
    this.hidden = false;
    this.#facts.replaceChildren();
    if (this.#details.matches(":popover-open")) this.#details.hidePopover();
    this.#download.removeAttribute("href");
    this.allowSearch(false);
  }

  /** @param {boolean} hidden */
  set hidden(hidden) {
    this.#root.hidden = hidden;
  }

  /** @param {boolean} allowed whether there is a vector to compare with */
  allowSearch(allowed) {
    for (const id of ["#more-like", "#less-like", "#search-part"]) find(id, HTMLButtonElement).disabled = !allowed;
  }

  /** @param {StoredImage} image */
  showImage(image) {
    this.#facts.replaceChildren(...facts(image));
    this.#download.href = image.url;
    this.#download.download = nameOf(image.key);
  }

  /** @param {Crop | undefined} crop the part that is searched for */
  showPart(crop) {
    this.#crop = crop;
    this.#partName.textContent = crop ? "Whole" : "Part";
    this.#part.ariaLabel = crop ? "Search the whole image" : "Search a part";
    this.#part.title = crop ? "" : "Or draw a rectangle on the image";
  }

  /** @param {1 | -1} sign more like it, or less */
  #weigh(sign) {
    addPicture({ kind: "image", value: this.#key, crop: this.#crop }, sign);
  }

  /**
   * @param {string} selector
   * @param {(button: HTMLButtonElement) => void} act
   */
  #on(selector, act) {
    const button = find(selector, HTMLButtonElement);
    button.addEventListener("click", () => act(button));
  }
}
