import { urlOf } from "../url/route.js";
import { listImages } from "../core/api.js";
import { announce, element, find, setHeading, showMessage } from "../core/dom.js";
import { ListView } from "../list/list-view.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").Page} Page */

/**
 * The files that cannot be searched, by reason.
 *
 * @extends {ListView<Page>}
 */
export class Rejected extends ListView {
  #lead = find(".lead-in", HTMLElement, this.root);
  #reason = find("#rejected-reason", HTMLSelectElement);
  #prefix = "";

  constructor() {
    super("#rejected");
    this.#reason.addEventListener("change", () => this.#begin());
  }

  get url() {
    return this.urlOf({ prefix: this.#prefix });
  }

  /** @param {Pick<Route, "prefix">} route */
  urlOf({ prefix }) {
    return urlOf({ view: "rejected", prefix });
  }

  /**
   * Loads the list again each time that it comes into view.
   *
   * @param {Route} route
   */
  show({ prefix }) {
    if (!this.root.hidden && prefix === this.#prefix) return;
    this.root.hidden = false;
    this.#prefix = prefix;
    this.#reason.replaceChildren(element("option", { value: "", textContent: "Any reason" }));
    this.#lead.hidden = true;
    setHeading("Rejected files");
    this.#begin();
  }

  #begin() {
    const query = { state: "rejected", reason: this.#reason.value, prefix: this.#prefix };
    this.grid.fill([]);
    this.list.begin({
      ask: (cursor, signal) => listImages({ ...query, cursor }, signal),
      pictures: ({ images }) => images,
      cursor: ({ cursor }) => cursor,
      onPage: ({ images }) => this.#onPage(images.map(({ reason }) => reason ?? "")),
    });
  }

  /** @param {string[]} reasons of the files of a page */
  #onPage(reasons) {
    this.#offer(reasons);
    const { length } = this.grid.pictures;
    const count = this.list.counted("rejected file");
    if (!this.root.hidden) setHeading(length > 0 ? count : "Rejected files");
    announce(`${count}.`);
    this.#lead.hidden = this.#reason.options.length < 2;
    if (length > 0 || !this.list.isComplete) return;
    showMessage(this.message, element("p", { className: "lead", textContent: "Nothing was rejected." }),
      element("p", { textContent: "Files that cannot be read as images are listed here, each with a remedy." }));
  }

  /** @param {string[]} reasons that can be chosen from now on */
  #offer(reasons) {
    const known = [...this.#reason.options].map(({ value }) => value);
    for (const value of new Set(reasons)) {
      if (!known.includes(value)) this.#reason.add(new Option(value.replaceAll("-", " "), value));
    }
  }
}
