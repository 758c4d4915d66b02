import { Latest, showMessage } from "../core/dom.js";
import { formatAtLeast, formatCount } from "../core/format.js";
import { Retry } from "../core/retry.js";
import { Grid } from "./grid.js";

/** @typedef {import("../url/router.js").Place} Place */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/**
 * @template A what one page of the list answers
 * @typedef {object} Source
 * @property {(cursor: string | null, signal: AbortSignal) => Promise<A>} ask a null cursor asks for the first page
 * @property {(answer: A) => TilePicture[]} pictures
 * @property {(answer: A) => string | null | undefined} cursor of the page after this one; nothing after the last
 * @property {(answer: A, first: boolean) => void} [onPage] called once the images of a page are in the list
 * @property {(error: unknown) => void} [onFailure]
 */

/**
 * @template A
 * @typedef {{source: Source<A>, first: A, pictures: TilePicture[], cursor: string | null}} Snapshot a list, to come back to
 */

/** The number of pages in which an image is looked for. */
const MOST_PAGES = 40;

/**
 * A list of images that is loaded page by page. It handles loading, errors, retries and further pages for every view.
 *
 * @template A
 */
export class PagedList {
  #latest = new Latest();
  /** @type {Source<A> | undefined} */
  #source;
  /** @type {A | undefined} */
  #first;
  /** @type {string | null} */
  #cursor = null;
  /** The page that is being asked for. @type {Promise<void> | undefined} */
  #loading;
  #failed = false;
  #paused = false;

  /**
   * @param {HTMLUListElement} list
   * @param {HTMLElement} message the place for messages about it
   * @param {(tile: HTMLLIElement, picture: TilePicture) => void} [onTile] called for each tile that is made
   */
  constructor(list, message, onTile) {
    this.message = message;
    this.retries = new Retry(message);
    this.grid = new Grid(list, { onTile, onEnd: () => this.#onEnd() });
  }

  get isFailed() {
    return this.#failed;
  }

  /** Whether all images are in the list. */
  get isComplete() {
    return this.#first !== undefined && this.#cursor === null;
  }

  /**
   * @param {string} noun the name of one of them
   * @returns {string} their number, or a minimum while more may follow
   */
  counted(noun) {
    const { length } = this.grid.pictures;
    if (this.isComplete && length === 0) return `No ${noun}s`;
    return this.isComplete ? formatCount(length, noun) : formatAtLeast(length, noun);
  }

  /**
   * Shows another list. The images of the one before stay until there is an answer, marked as stale: a list that
   * empties and fills would flicker.
   *
   * @param {Source<A>} source
   */
  begin(source) {
    this.clear();
    this.#source = source;
    if (this.grid.pictures.length === 0) this.grid.wait();
    else this.#setStale(true);
    this.#load();
  }

  /** Cancels the request and forgets the source. The images stay. */
  clear() {
    this.#latest.stop();
    this.retries.reset();
    this.#source = this.#first = this.#loading = undefined;
    this.#cursor = null;
    this.#failed = this.#paused = false;
    this.#setStale(false);
    showMessage(this.message);
  }

  /** Tries again after a failure, or continues. */
  again() {
    if (this.#source && (this.#failed || !this.#first) && !this.#loading) this.#load();
  }

  /** Sends no request until it is resumed, because the list is out of view. */
  pause() {
    this.#paused = true;
    this.retries.reset();
    this.#latest.stop();
    this.#loading = undefined;
  }

  resume() {
    this.#paused = false;
    this.again();
  }

  /** @returns {Snapshot<A> | undefined} undefined before the first response */
  get snapshot() {
    if (!this.#source || !this.#first) return undefined;
    return { source: this.#source, first: this.#first, pictures: this.grid.pictures, cursor: this.#cursor };
  }

  /** @param {Snapshot<A>} snapshot */
  restore({ source, first, pictures, cursor }) {
    this.clear();
    this.#source = source;
    this.#first = first;
    this.#cursor = cursor;
    this.grid.fill(pictures);
    source.onPage?.(first, true);
  }

  /**
   * Loads pages until an image is in the list.
   *
   * @param {string} key
   * @returns {Promise<boolean>} whether it is there, and the list has not been replaced in the meantime
   */
  async reach(key) {
    const source = this.#source;
    for (let page = 0; page < MOST_PAGES && this.#source === source; page += 1) {
      await this.#loading;
      if (this.grid.has(key)) return this.#source === source;
      if (this.#failed || this.isComplete || this.#source !== source) return false;
      this.#load();
    }
    return false;
  }

  #onEnd() {
    if (this.#cursor && !this.#loading && !this.#failed && !this.#paused) this.#load();
  }

  #load() {
    if (this.#source) this.#loading = this.#ask(this.#source, this.#latest.start());
  }

  /**
   * @param {Source<A>} source
   * @param {AbortSignal} signal
   */
  async #ask(source, signal) {
    const first = this.#first === undefined;
    this.#failed = false;
    showMessage(this.message);
    if (!first) this.grid.wait();
    try {
      this.#take(source, await source.ask(first ? null : this.#cursor, signal), first);
    } catch (error) {
      if (!signal.aborted) this.#fail(source, error, first);
    }
  }

  /**
   * @param {Source<A>} source
   * @param {A} answer
   * @param {boolean} first
   */
  #take(source, answer, first) {
    this.retries.reset();
    this.#setStale(false);
    this.#first ??= answer;
    this.#cursor = source.cursor(answer) ?? null;
    this.#loading = undefined; // before the list is filled, as that may ask for more
    if (first) this.grid.fill(source.pictures(answer));
    else this.grid.append(source.pictures(answer));
    source.onPage?.(answer, first);
  }

  /**
   * @param {Source<A>} source
   * @param {unknown} error
   * @param {boolean} first
   */
  #fail(source, error, first) {
    this.#loading = undefined;
    this.#failed = true;
    this.#setStale(false);
    if (first) this.grid.fill([]);
    this.grid.stopWaiting();
    source.onFailure?.(error);
    this.retries.show(error, () => this.again());
  }

  /** @param {boolean} stale whether the images on show belong to the request before */
  #setStale(stale) {
    this.grid.list.classList.toggle("stale", stale);
    if (stale) this.grid.list.ariaBusy = "true";
  }
}
