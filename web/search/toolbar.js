import { withoutFolder } from "../url/filters.js";
import { urlOf, isSearch } from "../url/route.js";
import { searchFor } from "../url/router.js";
import { element, find } from "../core/dom.js";
import { folderName } from "../core/format.js";
import { Chips } from "./chips.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {[Route["sort"], string][]} Orders */

/** @type {[string, string][]} */
const VIEWS = [["", "Grid"], ["map", "Map"], ["duplicates", "Duplicates"], ["trash", "Trash"]];
/** @type {Orders} */
const OF_SEARCH = [["", "Best match"], ["taken_at", "Newest taken"], ["uploaded_at", "Newest upload"]];
/** @type {Orders} */
const OF_GALLERY = [["", "Name"], ["uploaded_at", "Newest"]];
/** The index lists what meets a filter, which has one order. @type {Orders} */
const OF_FILTERED = [["", "Newest"]];

/** The controls of the list: the views, the order, the filters and the parts of the search. */
export class Toolbar {
  #crumbs = find("#crumbs", HTMLElement);
  #views = find("#views", HTMLElement);
  #filter = find("#add-filter", HTMLElement);
  #order = find("#order", HTMLElement);
  #sort = find("#sort", HTMLSelectElement);
  #refine = find("#refine", HTMLElement);
  #clear = find("#clear-all", HTMLAnchorElement);
  #buttons = [find("#more-of", HTMLElement), find("#less-of", HTMLElement)];
  #chips = new Chips();
  #links = VIEWS.map(([view, textContent]) => ({ view, link: element("a", { textContent }) }));

  constructor() {
    this.#views.append(...this.#links.map(({ link }) => link));
    this.#allow("trash", false);
    this.#sort.addEventListener("change", () => searchFor({ sort: /** @type {Route["sort"]} */ (this.#sort.value) }));
  }

  /** Offers the trash to whoever may delete. */
  allowTrash() {
    this.#allow("trash", true);
  }

  /** @param {Route} route */
  show(route) {
    const search = isSearch(route);
    this.#views.hidden = search;
    for (const { view, link } of this.#links) {
      link.href = urlOf({ view, prefix: route.prefix });
      link.ariaCurrent = view === route.view ? "page" : null;
    }
    this.#showFolder(search ? "" : route.prefix, route.view);
    this.#showRefinements(route, search);
  }

  /**
   * @param {Route} route
   * @param {boolean} search
   */
  #showRefinements(route, search) {
    const refinable = search || !route.view;
    const filtered = Object.keys(withoutFolder(route.filters)).length > 0;
    const ofGallery = filtered ? OF_FILTERED : OF_GALLERY;
    this.#filter.hidden = this.#order.hidden = !refinable;
    this.#refine.hidden = !refinable || !(search || filtered);
    for (const button of this.#buttons) button.hidden = !search;
    this.#clear.href = urlOf({ prefix: search ? "" : route.prefix });
    this.#showOrders(search ? OF_SEARCH : ofGallery, route.sort);
    this.#chips.show(route);
  }

  /**
   * @param {string} prefix of the folder on show, all of the bucket when empty
   * @param {string} view
   */
  #showFolder(prefix, view) {
    this.#crumbs.hidden = prefix === "";
    const names = prefix.split("/").slice(0, -1);
    const paths = ["", ...names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`)];
    const links = paths.map((path) => {
      const textContent = path ? folderName(path) : "All images";
      return element("a", { href: urlOf({ view, prefix: path }), dir: "auto", textContent });
    });
    links[links.length - 1].ariaCurrent = "page";
    find("ol", HTMLOListElement, this.#crumbs).replaceChildren(...links.map((link) => element("li", {}, link)));
  }

  /**
   * @param {Orders} orders
   * @param {Route["sort"]} sort
   */
  #showOrders(orders, sort) {
    const options = orders.map(([value, textContent]) => element("option", { value, textContent }));
    const same = [...this.#sort.options].map(({ text }) => text).join() === orders.map(([, text]) => text).join();
    if (!same) this.#sort.replaceChildren(...options);
    this.#sort.value = orders.some(([value]) => value === sort) ? sort : "";
    this.#sort.disabled = orders.length === 1;
  }

  /**
   * @param {string} view
   * @param {boolean} allowed
   */
  #allow(view, allowed) {
    for (const known of this.#links) if (known.view === view) known.link.hidden = !allowed;
  }
}
