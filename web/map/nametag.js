import { element } from "../core/dom.js";
import { urlOver } from "../url/route.js";
import { clamp } from "./camera.js";
import { raisedSide } from "./painter.js";
import { sizeOf } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Point} Point */

/** Names the current image, below it; a link, so that the image opens as all others do, here or in a new tab. */
export class NameTag {
  #link = element("a", { className: "name", tabIndex: -1, ariaHidden: "true", dir: "auto", hidden: true });
  /** @type {Point | undefined} */
  #point;

  get root() {
    return this.#link;
  }

  /** @param {Point | undefined} point */
  show(point) {
    this.#point = point;
    this.#link.hidden = !point;
    this.#link.textContent = point?.picture.key ?? "";
  }

  /**
   * Keeps to the image, and inside the canvas.
   *
   * @param {Camera} camera
   * @param {number} side of a square image
   */
  follow(camera, side) {
    if (!this.#point) return;
    const { left, top } = camera.toCanvas(this.#point);
    const { height } = sizeOf(this.#point, raisedSide(side));
    const across = clamp(left - this.#link.offsetWidth / 2, 0, camera.width - this.#link.offsetWidth);
    const down = clamp(top + height / 2, 0, camera.height - this.#link.offsetHeight);
    this.#link.style.transform = `translate(${Math.round(across)}px, ${Math.round(down)}px)`;
  }

  /** @param {MouseEvent | KeyboardEvent} event with Ctrl, Shift and the like the image opens elsewhere */
  open({ detail, ctrlKey, metaKey, shiftKey, altKey }) {
    if (!this.#point) return;
    this.#link.href = urlOver(this.#point.picture.key);
    const click = { detail, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true };
    this.#link.dispatchEvent(new MouseEvent("click", click));
  }
}
