import { ApiError, getImage } from "../core/api.js";
import { CropTool } from "./crop-tool.js";
import { element, find, Latest, showMessage } from "../core/dom.js";
import { facts } from "./details.js";
import { formatRejection, nameOf } from "../core/format.js";
import { LargePicture } from "./large-picture.js";
import { Retry } from "../core/retry.js";
import { addressOf, currentRoute } from "../address/route.js";
import { navigate } from "../address/router.js";
import { Similar } from "./similar.js";
import { store } from "../core/store.js";
import { addPicture } from "../list/like-buttons.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../address/terms.js").Crop} Crop */

const PENDING = "Being indexed: similar images can be found in a moment.";
/** Who scroll where a mouse would draw. */
const FINGERS = matchMedia("(pointer: coarse)");

/** The selected image: large, with its facts and the images like it or like a part of it. */
export class Panel {
  #root = find("#panel", HTMLElement);
  #place = find("#picture", HTMLElement);
  #picture = new LargePicture(this.#place);
  #title = find("#panel-title", HTMLElement);
  #folder = find("#panel-folder", HTMLAnchorElement);
  #name = find("#panel-name", HTMLElement);
  #details = find("#panel-details", HTMLDetailsElement);
  #state = find("#panel-state", HTMLElement);
  #facts = find("#facts", HTMLElement);
  #download = find("#download", HTMLAnchorElement);
  #delete = find("#delete", HTMLButtonElement);
  #actions = find("#panel-actions", HTMLElement);
  #searches = find("#panel-searches", HTMLElement);
  #part = find("#search-part", HTMLButtonElement);
  #hint = find("#part-hint", HTMLElement);
  #message = find("#panel-message", HTMLElement);
  #retry = new Retry(this.#message);
  #similar = new Similar();
  #tool = new CropTool(this.#place, selectPart);
  #latest = new Latest();
  #key = "";
  /** @type {Crop | undefined} */
  #crop;
  /** Whether there is a vector to compare with. */
  #indexed = false;
  /** @type {StoredImage | undefined} */
  #image;

  /**
   * @param {import("../core/indexing.js").IndexingPoller} poller
   * @param {object} hooks
   * @param {() => void} hooks.onClose
   * @param {() => void} hooks.onEnlarge
   * @param {(image: StoredImage) => void} hooks.onSettled
   * @param {(image: import("../list/tile.js").TilePicture) => void} hooks.onDelete
   */
  constructor(poller, hooks) {
    this.poller = poller;
    this.hooks = hooks;
    find("#panel-close", HTMLButtonElement).addEventListener("click", hooks.onClose);
    this.#place.addEventListener("click", ({ target }) => target instanceof HTMLImageElement && hooks.onEnlarge());
    this.#delete.addEventListener("click", () => {
      const image = this.#image ?? store.get(this.#key); // which is known before it is loaded
      if (image) hooks.onDelete(image);
    });
    this.#part.addEventListener("click", () => (this.#crop ? selectPart(undefined, {}) : this.#tool.begin()));
    find("#more-like", HTMLElement).addEventListener("click", () => this.#weigh(1));
    find("#less-like", HTMLElement).addEventListener("click", () => this.#weigh(-1));
  }

  get key() {
    return this.#key;
  }

  /** The selected image, once it is known. */
  get image() {
    return this.#image;
  }

  /** The images like it. */
  get grid() {
    return this.#similar.grid;
  }

  allowDelete() {
    this.#delete.hidden = false;
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /**
   * @param {string} key
   * @param {Crop} [crop]
   */
  show(key, crop) {
    const other = key !== this.#key;
    if (!other && String(crop) === String(this.#crop)) return;
    this.#key = key;
    this.#crop = crop;
    this.#root.hidden = false;
    if (other) this.#begin();
    else if (this.#indexed) this.#showSearches();
  }

  hide() {
    this.#latest.stop();
    this.#retry.reset();
    this.#similar.clear();
    this.#key = "";
    this.#root.hidden = true;
  }

  /** @param {string} key */
  remove(key) {
    this.grid.remove(key);
  }

  #begin() {
    this.#clear();
    this.#root.scrollTop = 0;
    const known = store.get(this.#key);
    if (known) this.#picture.show(known);
    // What is known to be indexed is not waited for; an image that is not has no neighbours to ask for.
    if (known?.state === "indexed") this.#setIndexed();
    void this.#load(this.#key);
  }

  #clear() {
    this.#image = undefined;
    this.#indexed = false;
    this.#showTitle();
    this.#picture.clear();
    this.#facts.replaceChildren();
    this.#state.hidden = this.#searches.hidden = this.#hint.hidden = true;
    this.#similar.clear();
    this.#tool.set(undefined);
    this.#tool.enabled = false;
    this.#setActions(false);
    this.#retry.reset();
    showMessage(this.#message);
  }

  #showTitle() {
    const name = nameOf(this.#key);
    const prefix = this.#key.slice(0, this.#key.length - name.length);
    this.#folder.textContent = prefix;
    this.#folder.href = addressOf({ prefix });
    this.#name.textContent = name;
  }

  /** @param {string} key */
  async #load(key) {
    const signal = this.#latest.start();
    try {
      const image = await getImage(key, signal);
      this.#showImage(image);
      if (image.state === "pending") await this.#waitForIndex(key, signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /**
   * @param {string} key
   * @param {AbortSignal} signal
   */
  async #waitForIndex(key, signal) {
    const [image] = await this.poller.follow(async () => [await getImage(key, signal)], { signal });
    this.#showImage(image);
    this.hooks.onSettled(image);
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#similar.clear();
    this.#searches.hidden = this.#hint.hidden = true;
    this.#tool.enabled = false;
    this.#place.hidden = this.#actions.hidden = this.#picture.isEmpty;
    if (error instanceof ApiError && error.status === 404) this.#showMissing();
    else this.#retry.show(error, () => this.#begin());
  }

  #showMissing() {
    this.#place.hidden = this.#actions.hidden = this.#details.hidden = true;
    showMessage(this.#message, element("p", { className: "lead", textContent: "There is no such image." }),
      element("p", { textContent: "It may have been deleted or renamed." }),
      element("button", { type: "button", textContent: "Back to the list", onclick: this.hooks.onClose }));
  }

  /** @param {StoredImage} image */
  #showImage(image) {
    this.#image = image;
    this.#picture.show(image);
    this.#showState(image);
    this.#facts.replaceChildren(...facts(image));
    this.#download.href = image.url;
    this.#download.download = nameOf(image.key);
    this.#setActions(true);
  }

  /** @param {StoredImage} image */
  #showState({ state, reason }) {
    this.#state.hidden = state === "indexed";
    this.#state.textContent = state === "rejected" ? formatRejection(reason) : PENDING;
    if (state === "indexed" && !this.#indexed) this.#setIndexed();
    if (state !== "indexed") this.#similar.clear();
  }

  #setIndexed() {
    this.#indexed = this.#tool.enabled = true;
    this.#showSearches();
  }

  #showSearches() {
    this.#tool.set(this.#crop);
    this.#searches.hidden = false;
    this.#hint.hidden = !this.#crop && FINGERS.matches;
    this.#part.textContent = this.#crop ? "Search the whole image" : "Search a part";
    this.#hint.textContent = this.#crop
      ? "Move the rectangle, pull its corners, or draw another."
      : "Draw a rectangle on the image to search for that part.";
    this.#similar.show(this.#key, this.#crop);
  }

  /** @param {1 | -1} sign more like it, or less */
  #weigh(sign) {
    addPicture({ kind: "image", value: this.#key, crop: this.#crop }, sign);
  }

  /** @param {boolean} known */
  #setActions(known) {
    this.#actions.hidden = false;
    this.#download.hidden = this.#details.hidden = !known;
    for (const button of this.#actions.querySelectorAll("button")) button.disabled = !known;
  }
}

/**
 * @param {Crop | undefined} crop of the selected image
 * @param {{replace?: boolean}} options
 */
function selectPart(crop, options) {
  navigate(addressOf({ ...currentRoute(), crop }), options);
}
