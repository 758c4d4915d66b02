import { addressOf } from "../address/route.js";
import { listImages } from "../core/api.js";
import { announce, element, find, Latest, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { addLikeButtons, listenToLikeKeys } from "../list/like-buttons.js";
import { PagedList } from "../list/paged-list.js";
import { addCheckbox, letChoose } from "../list/select-gestures.js";
import { Folders, listFolders } from "./folders.js";

/** @typedef {import("../address/route.js").Route} Route */
/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").Page} Page */
/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../core/indexing.js").IndexingPoller} IndexingPoller */
/** @typedef {import("../list/selection.js").Selection} Selection */
/** @typedef {import("./folders.js").Some} SomeFolders */
/** @typedef {{prefix: string, cursor: string | null, limit: number}} Query */
/** @typedef {Omit<Page, "folders"> & {query: Query, folders?: SomeFolders}} GalleryPage the first one knows the folders */
/** @typedef {import("../list/paged-list.js").Snapshot<GalleryPage>} Snapshot */

const PAGE_SIZE = 100;

/** All images of a folder and the folders in it, page by page. */
export class Gallery {
  #root = find("#gallery", HTMLElement);
  #title = find("#gallery-title", HTMLElement);
  #count = find("#count", HTMLElement);
  #indexing = find("#indexing", HTMLElement);
  #message = find(".message", HTMLElement, this.#root);
  #folders = new Folders();
  /** Of what is asked about the folder on show while it is indexed. */
  #latest = new Latest();
  /** @type {PagedList<GalleryPage>} */
  #list;
  /** @type {string | undefined} */
  #prefix;
  /** How many images are in the index; 0 while that is not known. */
  #total = 0;

  /**
   * @param {Selection} selection
   * @param {IndexingPoller} poller
   * @param {() => Promise<Health | undefined>} health
   */
  constructor(selection, poller, health) {
    this.poller = poller;
    this.health = health;
    this.#list = new PagedList(find("ul.grid", HTMLUListElement, this.#root), this.#message, (tile, picture) => {
      addCheckbox(tile, picture, selection);
      addLikeButtons(tile, picture);
    });
    void health().then((answer) => this.#setTotal(answer?.index.count ?? 0));
    letChoose(this.grid, selection);
    listenToLikeKeys(this.grid);
  }

  get grid() {
    return this.#list.grid;
  }

  /** The address of the folder on show, whatever image is selected. */
  get address() {
    return this.#prefix === undefined ? "" : addressOf({ prefix: this.#prefix });
  }

  /** @param {Route} route */
  addressOf({ prefix }) {
    return addressOf({ prefix });
  }

  get snapshot() {
    return this.#list.snapshot;
  }

  /** @param {string} key */
  reach(key) {
    return this.#list.reach(key);
  }

  /**
   * @param {Route} route
   * @param {Snapshot} [snapshot] what was on show at this address before
   */
  show({ prefix }, snapshot) {
    this.#root.hidden = false;
    if (prefix === this.#prefix) return this.#list.resume();
    this.#prefix = prefix;
    this.#latest.start();
    this.#showTitle(prefix);
    if (snapshot) this.#list.restore(snapshot);
    else this.#begin(prefix);
  }

  hide() {
    this.#root.hidden = true;
    this.#list.pause();
  }

  /** Asks again after a failure. */
  retry() {
    this.#list.again();
  }

  /** @param {StoredImage} image that was just uploaded or has changed */
  put(image) {
    if (this.#prefix === undefined || !image.key.startsWith(this.#prefix)) return;
    this.grid.put(image);
    this.#showCount();
    showMessage(this.#message);
  }

  /** Says how things are after images went away or came back. */
  refresh() {
    this.#showCount();
    if (!this.#list.isFailed) showMessage(this.#message);
    void this.#showEmpty();
  }

  /** @param {string} prefix */
  #begin(prefix) {
    this.grid.fill([]);
    this.#list.begin({
      ask: (cursor, signal) => this.#ask({ prefix, cursor, limit: PAGE_SIZE }, signal),
      pictures: ({ images }) => images,
      cursor: ({ cursor }) => cursor,
      onPage: (page, first) => this.#onPage(page, first),
    });
  }

  /**
   * The gallery is of use without its folders.
   *
   * @param {Query} query
   * @param {AbortSignal} signal
   * @returns {Promise<GalleryPage>}
   */
  async #ask(query, signal) {
    const folders = query.cursor ? undefined : listFolders(query.prefix, 1, undefined, signal).catch(() => undefined);
    const page = await listImages(query, signal);
    return { ...page, query, folders: await folders };
  }

  /** @param {string} prefix */
  #showTitle(prefix) {
    this.#title.textContent = prefix ? `Images in ${prefix}` : "All images";
    this.#folders.showPath(prefix);
    this.#count.textContent = "";
  }

  /**
   * @param {GalleryPage} page
   * @param {boolean} first
   */
  #onPage({ query, images, folders }, first) {
    if (first && folders) this.#folders.show(folders);
    if (images.some(isPending)) this.#follow(query);
    this.#showCount();
    if (!this.#root.hidden) announce(`${formatCount(this.grid.pictures.length, "image")} shown.`);
    void this.#showEmpty();
  }

  /**
   * One request serves all images of a page that are being indexed.
   *
   * @param {Query} query
   */
  #follow(query) {
    const { signal } = this.#latest;
    const ask = async () => (await listImages(query)).images;
    const onAnswer = (/** @type {StoredImage[]} */ images) => this.#settle(images);
    this.poller.follow(ask, { signal, onAnswer, patience: Infinity }).catch(() => {}); // the folder was left
  }

  /** @param {number} total */
  #setTotal(total) {
    this.#total = total;
    if (this.#list.snapshot) this.#showCount();
  }

  /** @param {StoredImage[]} images */
  #settle(images) {
    const pending = new Set(this.grid.pictures.filter(isPending).map(({ key }) => key));
    for (const image of images) if (pending.has(image.key) && !isPending(image)) this.grid.put(image);
    this.#showCount();
  }

  #showCount() {
    const { pictures } = this.grid;
    const pending = pictures.filter(isPending).length;
    const all = !this.#list.isComplete && this.#prefix === "" && this.#total > pictures.length;
    const soFar = this.#list.isComplete || all ? "" : " so far";
    this.#count.textContent = `${formatCount(all ? this.#total : pictures.length, "image")}${soFar}`;
    this.#indexing.hidden = pending === 0;
    this.#indexing.textContent = `${formatCount(pending, "image")} being indexed. Search finds them in a moment.`;
  }

  async #showEmpty() {
    const prefix = this.#prefix ?? "";
    if (!this.#isEmpty) return;
    const health = await this.health();
    if (this.#isEmpty && prefix === this.#prefix) showMessage(this.#message, ...emptyText(health, prefix));
  }

  get #isEmpty() {
    return this.grid.pictures.length === 0 && this.#list.isComplete;
  }
}

/** @param {{state?: string}} image */
function isPending({ state }) {
  return state === "pending";
}

/**
 * @param {Health | undefined} health
 * @param {string} prefix
 */
function emptyText(health, prefix) {
  const drop = health && health.writes !== "off" ? "Drop images or folders on this page, or put" : "Put";
  const command = `aws s3 cp photo.jpg s3://${health?.images_bucket ?? "BUCKET"}/${prefix || (health?.images_prefix ?? "")}`;
  const copy = element("button", { type: "button", textContent: "Copy command" });
  copy.dataset.copyText = command;
  return [
    element("p", { className: "lead", textContent: prefix ? "This folder is empty." : "There are no images yet." }),
    element("p", { textContent: `${drop} images into the bucket; seconds later they can be found.` }),
    element("pre", { tabIndex: 0 }, element("code", { textContent: command })),
    copy,
  ];
}
