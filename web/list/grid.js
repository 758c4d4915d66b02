import { hiddenImages } from "./hidden-images.js";
import { element } from "../core/dom.js";
import { between, justifyInParts, neighbour } from "./justified-rows.js";
import { tileRatio } from "./tile.js";
import { position, Tiles } from "./tiles.js";

/** @typedef {import("./tile.js").TilePicture} TilePicture */
/** @typedef {import("./justified-rows.js").Box} Box */
/** @typedef {import("../url/router.js").Place} Place */

/** The shapes of the placeholders for images that are being loaded: those of photographs. */
const SKELETON_RATIOS = [1.5, 1.33, 0.75, 1.5, 1, 1.78, 0.67, 1.5, 1.33, 1.5, 0.75, 1.78, 1.5, 1.33, 1, 1.5];
/** Tiles are made this many screens before they scroll into view. */
const AHEAD = 1;
/** More images are asked for when the end is this many screens away. */
const END_AHEAD = 3;

/**
 * Images in justified rows. Only those near the screen are in the document, so a list may have any length.
 * One tile is in the tab order; the arrow keys lead to the others.
 */
export class Grid {
  /** @type {TilePicture[]} */
  #all = [];
  /** Those of all that are not in the hiddenImages. @type {TilePicture[]} */
  #shown = [];
  /** @type {Box[]} */
  #boxes = [];
  #skeletons = 0;
  /** The index of the first image that is less certain; negative if there is none. */
  #split = -1;
  #current = "";
  #width = 0;
  #frame = 0;

  /**
   * @param {HTMLUListElement} list
   * @param {object} [hooks]
   * @param {() => void} [hooks.onEnd] called when the end of the list comes near
   * @param {(tile: HTMLLIElement, picture: TilePicture) => void} [hooks.onTile] called for each tile that is made
   */
  constructor(list, { onEnd = () => {}, onTile = () => {} } = {}) {
    this.list = list;
    this.onEnd = onEnd;
    this.tiles = new Tiles(list, onTile);
    list.classList.add("justified");
    new ResizeObserver(() => this.#fit()).observe(list);
    addEventListener("scroll", () => this.#schedule(), { capture: true, passive: true });
    addEventListener("resize", () => this.#schedule());
    list.addEventListener("keydown", (event) => this.#onKey(event));
    list.addEventListener("focusin", (event) => this.#onFocus(event));
    hiddenImages.addEventListener("change", () => this.#arrange());
  }

  /** The images on show, in order. */
  get pictures() {
    return this.#shown;
  }

  /**
   * @param {TilePicture[]} pictures these and no others
   */
  fill(pictures) {
    this.#all = pictures;
    this.#setWaiting(0);
  }

  /** Shows placeholders until images are loaded or the request has ended. */
  wait() {
    this.#setWaiting(SKELETON_RATIOS.length);
  }

  stopWaiting() {
    this.#setWaiting(0);
  }

  /** @param {TilePicture[]} pictures images that are in the list already stay where they are */
  append(pictures) {
    const known = new Set(this.#all.map(({ key }) => key));
    this.fill([...this.#all, ...pictures.filter(({ key }) => !known.has(key))]);
  }

  /** @param {TilePicture} picture replaces the one of its key, or comes first */
  put(picture) {
    const index = this.#all.findIndex(({ key }) => key === picture.key);
    if (index < 0) this.#all.unshift(picture);
    else this.#all[index] = picture;
    this.#arrange();
  }

  /** @param {string} key */
  remove(key) {
    this.#all = this.#all.filter((picture) => picture.key !== key);
    this.#arrange();
  }

  /** @param {string} key */
  has(key) {
    return this.#indexOf(key) >= 0;
  }

  /**
   * @param {Event} event in a tile
   * @returns {TilePicture | undefined} its image
   */
  pictureOf(event) {
    return this.#shown[this.#indexOf(keyOf(event))];
  }

  /** The image at the top of the screen, once the start of the list has scrolled out of it. @returns {Place | undefined} */
  get place() {
    const top = this.#top();
    const [index] = between(this.#boxes, -top, Infinity);
    if (top >= 0 || index >= this.#shown.length || this.#width === 0) return undefined;
    return { key: this.#shown[index].key, offset: this.#boxes[index].top + top };
  }

  /** @param {Place} place */
  goTo({ key, offset }) {
    this.#fit();
    const box = this.#boxes[this.#indexOf(key)];
    if (box) this.#scroller.scrollTop += box.top + this.#top() - offset;
    this.#draw();
  }

  /** @param {string} key the selected image; none when empty */
  mark(key) {
    for (const link of this.list.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
    if (this.#reveal(key)) this.#link(key)?.setAttribute("aria-current", "true");
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the image is here
   */
  focus(key) {
    const found = this.#reveal(key);
    if (found) this.#link(key)?.focus({ preventScroll: true });
    return found;
  }

  /**
   * @param {string} key
   * @returns {HTMLElement | null | undefined} its picture, while its tile is in the document
   */
  imageOf(key) {
    return this.#link(key)?.querySelector("img");
  }

  /** @param {string} key */
  #reveal(key) {
    this.#fit();
    if (this.#indexOf(key) < 0 || this.#boxes.length === 0) return false;
    this.#current = key;
    this.#draw();
    this.#link(key)?.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** @param {number} skeletons */
  #setWaiting(skeletons) {
    this.#skeletons = skeletons;
    this.list.ariaBusy = String(skeletons > 0);
    this.#arrange();
  }

  /** @param {string} key */
  #indexOf(key) {
    return this.#shown.findIndex((picture) => picture.key === key);
  }

  /**
   * @param {number} index
   * @returns {string} the key of the image there, or of the nearest; none in an empty list
   */
  #keyAt(index) {
    return this.#shown[Math.min(Math.max(index, 0), this.#shown.length - 1)]?.key ?? "";
  }

  /** @param {string} key */
  #link(key) {
    return this.tiles.get(key)?.querySelector("a");
  }

  #fit() {
    if (this.list.clientWidth !== this.#width) this.#arrange();
  }

  /** Lays out all images without moving those in view. */
  #arrange() {
    const anchor = this.#anchor();
    const current = this.#indexOf(this.#current);
    this.#shown = this.#all.filter((picture) => !hiddenImages.holds(picture));
    if (this.#indexOf(this.#current) < 0) this.#current = this.#keyAt(current);
    this.#width = this.list.clientWidth;
    const ratios = [...this.#shown.map(tileRatio), ...SKELETON_RATIOS.slice(0, this.#skeletons)];
    this.#split = this.#shown.findIndex(({ uncertain }) => uncertain);
    const { boxes, height, divider } = justifyInParts(ratios, this.#width || 1, this.#split);
    this.#boxes = this.#width ? boxes : [];
    this.#drawDivider(divider);
    if (this.#width) this.list.style.height = `${height}px`;
    this.#draw();
    if (anchor) this.#settle(anchor);
  }

  /** @returns {{key: string, top: number} | undefined} an image in view, once the start has scrolled out of it */
  #anchor() {
    const top = this.#top();
    if (top >= 0 || this.#boxes.length === 0) return undefined;
    const selected = this.list.querySelector("[aria-current]")?.closest("li")?.dataset.key ?? "";
    const found = [this.#indexOf(selected), between(this.#boxes, -top, Infinity)[0]].find((index) => this.#inView(index));
    return found === undefined ? undefined : { key: this.#shown[found].key, top: this.#boxes[found].top };
  }

  /** @param {number} index */
  #inView(index) {
    const box = index < this.#shown.length ? this.#boxes[index] : undefined;
    return box && box.top + box.height > -this.#top() && box.top < innerHeight - this.#top();
  }

  /** @param {{key: string, top: number}} anchor */
  #settle({ key, top }) {
    const box = this.#boxes[this.#indexOf(key)];
    if (box && box.top !== top) this.#scroller.scrollTop += box.top - top;
  }

  get #scroller() {
    return this.list.closest("aside") ?? document.documentElement;
  }

  /** @returns {number} where the list starts on the screen */
  #top() {
    return this.list.getBoundingClientRect().top;
  }

  #schedule() {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw());
  }

  #draw() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (this.#width === 0) return;
    const top = this.#top();
    const [first, end] = between(this.#boxes, -top - AHEAD * innerHeight, -top + (1 + AHEAD) * innerHeight);
    this.#drawTiles(first, end);
    this.#drawSkeletons(first, end);
    if (!this.#skeletons && top + this.list.offsetHeight < (1 + END_AHEAD) * innerHeight) this.onEnd();
  }

  /**
   * The tile in the tab order stays when it is scrolled away, or it would lose the focus.
   *
   * @param {number} first
   * @param {number} end
   */
  #drawTiles(first, end) {
    const current = this.#indexOf(this.#current);
    const places = this.#shown.slice(first, end).map((_, offset) => first + offset);
    if (current >= 0 && current < first) places.unshift(current);
    if (current >= end) places.push(current);
    const wanted = places.map((place) => ({ place, picture: this.#shown[place], box: this.#boxes[place] }));
    this.tiles.keep(wanted, this.#current);
    this.#placeDivider(Math.max(this.#split, first));
  }

  /**
   * It is read out where it stands.
   *
   * @param {number} place of the image after it
   */
  #placeDivider(place) {
    const divider = this.list.querySelector(".divider");
    const next = this.tiles.get(this.#keyAt(place));
    if (divider && next && next.previousElementSibling !== divider) next.before(divider);
  }

  /**
   * @param {number} first
   * @param {number} end
   */
  #drawSkeletons(first, end) {
    for (const old of this.list.querySelectorAll(".skeleton")) old.remove();
    for (const box of this.#boxes.slice(Math.max(first, this.#shown.length), end)) {
      const skeleton = element("li", { className: "skeleton", ariaHidden: "true" });
      position(skeleton, box);
      this.list.append(skeleton);
    }
  }

  /** @param {number | undefined} top pixels; nothing where all matches are as certain */
  #drawDivider(top) {
    this.list.querySelector(".divider")?.remove();
    if (top === undefined) return;
    const divider = element("li", { className: "divider", textContent: "Less certain" });
    divider.style.transform = `translateY(${top}px)`;
    this.list.append(divider);
  }

  /** @param {FocusEvent} event */
  #onFocus(event) {
    const key = keyOf(event);
    if (!key || key === this.#current) return;
    this.#current = key;
    this.#schedule();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const index = this.#indexOf(keyOf(event));
    const next = index < 0 ? undefined : neighbour(this.#boxes.slice(0, this.#shown.length), index, event.key);
    if (next === undefined) return;
    event.preventDefault();
    this.focus(this.#shown[next].key);
  }
}

/**
 * @param {Event} event in a tile
 * @returns {string} the key of its image
 */
function keyOf({ target }) {
  return (target instanceof Element && target.closest("li")?.dataset.key) || "";
}
