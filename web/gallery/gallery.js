import { listImages } from "../core/api.js";
import { CatchUp } from "./catchup.js";
import { announce, element, find, Latest, showError, showMessage } from "../core/dom.js";
import { Folders, listFolders } from "./folders.js";
import { formatCount } from "../core/format.js";
import { Grid } from "../list/grid.js";
import { addressOf } from "../address/route.js";
import { addCheckbox, letChoose } from "../list/select-gestures.js";
import { addWeighing, letWeigh } from "../list/like-buttons.js";

/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").Page} Page */
/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../address/route.js").Route} Route */
/** @typedef {import("../list/selection.js").Selection} Selection */

const PAGE_SIZE = 100;

/** All images of a folder and the folders in it, page by page. */
export class Gallery {
  #root = find("#gallery", HTMLElement);
  #title = find("#gallery-title", HTMLElement);
  #count = find("#count", HTMLElement);
  #catchingUp = find("#catching-up", HTMLElement);
  #message = find(".message", HTMLElement, this.#root);
  #folders = new Folders();
  #latest = new Latest();
  #catchUp = new CatchUp((images) => this.#settle(images));
  #prefix = "";
  /** @type {string | null | undefined} undefined before the first page, null after the last */
  #cursor = undefined;
  #loading = false;
  #failed = false;

  /**
   * @param {Selection} selection
   * @param {() => Promise<Health | undefined>} health
   */
  constructor(selection, health) {
    this.health = health;
    this.grid = new Grid(find("ul.grid", HTMLUListElement, this.#root), {
      onEnd: () => this.#onEnd(),
      onTile: (tile, picture) => {
        addCheckbox(tile, picture, selection);
        addWeighing(tile, picture);
      },
    });
    letChoose(this.grid, selection);
    letWeigh(this.grid);
  }

  get root() {
    return this.#root;
  }

  /** The address of the folder on show, whatever image is selected. */
  get address() {
    return addressOf({ prefix: this.#prefix });
  }

  /** @param {Route} route */
  show({ prefix }) {
    this.#root.hidden = false;
    if (prefix !== this.#prefix) this.#begin(prefix);
    if (this.#cursor === undefined && !this.#loading) void this.#loadPage();
  }

  hide() {
    this.#root.hidden = true;
  }

  /** Asks again after a failure. */
  retry() {
    if (this.#failed) void this.#loadPage();
  }

  /** @param {StoredImage} image that was just uploaded or has changed */
  put(image) {
    if (!image.key.startsWith(this.#prefix)) return;
    this.grid.put(image);
    this.#showCount();
    showMessage(this.#message);
  }

  /** Says how things are after images went away or came back. */
  refresh() {
    this.#showCount();
    if (!this.#failed) showMessage(this.#message);
    void this.#showEmpty();
  }

  /** @param {string} prefix */
  #begin(prefix) {
    this.#latest.stop();
    this.#catchUp.stop();
    this.#prefix = prefix;
    this.#cursor = undefined;
    this.#loading = false;
    this.grid.fill([]);
  }

  #onEnd() {
    if (this.#cursor && !this.#loading && !this.#failed && !this.#root.hidden) void this.#loadPage();
  }

  async #loadPage() {
    const signal = this.#latest.start();
    const query = { prefix: this.#prefix, cursor: this.#cursor, limit: PAGE_SIZE };
    const first = this.#cursor === undefined;
    this.#startWaiting(first);
    try {
      const [page, folders] = await Promise.all([listImages(query, signal), first && this.#listFolders(signal)]);
      if (folders) this.#folders.show(folders);
      this.#catchUp.follow(query, page.images);
      this.#append(page);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {boolean} first whether this is the first page */
  #startWaiting(first) {
    this.#loading = true;
    this.#failed = false;
    showMessage(this.#message);
    if (first) this.#showTitle();
    this.grid.wait();
  }

  #showTitle() {
    this.#title.textContent = this.#prefix ? `Images in ${this.#prefix}` : "All images";
    this.#folders.showPath(this.#prefix);
    this.#count.textContent = "";
  }

  /**
   * The gallery is of use without its folders.
   *
   * @param {AbortSignal} signal
   */
  #listFolders(signal) {
    return listFolders(this.#prefix, 1, undefined, signal).catch(() => undefined);
  }

  /** @param {Page} page */
  #append({ images, cursor }) {
    this.#loading = false;
    this.#cursor = cursor;
    this.grid.append(images);
    this.#showCount();
    if (!this.#root.hidden) announce(`${formatCount(this.grid.pictures.length, "image")} shown.`);
    void this.#showEmpty();
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#loading = false;
    this.#failed = true;
    this.grid.stopWaiting();
    showError(this.#message, error, () => this.retry());
  }

  /** @param {StoredImage[]} images */
  #settle(images) {
    const pending = new Set(this.grid.pictures.filter(({ state }) => state === "pending").map(({ key }) => key));
    for (const image of images) if (pending.has(image.key)) this.grid.put(image);
    this.#showCount();
  }

  #showCount() {
    const { pictures } = this.grid;
    const pending = pictures.filter(({ state }) => state === "pending").length;
    this.#count.textContent = `${formatCount(pictures.length, "image")}${this.#cursor ? " so far" : ""}`;
    this.#catchingUp.hidden = pending === 0;
    this.#catchingUp.textContent = `${formatCount(pending, "image")} being indexed. Search finds them in a moment.`;
  }

  async #showEmpty() {
    if (this.grid.pictures.length > 0 || this.#cursor !== null) return;
    const health = await this.health();
    if (this.grid.pictures.length === 0 && this.#cursor === null) {
      showMessage(this.#message, ...emptyText(health, this.#prefix));
    }
  }
}

/**
 * @param {Health | undefined} health
 * @param {string} prefix
 */
function emptyText(health, prefix) {
  const drop = health && health.writes !== "off" ? "Drop images or folders on this page, or put" : "Put";
  const command = `aws s3 cp photo.jpg s3://${health?.images_bucket ?? "BUCKET"}/${prefix}`;
  const copy = element("button", { type: "button", textContent: "Copy command" });
  copy.dataset.copyText = command;
  return [
    element("p", { className: "lead", textContent: prefix ? "This folder is empty." : "There are no images yet." }),
    element("p", { textContent: `${drop} images into the bucket; seconds later they can be found.` }),
    element("pre", { tabIndex: 0 }, element("code", { textContent: command })),
    copy,
  ];
}
