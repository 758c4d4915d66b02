import { getImage, search } from "./api.js";
import { announce, element, find, Latest, showError, showMessage } from "./dom.js";
import { formatCount, formatRejection, formatSize, formatTime } from "./format.js";
import { createTile, lastSeen, ratioOf, showPlaceholder } from "./tile.js";
import { settledImage } from "./watch.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

const TOP_K = 24;

/** The selected image: large, with its facts and the images like it. */
export class Panel {
  #root = find("#panel", HTMLElement);
  #picture = find("#picture", HTMLElement);
  #title = find("#panel-title", HTMLElement);
  #state = find("#panel-state", HTMLElement);
  #facts = find("#facts", HTMLElement);
  #download = find("#download", HTMLAnchorElement);
  #delete = find("#delete", HTMLButtonElement);
  #actions = find("#panel .actions", HTMLElement);
  #message = find("#panel-message", HTMLElement);
  #similar = find("#similar", HTMLElement);
  #grid = find("ul", HTMLUListElement, this.#similar);
  #similarMessage = find(".message", HTMLElement, this.#similar);
  #latest = new Latest();
  #key = "";
  /** @type {StoredImage | undefined} */
  #image;

  /**
   * @param {object} hooks
   * @param {() => void} hooks.onClose
   * @param {(image: StoredImage) => void} hooks.onSettled
   * @param {(image: StoredImage) => void} hooks.onDelete
   */
  constructor(hooks) {
    this.hooks = hooks;
    find("#panel-close", HTMLButtonElement).addEventListener("click", hooks.onClose);
    this.#delete.addEventListener("click", () => this.#image && hooks.onDelete(this.#image));
  }

  get key() {
    return this.#key;
  }

  /** The selected image, once it is known. */
  get image() {
    return this.#image;
  }

  allowDelete() {
    this.#delete.hidden = false;
  }

  focus() {
    this.#title.focus({ preventScroll: true });
  }

  /** @param {string} key */
  show(key) {
    if (key === this.#key) return;
    this.#key = key;
    this.#root.hidden = false;
    this.#root.scrollTop = 0;
    this.#clear();
    const known = lastSeen(key);
    if (known) this.#showPicture(known);
    this.#load(key);
  }

  hide() {
    this.#latest.stop();
    this.#key = "";
    this.#root.hidden = true;
  }

  /** @param {string} key */
  remove(key) {
    for (const tile of this.#grid.querySelectorAll("li")) if (tile.dataset.key === key) tile.remove();
  }

  #clear() {
    this.#image = undefined;
    this.#title.textContent = this.#key;
    this.#picture.replaceChildren();
    this.#picture.removeAttribute("style");
    this.#picture.hidden = false;
    this.#facts.replaceChildren();
    this.#grid.replaceChildren();
    this.#state.hidden = true;
    this.#similar.hidden = false;
    this.#setActions(false);
    showMessage(this.#message);
    showMessage(this.#similarMessage);
  }

  /** @param {string} key */
  #load(key) {
    const signal = this.#latest.start();
    void this.#loadImage(key, signal);
    void this.#loadSimilar(key, signal);
  }

  /**
   * @param {string} key
   * @param {AbortSignal} signal
   */
  async #loadImage(key, signal) {
    try {
      const image = await getImage(key, signal);
      this.#showImage(image);
      if (image.state === "pending") await this.#waitForIndex(key, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#similar.hidden = true;
      this.#picture.hidden = this.#actions.hidden = this.#picture.childElementCount === 0;
      showError(this.#message, error, () => this.#again());
    }
  }

  /**
   * @param {string} key
   * @param {AbortSignal} signal
   */
  async #waitForIndex(key, signal) {
    const image = await settledImage(key, signal);
    this.#showImage(image);
    this.hooks.onSettled(image);
    await this.#loadSimilar(key, signal);
  }

  /**
   * @param {string} key
   * @param {AbortSignal} signal
   */
  async #loadSimilar(key, signal) {
    this.#grid.ariaBusy = "true";
    try {
      const { matches } = await search({ key, top_k: TOP_K }, signal);
      this.#showSimilar(matches);
    } catch (error) {
      if (!signal.aborted) showError(this.#similarMessage, error, () => this.#again());
    }
    if (!signal.aborted) this.#grid.ariaBusy = "false";
  }

  #again() {
    this.#clear();
    this.#load(this.#key);
  }

  /** @param {TilePicture[]} matches */
  #showSimilar(matches) {
    this.#grid.replaceChildren(...matches.map(createTile));
    showMessage(this.#similarMessage, ...(matches.length ? [] : [element("p", { textContent: "No similar images." })]));
    announce(`${formatCount(matches.length, "similar image")}.`);
  }

  /** @param {StoredImage} image */
  #showImage(image) {
    this.#image = image;
    this.#showPicture(image);
    this.#showState(image);
    this.#facts.replaceChildren(...facts(image));
    this.#download.href = image.url;
    this.#download.download = image.key.split("/").pop() ?? image.key;
    this.#setActions(true);
  }

  /**
   * The thumbnail is already there and stands in until the large picture arrives.
   *
   * @param {TilePicture} picture
   */
  #showPicture(picture) {
    if (this.#picture.dataset.url === picture.url && this.#picture.childElementCount) return;
    const large = element("img", { alt: picture.key, decoding: "async", src: picture.url });
    large.addEventListener("load", () => this.#setRatio(large.naturalWidth / large.naturalHeight));
    large.addEventListener("error", () => (this.#picture.hidden = true));
    const small = picture.thumbnail_url ? [element("img", { alt: "", src: picture.thumbnail_url })] : [];
    this.#picture.dataset.url = picture.url;
    this.#picture.replaceChildren(...small, large);
    this.#picture.hidden = false;
    this.#setRatio(ratioOf(picture));
    showPlaceholder(this.#picture, picture);
  }

  /** @param {number} ratio known before the picture arrives once the image is indexed */
  #setRatio(ratio) {
    this.#picture.style.setProperty("--ratio", String(ratio));
  }

  /** @param {StoredImage} image */
  #showState({ state, reason }) {
    this.#state.hidden = state === "indexed";
    this.#state.textContent = state === "rejected" ? formatRejection(reason) : "Being indexed…";
    this.#similar.hidden = state === "rejected";
  }

  /** @param {boolean} known */
  #setActions(known) {
    this.#actions.hidden = false;
    this.#download.hidden = !known;
    this.#delete.disabled = !known;
  }
}

/**
 * @param {StoredImage} image
 * @returns {HTMLElement[]} terms and descriptions
 */
function facts({ width, height, size, content_type, uploaded_at }) {
  /** @type {[string, string | undefined | 0][]} */
  const rows = [
    ["Dimensions", width && height && `${width} × ${height}`],
    ["Size", size && formatSize(size)],
    ["Type", content_type],
    ["Uploaded", uploaded_at && formatTime(uploaded_at)],
  ];
  return rows.filter(([, value]) => value).map(([name, value]) =>
    element("div", {}, element("dt", { textContent: name }), element("dd", { textContent: String(value) })));
}
