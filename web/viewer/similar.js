import { search } from "../core/api.js";
import { announce, element, find, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { addLikeButtons, listenToLikeKeys } from "../list/like-buttons.js";
import { PagedList } from "../list/paged-list.js";

/** @typedef {import("../core/api.js").SearchAnswer} SearchAnswer */
/** @typedef {import("../url/terms.js").Crop} Crop */

const OPTIONS = { top_k: 24, collapse: true };
const ALONE = "There are no similar images: this is the only one in the index.";

/** The images nearest to the selected one, or to a part of it, without end. */
export class Similar {
  #root = find("#similar", HTMLElement);
  #title = find("h3", HTMLElement, this.#root);
  #message = find(".message", HTMLElement, this.#root);
  /** @type {PagedList<SearchAnswer>} */
  #list = new PagedList(find("ul", HTMLUListElement, this.#root), this.#message, addLikeButtons);

  constructor() {
    listenToLikeKeys(this.grid);
  }

  get grid() {
    return this.#list.grid;
  }

  /** Forgets what is on show. */
  clear() {
    this.#root.hidden = true;
    this.#list.clear();
    this.grid.fill([]);
  }

  /**
   * @param {string} key
   * @param {Crop} [crop]
   */
  show(key, crop) {
    this.#root.hidden = false;
    this.#title.textContent = crop ? "Images like this part" : "Similar images";
    const terms = [{ kind: /** @type {const} */ ("image"), value: key, weight: 1, crop }];
    this.#list.begin({
      ask: (cursor, signal) => search({ terms, options: cursor ? { ...OPTIONS, cursor } : OPTIONS }, signal),
      pictures: ({ matches }) => matches,
      cursor: (answer) => answer.cursor,
      onPage: () => this.#say(),
    });
  }

  #say() {
    const { length } = this.grid.pictures;
    if (length === 0) showMessage(this.#message, element("p", { textContent: ALONE }));
    announce(`${formatCount(length, "similar image")}.`);
  }
}
