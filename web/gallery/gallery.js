import { askedFilters, withoutFolder } from "../url/filters.js";
import { urlOf } from "../url/route.js";
import { listImages } from "../core/api.js";
import { announce, find, Latest, setHeading, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { ImagesView } from "../list/list-view.js";
import { emptyText } from "./empty.js";
import { Folders, listFolders } from "./folders.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").ListQuery} ListQuery */
/** @typedef {import("../core/api.js").Page} Page */
/** @typedef {import("../core/api.js").StoredImage} StoredImage */
/** @typedef {import("../core/indexing.js").IndexingPoller} IndexingPoller */
/** @typedef {import("../list/selection.js").Selection} Selection */
/** @typedef {import("./folders.js").Some} SomeFolders */
/** @typedef {Omit<Page, "folders"> & {query: ListQuery, folders?: SomeFolders}} GalleryPage the first one knows the folders */
/** @typedef {import("../list/paged-list.js").Snapshot<GalleryPage>} Snapshot */

const PAGE_SIZE = 100;

/**
 * All images of a folder and the folders in it, or those that meet the filters, page by page.
 *
 * @extends {ImagesView<GalleryPage>}
 */
export class Gallery extends ImagesView {
  #indexing = find("#indexing", HTMLElement);
  #folders = new Folders();
  /** The polling of the folder on show while it is indexed. */
  #latest = new Latest();
  /** What is on show, once anything is. @type {{prefix: string, filtered: boolean, url: string} | undefined} */
  #on;
  /** How many images are in the index; 0 while that is not known. */
  #total = 0;

  /**
   * @param {Selection} selection
   * @param {IndexingPoller} poller
   * @param {() => Promise<Health | undefined>} health
   */
  constructor(selection, poller, health) {
    super("#gallery", selection);
    this.poller = poller;
    this.health = health;
    void health().then((answer) => this.#setTotal(answer?.index.count ?? 0));
  }

  /** The URL of what is on show, whatever image is selected. */
  get url() {
    return this.#on?.url ?? "";
  }

  /** @param {Route} route */
  urlOf({ prefix, filters, sort }) {
    return urlOf({ prefix, filters: withoutFolder(filters), sort });
  }

  /**
   * @param {Route} route
   * @param {Snapshot} [snapshot] what was on show at this URL before
   */
  show(route, snapshot) {
    this.root.hidden = false;
    const url = this.urlOf(route);
    if (url === this.url) return this.#resume();
    const filters = withoutFolder(route.filters);
    this.#on = { prefix: route.prefix, filtered: Object.keys(filters).length > 0, url };
    this.#latest.start();
    setHeading("Images");
    this.#folders.wait(route.prefix, !this.#on.filtered);
    if (snapshot) this.list.restore(snapshot);
    else this.#begin({ prefix: route.prefix, ...orderOf(route), filters: askedFilters(filters) });
  }

  /** Loads the list again when it is shown next, because there are new images. */
  forget() {
    this.#on = undefined;
  }

  /** @param {StoredImage} image that was just uploaded or has changed */
  put(image) {
    if (!this.#on || !image.key.startsWith(this.#on.prefix)) return;
    if (this.#on.filtered && !this.grid.has(image.key)) return;
    this.grid.put(image);
    this.#showCount();
    showMessage(this.message);
  }

  /** Updates the count and the messages after images were hidden or came back. */
  refresh() {
    this.#showCount();
    if (!this.list.isFailed) showMessage(this.message);
    void this.#showEmpty();
  }

  #resume() {
    if (this.snapshot) this.#showCount();
    this.list.resume();
  }

  /** @param {ListQuery} query */
  #begin(query) {
    this.grid.fill([]);
    this.list.begin({
      ask: (cursor, signal) => this.#ask({ ...query, cursor, limit: PAGE_SIZE }, signal),
      pictures: ({ images }) => images,
      cursor: ({ cursor }) => cursor,
      onPage: (page, first) => this.#onPage(page, first),
      onFailure: () => this.list.snapshot || setHeading("No answer"),
    });
  }

  /**
   * Loads a page; an error of the folders is ignored, because the gallery is useful without them.
   *
   * @param {ListQuery} query
   * @param {AbortSignal} signal
   * @returns {Promise<GalleryPage>}
   */
  async #ask(query, signal) {
    const wanted = !query.cursor && !this.#on?.filtered;
    const folders = wanted ? listFolders(query.prefix ?? "", 1, undefined, signal).catch(() => undefined) : undefined;
    const page = await listImages(query, signal);
    return { ...page, query, folders: await folders };
  }

  /**
   * @param {GalleryPage} page
   * @param {boolean} first
   */
  #onPage({ query, images, folders }, first) {
    if (first) this.#folders.show(folders ?? { folders: [], cursor: null }, images);
    if (images.some(isPending)) this.#follow(query);
    this.#showCount();
    if (!this.root.hidden) announce(`${formatCount(this.grid.pictures.length, "image")} shown.`);
    void this.#showEmpty();
  }

  /**
   * Polls all images of a page that are being indexed with one request.
   *
   * @param {ListQuery} query
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
    if (this.list.snapshot) this.#showCount();
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
    if (!this.root.hidden) setHeading(this.#sayCount(pictures.length));
    this.#indexing.hidden = pending === 0;
    this.#indexing.textContent = `${formatCount(pending, "image")} being indexed. Search finds them in a moment.`;
  }

  /** @param {number} loaded */
  #sayCount(loaded) {
    const all = this.#on?.prefix === "" && !this.#on.filtered;
    if (!this.list.isComplete && all && this.#total > loaded) return formatCount(this.#total, "image");
    return this.list.counted("image");
  }

  async #showEmpty() {
    const on = this.#on;
    if (!on || !this.#isEmpty) return;
    const health = await this.health();
    if (this.#isEmpty && on === this.#on) showMessage(this.message, ...emptyText(health, on));
  }

  get #isEmpty() {
    return this.grid.pictures.length === 0 && this.list.isComplete;
  }
}

/**
 * @param {Route} route
 * @returns {{sort?: "newest"}}
 */
function orderOf({ sort }) {
  return sort === "uploaded_at" ? { sort: "newest" } : {};
}

/** @param {{state?: string}} image */
function isPending({ state }) {
  return state === "pending";
}
