import { getMap } from "./api.js";
import { announce, element, Latest, showError, showMessage } from "./dom.js";
import { formatCount } from "./format.js";
import { Viewer } from "./map/viewer.js";
import { pointsOf } from "./map/points.js";
import { addressOf } from "./route.js";

/** @typedef {import("./api.js").MapAnswer} MapAnswer */

const HELP = "Drag to move, scroll or pinch to zoom. ";
const KEYS = "Arrow keys go from image to image, Enter opens one, plus and minus zoom, 0 shows the whole map.";

/** A section with all images on a canvas, alike ones near each other. */
export class CollectionMap {
  #viewer = new Viewer();
  #count = element("p", { className: "count" });
  #back = element("a", { textContent: "All images" });
  #message = element("div", { className: "message", hidden: true });
  #latest = new Latest();
  #prefix = "";
  #root = element(
    "section",
    { id: "map", hidden: true },
    element("div", { className: "heading" }, element("h2", { id: "map-title", textContent: "Map" }), this.#count, this.#back),
    element("div", { className: "stage" }, this.#viewer.root, this.#message),
    element("p", { id: "map-help", className: "help" }, HELP, element("span", { className: "keys", textContent: KEYS })),
  );

  constructor() {
    this.#root.setAttribute("aria-labelledby", "map-title");
  }

  get root() {
    return this.#root;
  }

  /**
   * Draws the map afresh each time that it comes into view.
   *
   * @param {string} [prefix] of the keys to show
   */
  show(prefix = "") {
    if (!this.#root.hidden && prefix === this.#prefix) return;
    if (prefix !== this.#prefix) this.#viewer.show([]);
    this.#root.hidden = false;
    this.#prefix = prefix;
    this.#back.href = addressOf({ prefix });
    void this.#load();
  }

  hide() {
    this.#root.hidden = true;
    this.#latest.stop();
  }

  focus() {
    this.#viewer.focus();
  }

  /** @param {string} key of the image that is open, or nothing */
  select(key) {
    this.#viewer.selected = key;
  }

  /** @param {string} key */
  remove(key) {
    this.#viewer.remove(key);
  }

  async #load() {
    const signal = this.#latest.start();
    if (this.#viewer.empty) this.#say("Drawing the map…");
    try {
      this.#fill(await getMap({ prefix: this.#prefix }, signal));
    } catch (error) {
      if (!signal.aborted) this.#fail(error);
    }
  }

  /** @param {MapAnswer} answer */
  #fill({ points, total }) {
    this.#viewer.show(pointsOf(points));
    const shown = formatCount(points.length, "image");
    const sampled = this.#prefix === "" && points.length < total;
    this.#count.textContent = sampled ? `${shown}, chosen at random from ${formatCount(total, "image")}` : shown;
    announce(`Map of ${this.#count.textContent}.`);
    if (points.length > 0) showMessage(this.#message);
    else this.#say("There are no images on the map yet.");
  }

  /** @param {unknown} error */
  #fail(error) {
    this.#viewer.show([]);
    this.#count.textContent = "";
    showError(this.#message, error, () => void this.#load());
  }

  /** @param {string} text */
  #say(text) {
    showMessage(this.#message, element("p", { textContent: text }));
  }
}
