import { getMap } from "../core/api.js";
import { announce, element, find, Latest, setHeading, showMessage } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { Retry } from "../core/retry.js";
import { urlOf } from "../url/route.js";

/** @typedef {import("../core/api.js").MapAnswer} MapAnswer */
/** @typedef {import("./viewer.js").Viewer} Viewer */
/** @typedef {import("../url/route.js").Route} Route */

/** All images on a canvas, similar ones near each other. The code that draws them is loaded when it is first shown. */
export class CollectionMap {
  #root = find("#map", HTMLElement);
  #message = find(".message", HTMLElement, this.#root);
  #latest = new Latest();
  #retry = new Retry(this.#message);
  /** @type {Viewer | undefined} */
  #viewer;
  #prefix = "";
  #selected = "";

  /** The URL of what is mapped, whatever image is selected. */
  get url() {
    return this.urlOf({ prefix: this.#prefix });
  }

  /** @param {Pick<Route, "prefix">} route */
  urlOf({ prefix }) {
    return urlOf({ view: "map", prefix });
  }

  /** It holds its images itself, as other lists hold theirs in a grid. */
  get grid() {
    return this;
  }

  /** The images on show. */
  get pictures() {
    return this.#viewer?.pictures ?? [];
  }

  /** @param {string} key the selected image; none when empty */
  mark(key) {
    this.#selected = key;
    this.#viewer?.select(key);
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the image is here
   */
  focus(key) {
    return this.#viewer?.focus(key) ?? false;
  }

  /**
   * Draws the map afresh each time that it comes into view.
   *
   * @param {Route} route
   */
  show({ prefix }) {
    if (!this.#root.hidden && prefix === this.#prefix) return;
    if (prefix !== this.#prefix) this.#viewer?.show([]);
    this.#root.hidden = false;
    this.#prefix = prefix;
    setHeading("Map");
    this.#retry.reset();
    void this.#load();
  }

  hide() {
    this.#root.hidden = true;
    this.#retry.reset();
    this.#latest.stop();
  }

  /** Asks again after a failure. */
  retry() {
    if (!this.#root.hidden && !this.#message.hidden) void this.#load();
  }

  async #load() {
    const signal = this.#latest.start();
    if (this.pictures.length === 0) this.#say("Drawing the map…");
    try {
      const [{ Viewer }, answer] = await Promise.all([import("./viewer.js"), getMap({ folder: this.#prefix }, signal)]);
      this.#viewer ??= this.#add(new Viewer());
      this.#fill(this.#viewer, answer);
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {Viewer} viewer */
  #add(viewer) {
    this.#message.before(viewer.root);
    viewer.select(this.#selected);
    return viewer;
  }

  /**
   * @param {Viewer} viewer
   * @param {MapAnswer} answer
   */
  #fill(viewer, { points, total, sampled }) {
    this.#retry.reset();
    viewer.show(points);
    const shown = formatCount(points.length, "image");
    const sample = this.#prefix ? ", a random sample" : `, a random sample of ${total.toLocaleString()}`;
    const heading = shown + (sampled ? sample : "");
    setHeading(heading);
    announce(`Map of ${heading}.`);
    if (points.length > 0) showMessage(this.#message);
    else this.#say("There are no images on the map yet.");
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#viewer?.show([]);
    setHeading("Map");
    this.#retry.show(error, () => void this.#load());
  }

  /** @param {string} text */
  #say(text) {
    showMessage(this.#message, element("p", { textContent: text }));
  }
}
