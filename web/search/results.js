import { titleOfSearch } from "../url/describe.js";
import { urlOf } from "../url/route.js";
import { search } from "../core/api.js";
import { announce, element, find, setHeading, showMessage } from "../core/dom.js";
import { isHere } from "../core/query-pictures.js";
import { termsOf } from "../core/search-request.js";
import { ImagesView } from "../list/list-view.js";
import { filesNamed, headingOf, nothingFound, notesOn, pictureMissing, SORTED_SIZE } from "./messages.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").Match} Match */
/** @typedef {import("../core/api.js").SearchAnswer} SearchAnswer */
/** @typedef {import("../list/selection.js").Selection} Selection */
/** @typedef {import("../list/paged-list.js").Snapshot<SearchAnswer>} Snapshot */

const PAGE_SIZE = 48;

/**
 * The images closest to the query.
 *
 * @extends {ImagesView<SearchAnswer>}
 */
export class Results extends ImagesView {
  #note = find("#results-note", HTMLElement);
  #url = "";

  /** @param {Selection} selection */
  constructor(selection) {
    super("#results", selection);
  }

  /** The URL of the search on show, whatever image is selected. */
  get url() {
    return this.#url;
  }

  /** @param {Route} route */
  urlOf(route) {
    return urlOf({ ...route, view: "", key: "" });
  }

  /**
   * @param {Route} route
   * @param {Snapshot} [snapshot] what was on show at this URL before
   */
  show(route, snapshot) {
    this.root.hidden = false;
    const url = this.urlOf(route);
    if (url === this.#url) return this.#resume(route);
    this.#url = url;
    setHeading("Searching…");
    if (snapshot) this.list.restore(snapshot);
    else if (askable(route).length === 0) this.#showPictureMissing();
    else this.#begin(route);
  }

  /** @param {Route} route */
  #resume(route) {
    if (this.list.snapshot) this.#showHeading(route);
    this.list.resume();
  }

  /** @param {Route} route */
  #begin(route) {
    this.list.begin({
      ask: (cursor, signal) => search(queryOf(route, cursor), signal),
      pictures: ({ matches }) => matches,
      cursor: ({ cursor }) => (route.sort ? null : cursor),
      onPage: (answer, first) => this.#onPage(route, answer, first),
      onFailure: () => this.#onFailure(),
    });
  }

  /**
   * @param {Route} route
   * @param {SearchAnswer} answer
   * @param {boolean} first
   */
  #onPage(route, answer, first) {
    this.#showHeading(route);
    if (first) this.#say(route, answer);
  }

  #onFailure() {
    if (this.grid.pictures.length > 0) return;
    this.#sayNotes([]);
    setHeading("No answer");
  }

  /** @param {Route} route */
  #showHeading(route) {
    const matches = /** @type {Match[]} */ (this.grid.pictures);
    setHeading(element("bdi", { textContent: headingOf(route, matches, this.list.isComplete) }));
  }

  /**
   * @param {Route} route
   * @param {SearchAnswer} answer
   */
  #say(route, { matches, terms }) {
    this.#sayNotes(notesOn(route, matches, terms), filesNamed(route));
    announce(`${headingOf(route, matches, this.list.isComplete)}. ${titleOfSearch(route)}.`);
    if (matches.length === 0) showMessage(this.message, ...nothingFound(route));
  }

  #showPictureMissing() {
    this.list.clear();
    this.grid.fill([]);
    this.#sayNotes([]);
    setHeading("The picture of this search is not here");
    showMessage(this.message, ...pictureMissing());
  }

  /**
   * @param {string[]} lines
   * @param {HTMLElement[]} [ways] to what may be meant instead
   */
  #sayNotes(lines, ways = []) {
    showMessage(this.#note, ...ways, ...lines.map((line) => element("p", { textContent: line })));
  }
}

/** @param {Route} route */
function askable(route) {
  return termsOf(route).filter(({ kind, value }) => kind !== "picture" || isHere(value));
}

/**
 * @param {Route} route
 * @param {string | null} cursor
 */
function queryOf(route, cursor) {
  const options = { collapse: true, ...(route.sort ? { sort: route.sort, top_k: SORTED_SIZE } : { top_k: PAGE_SIZE }) };
  return { terms: askable(route), filters: route.filters, options: cursor ? { ...options, cursor } : options };
}
