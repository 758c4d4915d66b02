import { urlOf } from "../url/route.js";
import { listDuplicates } from "../core/api.js";
import { announce, element, find, Latest, setHeading, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { Retry } from "../core/retry.js";
import { hiddenImages } from "../list/hidden-images.js";
import { Group } from "./group.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").StoredImage} StoredImage */

/** More groups are requested while the end of the list is nearer than this, in screens. */
const AHEAD = 2;

/** Groups of the same picture side by side. The largest of each is kept, unless people choose otherwise. */
export class Duplicates {
  #root = find("#duplicates", HTMLElement);
  #place = find("#groups", HTMLElement);
  #lead = find(".lead-in", HTMLElement, this.#root);
  #button = find("#duplicates-delete", HTMLButtonElement);
  #message = find(".message", HTMLElement, this.#root);
  #retry = new Retry(this.#message);
  #latest = new Latest();
  /** @type {Group[]} */
  #groups = [];
  /** Of the images to be examined next; null at the end. @type {string | null} */
  #cursor = "";
  #prefix = "";
  #isAsking = false;
  /** After a failure people start the next request, not scrolling. */
  #isFailed = false;
  #mayDelete = false;

  /** @param {(pictures: StoredImage[]) => void} onDelete */
  constructor(onDelete) {
    this.onDelete = onDelete;
    this.#button.addEventListener("click", () => onDelete(this.#rest));
    this.#place.addEventListener("change", () => this.#show());
    hiddenImages.addEventListener("change", () => this.#show());
    addEventListener("scroll", () => this.#isFailed || void this.#goOn(), { passive: true });
  }

  allowDelete() {
    this.#mayDelete = true;
    this.#show();
  }

  /** It holds its images itself, as other lists hold theirs in a grid. */
  get grid() {
    return this;
  }

  get pictures() {
    return this.#present.flatMap(({ pictures }) => pictures);
  }

  /** @param {string} key the selected image; none when empty */
  mark(key) {
    for (const link of this.#place.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
    this.#link(key)?.setAttribute("aria-current", "true");
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the image is here
   */
  focus(key) {
    const link = this.#link(key);
    link?.focus();
    return document.activeElement === link;
  }

  /** The URL of what is examined, whatever image is selected. */
  get url() {
    return this.urlOf({ prefix: this.#prefix });
  }

  /** @param {Pick<Route, "prefix">} route */
  urlOf({ prefix }) {
    return urlOf({ view: "duplicates", prefix });
  }

  /**
   * Searches again each time that it comes into view.
   *
   * @param {Route} route
   */
  show({ prefix }) {
    if (!this.#root.hidden && prefix === this.#prefix) return;
    this.#root.hidden = false;
    this.#prefix = prefix;
    this.#groups = [];
    this.#cursor = "";
    this.#place.replaceChildren();
    this.#retry.reset();
    this.#latest.stop();
    this.#isAsking = false;
    void this.#goOn();
  }

  hide() {
    this.#root.hidden = true;
    this.#retry.reset();
    this.#latest.stop();
  }

  /** Asks again after a failure. */
  retry() {
    if (!this.#root.hidden) void this.#goOn();
  }

  /** Examines images until there is enough to see. */
  async #goOn() {
    if (this.#isAsking || this.#root.hidden) return;
    this.#isAsking = true;
    this.#isFailed = false;
    const signal = this.#latest.start();
    try {
      while (this.#cursor !== null && this.#endIsNear) await this.#ask(signal);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
    if (!signal.aborted) this.#isAsking = false;
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#isFailed = true;
    this.#retry.show(error, () => void this.#goOn());
  }

  get #endIsNear() {
    return this.#place.getBoundingClientRect().bottom < (1 + AHEAD) * innerHeight;
  }

  /** @param {AbortSignal} signal */
  async #ask(signal) {
    this.#show();
    const { groups, cursor } = await listDuplicates({ folder: this.#prefix, cursor: this.#cursor }, signal);
    this.#retry.reset();
    this.#cursor = cursor;
    const found = groups.map((pictures) => new Group(pictures, this.onDelete));
    this.#groups.push(...found);
    this.#place.append(...found.map(({ root }) => root));
    this.#show();
    if (cursor === null) announce(`${this.#counted}.`);
  }

  get #countedSoFar() {
    return this.#present.length > 0 ? `${this.#counted} so far` : "Duplicates";
  }

  #show() {
    for (const group of this.#groups) group.show(this.#mayDelete);
    if (this.#root.hidden) return;
    const more = this.#cursor !== null;
    const count = this.#rest.length;
    setHeading(more ? this.#countedSoFar : this.#counted);
    this.#lead.hidden = this.#present.length === 0;
    this.#button.hidden = !this.#mayDelete || count === 0 || this.#present.length === 1;
    this.#button.textContent = `Delete all ${count} others`;
    if (this.#isFailed) return; // the error is shown already
    if (more) this.#say("Looking for images that are the same…");
    else if (this.#present.length === 0) this.#say("No two images look the same.");
    else showMessage(this.#message);
  }

  get #counted() {
    const { length } = this.#present;
    return length > 0 ? `${formatCount(length, "group")} of duplicates` : "No duplicates";
  }

  get #present() {
    return this.#groups.filter(({ pictures }) => pictures.length > 1);
  }

  get #rest() {
    return this.#present.flatMap(({ rest }) => rest);
  }

  /** @param {string} text */
  #say(text) {
    showMessage(this.#message, element("p", { textContent: text }));
  }

  /** @param {string} key */
  #link(key) {
    const item = key && this.#place.querySelector(`[data-key="${CSS.escape(key)}"] a`);
    return item instanceof HTMLElement ? item : undefined;
  }
}
