import { listImages } from "./api.js";
import { announce, element, find, Latest, showError, showMessage } from "./dom.js";
import { formatCount } from "./format.js";
import { createTile } from "./tile.js";

/** @typedef {import("./api.js").Health} Health */
/** @typedef {import("./api.js").StoredImage} StoredImage */

const PAGE_SIZE = 48;
/** The next page is asked for this long before its place scrolls into view. */
const LOAD_AHEAD = "800px";

/** All images, page by page. */
export class Gallery {
  #root = find("#gallery", HTMLElement);
  #grid = find("ul", HTMLUListElement, this.#root);
  #message = find(".message", HTMLElement, this.#root);
  #more = find(".more", HTMLButtonElement, this.#root);
  #latest = new Latest();
  /** @type {Map<string, HTMLLIElement>} */
  #tiles = new Map();
  /** @type {string | null | undefined} undefined before the first page, null after the last */
  #cursor = undefined;
  #loading = false;
  #observer = new IntersectionObserver((entries) => this.#onVisible(entries), { rootMargin: LOAD_AHEAD });

  /** @param {() => Promise<Health | undefined>} health */
  constructor(health) {
    this.health = health;
    this.#more.addEventListener("click", () => void this.#loadPage());
  }

  get root() {
    return this.#root;
  }

  show() {
    this.#root.hidden = false;
    if (this.#cursor === undefined && !this.#loading) void this.#loadPage();
  }

  hide() {
    this.#root.hidden = true;
  }

  /**
   * Shows an image that was just uploaded or has changed.
   *
   * @param {StoredImage} image
   */
  put(image) {
    const tile = createTile(image);
    const old = this.#tiles.get(image.key);
    if (old) old.replaceWith(tile);
    else this.#grid.prepend(tile);
    this.#tiles.set(image.key, tile);
    showMessage(this.#message);
  }

  /** @param {string} key */
  remove(key) {
    this.#tiles.get(key)?.remove();
    this.#tiles.delete(key);
    if (this.#cursor === null) void this.#showEmpty();
  }

  async #loadPage() {
    const signal = this.#latest.start();
    this.#setBusy(true);
    try {
      const page = await listImages({ limit: PAGE_SIZE, cursor: this.#cursor }, signal);
      this.#cursor = page.cursor;
      this.#append(page.images);
      this.#setBusy(false);
      await this.#showEmpty();
    } catch (error) {
      if (signal.aborted) return;
      this.#setBusy(false);
      this.#more.hidden = true;
      showError(this.#message, error, () => void this.#loadPage());
    }
  }

  /** @param {boolean} busy */
  #setBusy(busy) {
    this.#loading = busy;
    this.#grid.ariaBusy = String(busy);
    this.#more.disabled = busy;
    this.#more.hidden = !this.#cursor;
    if (busy) showMessage(this.#message);
    this.#observer.disconnect();
    // Observing afresh reports the button again if it is still in view.
    if (!busy && this.#cursor) this.#observer.observe(this.#more);
  }

  /** @param {StoredImage[]} images */
  #append(images) {
    const tiles = images.filter(({ key }) => !this.#tiles.has(key)).map(createTile);
    for (const tile of tiles) this.#tiles.set(tile.dataset.key ?? "", tile);
    this.#grid.append(...tiles);
    if (!this.#root.hidden) announce(`${formatCount(this.#tiles.size, "image")} shown.`);
  }

  async #showEmpty() {
    if (this.#tiles.size > 0 || this.#cursor) return;
    const health = await this.health();
    if (this.#tiles.size === 0) showMessage(this.#message, ...emptyText(health));
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onVisible(entries) {
    if (entries.some((entry) => entry.isIntersecting) && !this.#loading) void this.#loadPage();
  }
}

/** @param {Health | undefined} health */
function emptyText(health) {
  const ways = health?.writes === "open" ? "Drop images on this page, or put them into the bucket" : "Put images into the bucket";
  const command = `aws s3 cp photo.jpg s3://${health?.images_bucket ?? "BUCKET"}/`;
  return [
    element("p", { className: "lead", textContent: "There are no images yet." }),
    element("p", { textContent: `${ways}; seconds later they can be found.` }),
    element("pre", { tabIndex: 0 }, element("code", { textContent: command })),
  ];
}
