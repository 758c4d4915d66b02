import { hiddenImages } from "../list/hidden-images.js";
import { announce, element } from "../core/dom.js";
import { Camera, WHOLE } from "./camera.js";
import { Gestures, ZOOM_STEP } from "./gestures.js";
import { Glide } from "./glide.js";
import { NameTag } from "./nametag.js";
import { Painter } from "./painter.js";
import { fit, pointAt, pointBeside, pointInMiddle, pointsOf, sideOf } from "./points.js";
import { spread } from "./spread.js";

/** @typedef {import("../core/api.js").MapPoint} MapPoint */
/** @typedef {import("./camera.js").View} View */
/** @typedef {import("./points.js").Direction} Direction */
/** @typedef {import("./points.js").Point} Point */

/** A canvas with images to look at, move over and open: its camera and its current point. */
export class Viewer {
  #canvas = element("canvas", { tabIndex: 0, role: "application", ariaLabel: "Map of the images" });
  #name = new NameTag();
  #root = element("div", { className: "viewer" }, this.#canvas, this.#name.root, this.#controls());
  #camera = new Camera();
  #glide = new Glide(this.#camera);
  #painter = new Painter(this.#canvas, () => this.#repaint());
  /** With room for each on the canvas that they were first seen on. @type {Point[]} */
  #placed = [];
  /** Those that are not in the hiddenImages. @type {Point[]} */
  #points = [];
  /** @type {Point | undefined} */
  #current;
  #selected = "";
  #frame = 0;

  constructor() {
    this.#canvas.setAttribute("aria-describedby", "map-help");
    new Gestures(this.#canvas, {
      pan: (right, down) => this.#look(() => this.#camera.pan(right, down)),
      zoom: (factor, left, top) => this.#look(() => (this.#camera.view = this.#camera.zoomed(factor, left, top))),
      point: (left, top) => this.#setCurrent(this.#at(left, top)),
      leave: () => this.#setCurrent(undefined),
      open: (event, left, top) => {
        this.#setCurrent(this.#at(left, top));
        this.#name.open(event);
      },
      step: (direction) => this.#step(direction),
      zoomStep: (factor) => this.#zoomStep(factor),
      whole: () => this.#glideTo(WHOLE),
      openCurrent: (event) => this.#name.open(event),
    });
    new ResizeObserver(() => this.#resize()).observe(this.#root);
    hiddenImages.addEventListener("change", () => this.#sift());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#repaint());
  }

  get root() {
    return this.#root;
  }

  get pictures() {
    return this.#points.map(({ picture }) => picture);
  }

  /** @param {MapPoint[]} pictures these and no others */
  show(pictures) {
    if (pictures.length === 0) this.#camera.view = WHOLE;
    this.#place(pointsOf(pictures));
    this.select(this.#selected);
  }

  /** @param {string} key the selected image; none when empty */
  select(key) {
    this.#selected = key;
    const point = this.#find(key);
    if (point) this.#glide.into(point);
    this.#repaint();
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the image is here
   */
  focus(key) {
    const point = this.#find(key);
    if (point) this.#setCurrent(point);
    if (point) this.#canvas.focus({ preventScroll: true });
    return Boolean(point);
  }

  #controls() {
    return element(
      "div",
      { className: "controls" },
      control("Zoom in", "+", () => this.#zoomStep(ZOOM_STEP)),
      control("Zoom out", "−", () => this.#zoomStep(1 / ZOOM_STEP)),
      control("Whole map", "⤢", () => this.#glideTo(WHOLE)),
    );
  }

  /** @param {Point[]} points */
  #place(points) {
    this.#measure(points.length);
    this.#placed = spread(points, this.#camera);
    this.#sift();
  }

  #sift() {
    this.#points = this.#placed.filter(({ picture }) => !hiddenImages.holds(picture));
    this.#setCurrent(this.#find(this.#current?.picture.key));
    this.#repaint();
  }

  /** @param {string | undefined} key */
  #find(key) {
    return this.#points.find(({ picture }) => picture.key === key);
  }

  /**
   * @param {number} left
   * @param {number} top
   */
  #at(left, top) {
    return pointAt(this.#points, this.#camera, left, top);
  }

  /** @param {Point | undefined} point */
  #setCurrent(point) {
    if (point === this.#current) return;
    this.#current = point;
    this.#name.show(point);
    this.#canvas.classList.toggle("pointing", Boolean(point));
    this.#repaint();
  }

  /** @param {Direction} direction */
  #step(direction) {
    const next = this.#current ? pointBeside(this.#points, this.#current, direction) : pointInMiddle(this.#points, this.#camera);
    if (!next) return;
    this.#setCurrent(next);
    this.#glide.into(next);
    announce(next.picture.key);
  }

  /** @param {() => void} move */
  #look(move) {
    this.#glide.stop();
    move();
    this.#repaint();
  }

  /** @param {View} view */
  #glideTo(view) {
    this.#glide.to(view);
    this.#repaint();
  }

  /** @param {number} factor */
  #zoomStep(factor) {
    const middle = this.#current && this.#camera.toCanvas(this.#current);
    this.#glideTo(this.#camera.zoomed(factor, middle?.left, middle?.top));
  }

  /** @param {number} count of points */
  #measure(count) {
    const { clientWidth, clientHeight } = this.#root;
    if (clientWidth > 0) this.#camera.resize(clientWidth, clientHeight);
    fit(this.#camera, count);
  }

  /** Images keep their places, and the selected one stays in view. A canvas is stretched until it is painted again. */
  #resize() {
    this.#measure(this.#placed.length);
    const selected = this.#find(this.#selected);
    if (selected) this.#glide.into(selected);
    this.#paint();
  }

  #repaint() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#glide.moveOn();
    const side = sideOf(this.#placed.length, this.#camera);
    const more = this.#painter.paint({
      points: this.#points, side, camera: this.#camera, current: this.#current, selected: this.#selected,
    });
    this.#name.follow(this.#camera, side);
    if (more || this.#glide.moving) this.#repaint();
  }
}

/**
 * @param {string} label
 * @param {string} sign
 * @param {() => void} onclick
 */
function control(label, sign, onclick) {
  const shown = element("span", { ariaHidden: "true", textContent: sign });
  return element("button", { type: "button", ariaLabel: label, title: label, onclick }, shown);
}
