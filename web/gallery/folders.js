import { listImages } from "../core/api.js";
import { element, find, Latest } from "../core/dom.js";
import { folderName, formatCount } from "../core/format.js";
import { Queue } from "../core/queue.js";
import { urlOf } from "../url/route.js";

/** @typedef {import("../core/api.js").Picture} Picture */
/** @typedef {{folders: string[], cursor: string | null}} Some folders, and where the others start */

const PAGE_SIZE = 100;
/** At most this many pages of a folder are loaded; of a larger one not all folders are shown. */
const MOST_PAGES = 20;

/** Covers for which no image is loaded are requested a few at a time. */
const CONCURRENCY = 2;

/** The folders in the one on show: one line of covers and names. A button unfolds what the line does not hold. */
export class Folders {
  #list = find("#folders", HTMLUListElement);
  #all = find("#folders-all", HTMLButtonElement);
  #line = find("#folder-line", HTMLElement);
  #prefix = "";
  #queue = new Queue(CONCURRENCY);
  #latest = new Latest();
  #seen = new IntersectionObserver((entries) => this.#onSeen(entries));
  /** @type {Some} */
  #known = { folders: [], cursor: null };

  constructor() {
    this.#all.addEventListener("click", () => void this.#toggle());
    new ResizeObserver(() => this.#showButton()).observe(this.#list);
  }

  /**
   * Reserves the line, so that nothing moves when the folders are loaded.
   *
   * @param {string} prefix the folder on show, all of the bucket when empty
   * @param {boolean} expected whether they will be shown
   */
  wait(prefix, expected) {
    this.#prefix = prefix;
    this.#latest.start();
    this.#unfold(false);
    this.show({ folders: [], cursor: null });
    this.#line.hidden = !expected;
  }

  /**
   * @param {Some} known
   * @param {Picture[]} [images] that are loaded, of which some may be in these folders
   */
  show(known, images = []) {
    this.#known = known;
    this.#line.hidden = known.folders.length === 0;
    this.#seen.disconnect();
    this.#list.replaceChildren(...known.folders.map((prefix) => this.#folder(prefix, images)));
    this.#showButton();
  }

  /**
   * @param {string} prefix
   * @param {Picture[]} images
   */
  #folder(prefix, images) {
    const cover = element("span", { className: "cover" });
    const image = images.find(({ key, thumbnail_url }) => thumbnail_url && key.startsWith(prefix));
    const name = element("span", { dir: "auto", textContent: folderName(prefix) });
    const item = element("li", {}, element("a", { href: urlOf({ prefix }) }, cover, name));
    item.dataset.prefix = prefix;
    if (image) void setCover(cover, image);
    else this.#seen.observe(item);
    return item;
  }

  /** @param {IntersectionObserverEntry[]} entries */
  #onSeen(entries) {
    const { signal } = this.#latest;
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting || !(target instanceof HTMLElement)) continue;
      this.#seen.unobserve(target);
      this.#queue.add(() => loadCover(target, signal));
    }
  }

  #showButton() {
    const unfolded = this.#line.classList.contains("unfolded");
    const cut = this.#list.scrollWidth > this.#list.clientWidth || this.#known.cursor !== null;
    const count = this.#known.cursor ? "All folders" : formatCount(this.#known.folders.length, "folder");
    this.#all.hidden = this.#line.hidden || !(cut || unfolded);
    this.#all.textContent = unfolded ? "Fewer folders" : count;
  }

  async #toggle() {
    const prefix = this.#prefix;
    this.#unfold(!this.#line.classList.contains("unfolded"));
    const all = await listFolders(prefix, MOST_PAGES, this.#known).catch(() => this.#known);
    if (prefix === this.#prefix && all !== this.#known) this.show(all);
    this.#showButton();
  }

  /** @param {boolean} unfolded */
  #unfold(unfolded) {
    this.#line.classList.toggle("unfolded", unfolded);
    this.#all.ariaExpanded = String(unfolded);
  }
}

/**
 * @param {string} prefix
 * @param {number} pages at most
 * @param {Some} [known] to go on from
 * @param {AbortSignal} [signal]
 * @returns {Promise<Some>}
 */
export async function listFolders(prefix, pages, known = { folders: [], cursor: "" }, signal) {
  let { folders, cursor } = known;
  for (let page = 0; page < pages && cursor !== null; page += 1) {
    const answer = await listImages({ prefix, cursor, limit: PAGE_SIZE, folders: true }, signal);
    folders = [...folders, ...(answer.folders ?? [])];
    cursor = answer.cursor;
  }
  return { folders, cursor };
}

/**
 * @param {HTMLElement} item
 * @param {AbortSignal} signal
 */
async function loadCover(item, signal) {
  await imagesInView();
  if (signal.aborted) return;
  const none = { images: [] };
  const { images } = await listImages({ prefix: item.dataset.prefix, limit: 1 }, signal).catch(() => none);
  for (const image of images) await setCover(find(".cover", HTMLElement, item), image);
}

/**
 * @param {HTMLElement} cover
 * @param {Picture} image
 */
async function setCover(cover, { thumbnail_url }) {
  await imagesInView();
  if (thumbnail_url) cover.replaceChildren(element("img", { alt: "", src: thumbnail_url, draggable: false }));
}

/** The images come first: on a slow network, covers would take their time. */
async function imagesInView() {
  const images = [...document.querySelectorAll("#gallery .tile img")].filter((image) => image instanceof HTMLImageElement);
  const inView = images.filter((image) => image.getBoundingClientRect().top < innerHeight);
  await Promise.allSettled(inView.map((image) => image.decode()));
}
