import { clamp } from "./camera.js";
import { sizeOf } from "./points.js";
import { Previews } from "./previews.js";
import { Thumbnails } from "./thumbnails.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Point} Point */
/**
 * @typedef {object} Scene
 * @property {Point[]} points
 * @property {number} side of a square image, CSS pixels
 * @property {Camera} camera
 * @property {Point} [current] the one under the pointer, or of the keyboard
 * @property {string} selected the key of the image that is open, or nothing
 */
/** @typedef {{point: Point, left: number, top: number, side: number}} Placed */

/** Sides in CSS pixels: dots up to the first, pictures of a few coefficients, thumbnails from the last on. */
const DOT = 9;
const PREVIEW = 14;
const THUMBNAIL = 28;
const SMALLEST_RADIUS = 2.5;
/** Keeps a white dot from vanishing on white, and a black one on black. */
const OUTLINE = "rgb(128 128 128 / 0.5)";
const FADE_MS = 200;
/** The current image is drawn this much larger, and at least so large. */
const RAISED = 1.25;
const SMALLEST_RAISED = 72;
const CORNER = 3;

/** Draws the images of a map: as dots, as blurred previews or as thumbnails, by their size on the canvas. */
export class Painter {
  #canvas;
  #context;
  #thumbnails;
  #previews = new Previews();
  #fading = false;
  #still = matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {() => void} onChange called when painting again would show more
   */
  constructor(canvas, onChange) {
    const context = canvas.getContext("2d");
    if (!context) throw new Error("The browser gives no 2D context");
    this.#canvas = canvas;
    this.#context = context;
    this.#thumbnails = new Thumbnails(onChange);
  }

  /**
   * @param {Scene} scene
   * @returns {boolean} whether there is more to paint in the next frame
   */
  paint(scene) {
    this.#previews.startFrame();
    this.#fading = false;
    this.#clear(scene.camera);
    const placed = inView(scene);
    const current = placed.find(({ point }) => point === scene.current);
    for (const each of placed) this.#picture(each);
    for (const each of placed) if (each.point.picture.key === scene.selected) this.#ring(each);
    if (current) this.#raised(current);
    this.#thumbnails.want(wanted(placed, current));
    return this.#fading || this.#previews.late;
  }

  /** @param {Camera} camera */
  #clear({ width, height }) {
    const [across, down] = [Math.round(width * devicePixelRatio), Math.round(height * devicePixelRatio)];
    if (this.#canvas.width !== across) this.#canvas.width = across;
    if (this.#canvas.height !== down) this.#canvas.height = down;
    this.#context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    this.#context.clearRect(0, 0, width, height);
  }

  /** @param {Placed} placed */
  #picture(placed) {
    const shown = clamp((placed.side - DOT) / (PREVIEW - DOT), 0, 1);
    if (shown < 1) this.#dot(placed);
    if (shown > 0) this.#preview(placed, shown);
    if (placed.side >= THUMBNAIL) this.#thumbnail(placed);
  }

  /** @param {Placed} placed */
  #dot({ point, left, top, side }) {
    this.#context.fillStyle = point.colour;
    this.#context.beginPath();
    this.#context.arc(left, top, Math.max(SMALLEST_RADIUS, side / 2.5), 0, 2 * Math.PI);
    this.#context.fill();
    this.#context.strokeStyle = OUTLINE;
    this.#context.lineWidth = 1;
    this.#context.stroke();
  }

  /**
   * @param {Placed} placed
   * @param {number} opacity
   */
  #preview(placed, opacity) {
    const preview = this.#previews.get(placed.point);
    if (preview) this.#draw(preview, placed, opacity);
    else this.#dot(placed);
  }

  /** @param {Placed} placed */
  #thumbnail(placed) {
    const loaded = this.#thumbnails.get(placed.point);
    if (!loaded) return;
    const opacity = this.#still.matches ? 1 : clamp((performance.now() - loaded.loadedAt) / FADE_MS, 0, 1);
    if (opacity < 1) this.#fading = true;
    this.#draw(loaded.image, placed, opacity);
  }

  /**
   * Fills the shape of the point, from the middle of the picture.
   *
   * @param {HTMLImageElement | HTMLCanvasElement} picture
   * @param {Placed} placed
   * @param {number} opacity
   */
  #draw(picture, { point, left, top, side }, opacity) {
    const { width, height } = sizeOf(point, side);
    const across = Math.min(picture.width, picture.height * point.ratio);
    const down = across / point.ratio;
    const [x, y] = [(picture.width - across) / 2, (picture.height - down) / 2];
    this.#context.globalAlpha = opacity;
    this.#context.drawImage(picture, x, y, across, down, left - width / 2, top - height / 2, width, height);
    this.#context.globalAlpha = 1;
  }

  /** @param {Placed} placed */
  #raised(placed) {
    const raised = { ...placed, side: raisedSide(placed.side) };
    this.#picture(raised);
    this.#ring(raised);
  }

  /** @param {Placed} placed */
  #ring({ point, left, top, side }) {
    const { width, height } = sizeOf(point, Math.max(side, 2 * DOT));
    const style = getComputedStyle(this.#canvas);
    for (const [colour, out, line] of /** @type {const} */ ([["--page", 1, 2], ["--accent", 3, 3]])) {
      this.#context.strokeStyle = style.getPropertyValue(colour);
      this.#context.lineWidth = line;
      this.#context.beginPath();
      this.#context.roundRect(left - width / 2 - out, top - height / 2 - out, width + 2 * out, height + 2 * out, CORNER);
      this.#context.stroke();
    }
  }
}

/**
 * @param {number} side of the other images
 * @returns {number} of the current one
 */
export function raisedSide(side) {
  return Math.max(side * RAISED, SMALLEST_RAISED);
}

/**
 * @param {Scene} scene
 * @returns {Placed[]} what the canvas shows a part of
 */
function inView({ points, side, camera }) {
  return points
    .map((point) => ({ point, side, ...camera.toCanvas(point) }))
    .filter(({ left, top }) => left > -side && top > -side && left < camera.width + side && top < camera.height + side);
}

/**
 * @param {Placed[]} placed
 * @param {Placed} [current]
 * @returns {Point[]} whose thumbnails are worth a request
 */
function wanted(placed, current) {
  const large = placed.filter(({ side }) => side >= THUMBNAIL);
  return (current ? [current, ...large] : large).map(({ point }) => point);
}
