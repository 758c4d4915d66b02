import { ApiError, getImage } from "../core/api.js";
import { CropTool } from "./crop-tool.js";
import { element, find, Latest, showMessage } from "../core/dom.js";
import { explainRejection, nameOf } from "../core/format.js";
import { LargePicture } from "./large-picture.js";
import { PanelActions } from "./panel-actions.js";
import { Retry } from "../core/retry.js";
import { urlOf, currentRoute } from "../url/route.js";
import { navigate, router } from "../url/router.js";
import { Similar } from "./similar.js";
import { store } from "../core/store.js";
import { Trail } from "./trail.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../url/terms.js").Crop} Crop */

const PENDING = "Being indexed: similar images can be found in a moment.";

/** The selected image, and the images like it or like a part of it. */
export class Panel {
  #root = find("#panel", HTMLElement);
  #place = find("#picture", HTMLElement);
  #picture = new LargePicture(this.#place);
  #title = find("#panel-title", HTMLElement);
  #folder = find("#panel-folder", HTMLAnchorElement);
  #state = find("#panel-state", HTMLElement);
  #hint = find("#part-hint", HTMLElement);
  #message = find("#panel-message", HTMLElement);
  #retry = new Retry(this.#message);
  #trail = new Trail();
  #similar = new Similar();
  #tool = new CropTool(this.#place, selectPart);
  #latest = new Latest();
  #key = "";
  /** @type {Crop | undefined} */
  #crop;
  /** Whether there is a vector to compare with. */
  #indexed = false;
  #awaitsPart = false;
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
    this.actions = new PanelActions({
      onPart: () => (this.#crop ? selectPart(undefined, {}) : this.searchPart()),
      onDelete: () => this.#delete(),
    });
    find("#panel-close", HTMLButtonElement).addEventListener("click", hooks.onClose);
    this.#place.addEventListener("click", ({ target }) => target instanceof HTMLImageElement && hooks.onEnlarge());
    this.#title.addEventListener("keydown", (event) => event.key === "Enter" && hooks.onEnlarge());
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

  /** Where the selected image is shown. */
  get place() {
    return this.#place;
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /**
   * @param {Element} link that is followed
   * @returns {import("../url/router.js").Step[]} the way to where it leads
   */
  trailTo(link) {
    return this.#trail.to(link, this.#known);
  }

  /**
   * @param {string} key
   * @param {Crop} [crop]
   */
  show(key, crop) {
    const other = key !== this.#key;
    this.#trail.show();
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

  /** Begins with a part of the image, as soon as parts of it can be searched for. */
  searchPart() {
    this.#awaitsPart = !this.#indexed;
    if (this.#indexed && !this.#crop) this.#tool.begin();
  }

  /** What is known of the selected image, which may be something before it is loaded. */
  get #known() {
    return this.#image ?? store.get(this.#key);
  }

  #delete() {
    this.hooks.onDelete(this.#known ?? { key: this.#key, url: "" }); // it may not be loaded yet
  }

  #begin() {
    this.#clear();
    this.#root.scrollTop = 0;
    const known = store.get(this.#key);
    if (known) this.#picture.show(known);
    // An image that is known to be indexed is not awaited; any other has no neighbours to request.
    if (known?.state === "indexed") this.#setIndexed();
    void this.#load(this.#key);
  }

  #clear() {
    this.#image = undefined;
    this.#indexed = this.#awaitsPart = false;
    this.#showTitle();
    this.#picture.clear();
    this.#state.hidden = this.#hint.hidden = true;
    this.#similar.clear();
    this.#tool.set(undefined);
    this.#tool.enabled = false;
    this.actions.begin(this.#key);
    this.#retry.reset();
    showMessage(this.#message);
  }

  #showTitle() {
    const name = nameOf(this.#key);
    const prefix = this.#key.slice(0, this.#key.length - name.length);
    this.#title.textContent = this.#title.title = name;
    this.#title.ariaLabel = this.#key; // names are told apart by their folders
    this.#folder.textContent = prefix;
    this.#folder.hidden = prefix === "";
    this.#folder.href = urlOf({ prefix });
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
    this.#hint.hidden = true;
    this.#tool.enabled = false;
    this.#place.hidden = this.actions.hidden = this.#picture.isEmpty;
    this.actions.allowSearch(false);
    if (error instanceof ApiError && error.status === 404) this.#showMissing();
    else this.#retry.show(error, () => this.#begin());
  }

  #showMissing() {
    this.#place.hidden = this.actions.hidden = true;
    showMessage(this.#message, element("p", { className: "lead", textContent: "There is no such image." }),
      element("p", { textContent: "It may have been deleted or renamed." }),
      element("button", { type: "button", textContent: "Back to the list", onclick: this.hooks.onClose }));
  }

  /** @param {StoredImage} image */
  #showImage(image) {
    this.#image = image;
    this.#picture.show(image);
    this.#showState(image);
    this.actions.showImage(image);
  }

  /** @param {StoredImage} image */
  #showState({ state, reason, detail }) {
    this.#state.hidden = state === "indexed";
    this.#state.textContent = state === "rejected" ? explainRejection({ reason, detail }) : PENDING;
    if (state === "indexed" && !this.#indexed) this.#setIndexed();
    if (state !== "indexed") this.#similar.clear();
  }

  #setIndexed() {
    this.#indexed = this.#tool.enabled = true;
    this.actions.allowSearch(true);
    this.#showSearches();
    if (this.#awaitsPart) this.searchPart();
  }

  #showSearches() {
    this.#tool.set(this.#crop);
    this.actions.showPart(this.#crop);
    this.#hint.hidden = !this.#crop;
    this.#similar.show(this.#key, this.#crop);
  }
}

/**
 * @param {Crop | undefined} crop of the selected image
 * @param {{replace?: boolean}} options
 */
function selectPart(crop, options) {
  navigate(urlOf({ ...currentRoute(), crop }), { ...options, trail: router.trail });
}
