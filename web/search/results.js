import { describeSearch, titleOfSearch } from "../address/describe.js";
import { addressOf } from "../address/route.js";
import { searchFor } from "../address/router.js";
import { search } from "../core/api.js";
import { announce, element, find, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { isHere } from "../core/query-pictures.js";
import { termsOf } from "../core/search-request.js";
import { addLikeButtons, listenToLikeKeys } from "../list/like-buttons.js";
import { PagedList } from "../list/paged-list.js";
import { addCheckbox, letChoose } from "../list/select-gestures.js";
import { Chips } from "./chips.js";
import { nothingFound, notesOn, pictureMissing, SORTED_SIZE } from "./messages.js";

/** @typedef {import("../address/route.js").Route} Route */
/** @typedef {import("../core/api.js").SearchAnswer} SearchAnswer */
/** @typedef {import("../list/selection.js").Selection} Selection */
/** @typedef {import("../list/paged-list.js").Snapshot<SearchAnswer>} Snapshot */

const PAGE_SIZE = 48;
/** The strength of the best match below which nothing is what was searched for. */
const CLOSE = 0.25;
const NOTHING_CLOSE = "Nothing is close to this search; these are the nearest images. Try other words or fewer filters.";

/** The images closest to what is searched for. */
export class Results {
  #root = find("#results", HTMLElement);
  #title = find("h2", HTMLElement, this.#root);
  #sort = find("#sort", HTMLSelectElement);
  #note = find("#results-note", HTMLElement);
  #message = find(".message", HTMLElement, this.#root);
  #chips = new Chips();
  /** @type {PagedList<SearchAnswer>} */
  #list;
  #address = "";

  /** @param {Selection} selection */
  constructor(selection) {
    this.#list = new PagedList(find("ul.grid", HTMLUListElement, this.#root), this.#message, (tile, picture) => {
      addCheckbox(tile, picture, selection);
      addLikeButtons(tile, picture);
    });
    letChoose(this.grid, selection);
    listenToLikeKeys(this.grid);
    this.#sort.addEventListener("change", () => searchFor({ sort: /** @type {Route["sort"]} */ (this.#sort.value) }));
  }

  get grid() {
    return this.#list.grid;
  }

  /** The address of the search on show, whatever image is selected. */
  get address() {
    return this.#address;
  }

  /** @param {Route} route */
  addressOf(route) {
    return addressOf({ ...route, view: "", key: "" });
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
  show(route, snapshot) {
    this.#root.hidden = false;
    this.#chips.show(route);
    this.#sort.value = route.sort;
    const address = this.addressOf(route);
    if (address === this.#address) return this.#list.resume();
    this.#address = address;
    const parts = describeSearch(route).flatMap(([ours, name]) => [ours, element("bdi", { textContent: name })]);
    this.#title.replaceChildren(...parts);
    if (snapshot) this.#list.restore(snapshot);
    else if (askable(route).length === 0) this.#showPictureMissing();
    else this.#begin(route);
  }

  hide() {
    this.#root.hidden = true;
    this.#list.pause();
  }

  /** Asks again after a failure. */
  retry() {
    if (!this.#root.hidden) this.#list.again();
  }

  /** @param {Route} route */
  #begin(route) {
    this.#list.begin({
      ask: (cursor, signal) => search(queryOf(route, cursor), signal),
      pictures: ({ matches }) => matches,
      cursor: ({ cursor }) => (route.sort === "score" ? cursor : null),
      onPage: (answer, first) => first && this.#say(route, answer),
      onFailure: () => this.grid.pictures.length === 0 && this.#sayNotes([]),
    });
  }

  /**
   * @param {Route} route
   * @param {SearchAnswer} answer
   */
  #say(route, { matches, terms }) {
    const close = matches.length === 0 || (matches[0].strength ?? 1) >= CLOSE;
    this.#sayNotes([...notesOn(route, terms.some(({ cut }) => cut)), ...(close ? [] : [NOTHING_CLOSE])]);
    const found = matches.length > 0 ? formatCount(matches.length, "image") : "Nothing found";
    announce(`${found}. ${titleOfSearch(route)}.`);
    if (matches.length === 0) showMessage(this.#message, ...nothingFound(route));
  }

  #showPictureMissing() {
    this.#list.clear();
    this.grid.fill([]);
    this.#sayNotes([]);
    showMessage(this.#message, ...pictureMissing());
  }

  /** @param {string[]} lines */
  #sayNotes(lines) {
    showMessage(this.#note, ...lines.map((line) => element("p", { textContent: line })));
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
  const options = { collapse: true, sort: route.sort, top_k: route.sort === "score" ? PAGE_SIZE : SORTED_SIZE };
  return { terms: askable(route), filters: route.filters, options: cursor ? { ...options, cursor } : options };
}
