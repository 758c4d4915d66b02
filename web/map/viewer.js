import { announce, element } from "../dom.js";
import { addressOver } from "../route.js";
import { Camera, clamp, WHOLE } from "./camera.js";
import { Gestures, ZOOM_STEP } from "./gestures.js";
import { Glide } from "./glide.js";
import { Painter, raisedSide } from "./painter.js";
import { mostZoom, pointAt, pointBeside, pointInMiddle, sideOf, sizeOf } from "./points.js";
import { spread } from "./spread.js";

/** @typedef {import("./camera.js").View} View */
/** @typedef {import("./points.js").Direction} Direction */
/** @typedef {import("./points.js").Point} Point */

/** An image comes to the middle when it is nearer to the edge than this share of the canvas. */
const EDGE = 0.1;

/** A canvas with points to look at, move over and open; its camera and its current point. */
export class Viewer {
  #canvas = element("canvas", { tabIndex: 0, role: "application", ariaLabel: "Map of the images" });
  /** Names the current point, and opens it as any link is opened. */
  #link = element("a", { className: "name", tabIndex: -1, ariaHidden: "true", dir: "auto", hidden: true });
  #root = element("div", { className: "viewer" }, this.#canvas, this.#link, this.#controls());
  #camera = new Camera();
  #glide = new Glide(this.#camera);
  #painter = new Painter(this.#canvas, () => this.#repaint());
  /** @type {Point[]} */
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
      open: (event, left, top) => this.#open(this.#at(left, top), event),
      step: (direction) => this.#step(direction),
      zoomStep: (factor) => this.#zoomStep(factor),
      whole: () => this.#glideTo(WHOLE),
      openCurrent: (event) => this.#open(this.#current, event),
    });
    new ResizeObserver(() => this.#resize()).observe(this.#root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#repaint());
  }

  get root() {
    return this.#root;
  }

  get empty() {
    return this.#points.length === 0;
  }

  /** @param {Point[]} points in place of those before */
  show(points) {
    this.#points = spread(points, this.#camera);
    this.#camera.mostZoom = mostZoom(points.length, this.#camera);
    if (this.empty) this.#camera.view = WHOLE;
    this.#setCurrent(this.#points.find(({ key }) => key === this.#current?.key));
    this.selected = this.#selected;
  }

  /** @param {string} key */
  remove(key) {
    this.#points = this.#points.filter((point) => point.key !== key);
    if (this.#current?.key === key) this.#setCurrent(undefined);
    this.#repaint();
  }

  /** @param {string} key of the image that is open, or nothing */
  set selected(key) {
    this.#selected = key;
    const point = this.#points.find((point) => point.key === key);
    if (point) this.#bringIntoView(point);
    this.#repaint();
  }

  focus() {
    this.#canvas.focus({ preventScroll: true });
  }

  #controls() {
    const button = (/** @type {string} */ label, /** @type {string} */ sign, /** @type {() => void} */ onclick) =>
      element("button", { type: "button", ariaLabel: label, title: label, onclick }, element("span", { ariaHidden: "true" }, sign));
    return element(
      "div",
      { className: "controls" },
      button("Zoom in", "+", () => this.#zoomStep(ZOOM_STEP)),
      button("Zoom out", "−", () => this.#zoomStep(1 / ZOOM_STEP)),
      button("Whole map", "⤢", () => this.#glideTo(WHOLE)),
    );
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
    this.#link.textContent = point?.key ?? "";
    this.#link.hidden = !point;
    this.#canvas.classList.toggle("pointing", Boolean(point));
    this.#repaint();
  }

  /** @param {Direction} direction */
  #step(direction) {
    const next = this.#current ? pointBeside(this.#points, this.#current, direction) : pointInMiddle(this.#points, this.#camera);
    if (!next) return;
    this.#setCurrent(next);
    this.#bringIntoView(next);
    announce(next.key);
  }

  /**
   * @param {Point | undefined} point
   * @param {MouseEvent | KeyboardEvent} event with Ctrl, Shift and the like the link opens elsewhere
   */
  #open(point, { ctrlKey, metaKey, shiftKey, altKey }) {
    if (!point) return;
    this.#link.href = addressOver(point.key);
    this.#link.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey, shiftKey, altKey }));
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

  /** @param {Point} point */
  #bringIntoView(point) {
    const { left, top } = this.#camera.toCanvas(point);
    const [across, down] = [left / this.#camera.width, top / this.#camera.height];
    if (Math.min(across, down, 1 - across, 1 - down) < EDGE) this.#glideTo({ ...this.#camera.view, x: point.x, y: point.y });
  }

  #resize() {
    if (this.#root.clientWidth === 0) return;
    this.#camera.resize(this.#root.clientWidth, this.#root.clientHeight);
    this.#camera.mostZoom = mostZoom(this.#points.length, this.#camera);
    this.#paint();
  }

  #repaint() {
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.#glide.moveOn();
    const scene = { points: this.#points, camera: this.#camera, current: this.#current, selected: this.#selected };
    const more = this.#painter.paint(scene);
    if (this.#current) this.#placeName(this.#current);
    if (more || this.#glide.moving) this.#repaint();
  }

  /**
   * Under the point, and inside the canvas.
   *
   * @param {Point} point
   */
  #placeName(point) {
    const { left, top } = this.#camera.toCanvas(point);
    const { height } = sizeOf(point, raisedSide(sideOf(this.#points.length, this.#camera)));
    const across = clamp(left - this.#link.offsetWidth / 2, 0, this.#camera.width - this.#link.offsetWidth);
    const down = clamp(top + height / 2, 0, this.#camera.height - this.#link.offsetHeight);
    this.#link.style.transform = `translate(${Math.round(across)}px, ${Math.round(down)}px)`;
  }
}
