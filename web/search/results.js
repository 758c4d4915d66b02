import { search } from "../core/api.js";
import { Chips } from "./chips.js";
import { describeSearch, titleOfSearch } from "../address/describe.js";
import { announce, element, find, Latest, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { Grid } from "../list/grid.js";
import { isHere } from "../core/query-pictures.js";
import { termsOf } from "../core/search-request.js";
import { Retry } from "../core/retry.js";
import { nothingFound, notesOn, pictureMissing, SORTED_SIZE } from "./messages.js";
import { addressOf, searchFor } from "../address/route.js";
import { addCheckbox, letChoose } from "../list/select-gestures.js";
import { addWeighing, letWeigh } from "../list/like-buttons.js";

/** @typedef {import("../core/api.js").SearchAnswer} SearchAnswer */
/** @typedef {import("../address/route.js").Route} Route */
/** @typedef {import("../list/selection.js").Selection} Selection */

const PAGE_SIZE = 48;

/** The images closest to what is searched for. */
export class Results {
  #root = find("#results", HTMLElement);
  #title = find("h2", HTMLElement, this.#root);
  #sort = find("#sort", HTMLSelectElement);
  #note = find("#results-note", HTMLElement);
  #message = find(".message", HTMLElement, this.#root);
  #chips = new Chips();
  #retry = new Retry(this.#message);
  #latest = new Latest();
  /** @type {Route | undefined} */
  #route;
  #address = "";
  /** @type {string | null} */
  #cursor = null;
  #loading = false;

  /** @param {Selection} selection */
  constructor(selection) {
    const list = find("ul.grid", HTMLUListElement, this.#root);
    this.grid = new Grid(list, {
      onEnd: () => this.#onEnd(),
      onTile: (tile, picture) => {
        addCheckbox(tile, picture, selection);
        addWeighing(tile, picture);
      },
    });
    letChoose(this.grid, selection);
    letWeigh(this.grid);
    this.#sort.addEventListener("change", () => searchFor({ sort: /** @type {Route["sort"]} */ (this.#sort.value) }));
  }

  get root() {
    return this.#root;
  }

  /** The address of the search on show, whatever image is selected. */
  get address() {
    return this.#address;
  }

  /** @param {Route} route */
  show(route) {
    this.#root.hidden = false;
    this.#chips.show(route);
    this.#sort.value = route.sort;
    const address = addressOfSearch(route);
    if (address === this.#address) return;
    this.#address = address;
    this.#route = route;
    this.#retry.reset();
    this.#begin(route);
  }

  hide() {
    this.#root.hidden = true;
    this.#retry.reset();
    this.#latest.stop();
    if (this.#loading) this.#address = "";
  }

  /** Asks again after a failure. */
  retry() {
    if (!this.#root.hidden && !this.#message.hidden && this.#route) this.#begin(this.#route);
  }

  /** @param {Route} route */
  #begin(route) {
    this.#cursor = null;
    const parts = describeSearch(route).flatMap(([ours, name]) => [ours, element("bdi", { textContent: name })]);
    this.#title.replaceChildren(...parts);
    if (askable(route).length === 0) return this.#showPictureMissing();
    // The images found before stay, and are replaced at once: a list that empties and fills would flicker.
    if (this.grid.pictures.length === 0) this.grid.wait();
    void this.#load(route);
  }

  /**
   * @param {Route} route
   * @param {string | null} [cursor] none starts from the best match
   */
  async #load(route, cursor = null) {
    const signal = this.#latest.start();
    this.#loading = true;
    showMessage(this.#message);
    if (!cursor) this.#setStale(true);
    try {
      const answer = await search(queryOf(route, cursor), signal);
      this.#retry.reset();
      this.#cursor = route.sort === "score" ? answer.cursor : null;
      this.#loading = false; // before the list is filled, as that may ask for more
      if (cursor) this.grid.append(answer.matches);
      else this.#fill(route, answer);
    } catch (error) {
      if (!signal.aborted) this.#fail(error, () => (cursor ? void this.#load(route, cursor) : this.#begin(route)), !cursor);
    }
  }

  /** @param {boolean} stale whether what is on show belongs to the search before */
  #setStale(stale) {
    this.grid.list.classList.toggle("stale", stale);
    this.grid.list.ariaBusy = String(stale);
  }

  /**
   * @param {unknown} error
   * @param {() => void} again
   * @param {boolean} empty whether what is on show belongs to another search
   */
  #fail(error, again, empty) {
    this.#loading = false;
    this.#setStale(false);
    if (empty) this.#empty();
    this.grid.stopWaiting();
    this.#cursor = null;
    this.#retry.show(error, again);
  }

  /**
   * @param {Route} route
   * @param {SearchAnswer} answer
   */
  #fill(route, { matches, terms }) {
    this.#setStale(false);
    this.grid.fill(matches);
    this.#say(notesOn(route, terms.some(({ cut }) => cut)));
    const found = matches.length > 0 ? formatCount(matches.length, "image") : "Nothing found";
    announce(`${found}. ${titleOfSearch(route)}.`);
    if (matches.length === 0) showMessage(this.#message, ...nothingFound(route));
  }

  #showPictureMissing() {
    this.#latest.stop();
    this.#loading = false;
    this.#setStale(false);
    this.#empty();
    showMessage(this.#message, ...pictureMissing());
  }

  #empty() {
    this.grid.fill([]);
    this.#say([]);
  }

  /** @param {string[]} lines */
  #say(lines) {
    showMessage(this.#note, ...lines.map((line) => element("p", { textContent: line })));
  }

  #onEnd() {
    if (this.#cursor && !this.#loading && this.#route && !this.#root.hidden) void this.#load(this.#route, this.#cursor);
  }
}

/** @param {Route} route */
export function addressOfSearch(route) {
  return addressOf({ ...route, view: "", key: "" });
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
