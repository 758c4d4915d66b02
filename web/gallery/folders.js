import { listImages } from "../core/api.js";
import { element, find } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { addressOf } from "../address/route.js";

/** @typedef {{folders: string[], cursor: string | null}} Some folders, and where the others start */

const PAGE_SIZE = 100;
/** A folder with more than so many pages of images and folders does not show all of the latter. */
const MOST_PAGES = 20;

/**
 * Where in the bucket the gallery is, and the folders there: one line, so that nothing moves when they become known.
 * A button unfolds what the line does not hold.
 */
export class Folders {
  #crumbs = find("#crumbs ol", HTMLOListElement);
  #list = find("#folders", HTMLUListElement);
  #all = find("#folders-all", HTMLButtonElement);
  #line = find("#folder-line", HTMLElement);
  #prefix = "";
  /** @type {Some} */
  #known = { folders: [], cursor: null };

  constructor() {
    this.#all.addEventListener("click", () => void this.#toggle());
    new ResizeObserver(() => this.#showButton()).observe(this.#list);
  }

  /** @param {string} prefix the folder on show, all of the bucket when empty */
  showPath(prefix) {
    this.#prefix = prefix;
    const names = prefix.split("/").slice(0, -1);
    const paths = names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`);
    this.#crumbs.replaceChildren(crumb("All images", ""), ...paths.map((path) => crumb(nameOf(path), path)));
    this.#crumbs.lastElementChild?.querySelector("a")?.setAttribute("aria-current", "page");
    this.#unfold(false);
    this.show({ folders: [], cursor: null });
  }

  /** @param {Some} known */
  show(known) {
    this.#known = known;
    this.#list.hidden = known.folders.length === 0;
    this.#list.replaceChildren(...known.folders.map(chip));
    this.#showButton();
  }

  #showButton() {
    const unfolded = this.#line.classList.contains("unfolded");
    const cut = this.#list.scrollWidth > this.#list.clientWidth || this.#known.cursor !== null;
    const count = this.#known.cursor ? "All folders" : formatCount(this.#known.folders.length, "folder");
    this.#all.hidden = this.#list.hidden || !(cut || unfolded);
    this.#all.textContent = unfolded ? "Fewer folders" : count;
  }

  async #toggle() {
    const prefix = this.#prefix;
    this.#unfold(!this.#line.classList.contains("unfolded"));
    const all = await listFolders(prefix, MOST_PAGES, this.#known).catch(() => this.#known);
    if (prefix === this.#prefix) this.show(all);
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
 * @param {string} prefix for example "animals/cats/"
 * @returns {string} for example "cats"
 */
function nameOf(prefix) {
  return prefix.split("/").at(-2) || "(no name)";
}

/**
 * @param {string} name
 * @param {string} prefix
 */
function crumb(name, prefix) {
  return element("li", {}, element("a", { href: addressOf({ prefix }), dir: "auto", textContent: name }));
}

/** @param {string} prefix */
function chip(prefix) {
  return element("li", {}, element("a", { href: addressOf({ prefix }), dir: "auto", textContent: nameOf(prefix) }));
}
