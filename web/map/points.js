import { clamp, WHOLE } from "./camera.js";
import { thumbHashToAverageRGBA } from "../vendor/thumbhash/thumbhash.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../core/api.js").MapPoint} MapPoint */

/**
 * An image on the map.
 *
 * @typedef {object} Point
 * @property {MapPoint} picture
 * @property {number} x 0…1
 * @property {number} y 0…1
 * @property {number} ratio width divided by height
 * @property {string} colour of the picture on average
 * @property {Uint8Array} thumbhash
 */

/** @typedef {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"} Direction */

/** Panoramas and towers are cut to these shapes. */
const NARROWEST = 0.6;
const WIDEST = 1.8;
/** Of the distance between images if they were spread evenly over the canvas; they are not. */
const SHARE = 0.6;
const LARGEST = 300;
/** Less than 1, because images that overlap would otherwise do so at any zoom. */
const GROWTH = 0.9;
/** Between the outermost images and the edge, CSS pixels. */
const GAP = 8;
/** The maximum zoom with a few images, which are large already. */
const LEAST_ZOOM = 2;
/** How far from an image a pointer still means it, in CSS pixels. */
const REACH = 6;

/**
 * @param {MapPoint[]} pictures
 * @returns {Point[]}
 */
export function pointsOf(pictures) {
  return pictures.map((picture) => ({
    picture,
    x: picture.x,
    y: picture.y,
    ratio: clamp(picture.width / picture.height, NARROWEST, WIDEST),
    ...appearance(picture.thumbhash),
  }));
}

/** @param {string} text base64 */
function appearance(text) {
  const thumbhash = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const { r, g, b } = thumbHashToAverageRGBA(thumbhash);
  return { thumbhash, colour: `rgb(${[r, g, b].map((share) => Math.round(255 * share)).join(" ")})` };
}

/**
 * @param {number} count of points
 * @param {Pick<Camera, "width" | "height" | "view">} camera
 * @returns {number} the side of a square image, CSS pixels
 */
export function sideOf(count, { width, height, view }) {
  return Math.min(SHARE * Math.sqrt((width * height) / Math.max(count, 1)) * view.zoom ** GROWTH, LARGEST);
}

/**
 * Lets a camera come so near that images are as large as they get, and keeps the outermost inside its canvas.
 *
 * @param {Camera} camera
 * @param {number} count of points
 */
export function fit(camera, count) {
  const { width, height } = camera;
  const whole = sideOf(count, { width, height, view: WHOLE });
  camera.mostZoom = Math.max((LARGEST / whole) ** (1 / GROWTH), LEAST_ZOOM);
  camera.margin = (whole * Math.sqrt(WIDEST)) / 2 + GAP;
}

/**
 * @param {Point} point
 * @param {number} side of a square image
 * @returns {{width: number, height: number}} of the same area
 */
export function sizeOf({ ratio }, side) {
  return { width: side * Math.sqrt(ratio), height: side / Math.sqrt(ratio) };
}

/**
 * @param {Point[]} points
 * @param {Camera} camera
 * @param {number} left CSS pixels on the canvas
 * @param {number} top
 * @returns {Point | undefined} the image there; of several, the one whose middle is nearest
 */
export function pointAt(points, camera, left, top) {
  const side = sideOf(points.length, camera);
  return nearest(points, (point) => {
    const middle = camera.toCanvas(point);
    const [right, down] = [Math.abs(middle.left - left), Math.abs(middle.top - top)];
    const { width, height } = sizeOf(point, side);
    return right < width / 2 + REACH && down < height / 2 + REACH ? Math.hypot(right, down) : Infinity;
  });
}

/**
 * @param {Point[]} points
 * @param {Camera} camera
 * @returns {Point | undefined} the one nearest to the middle of the canvas
 */
export function pointInMiddle(points, { view }) {
  return nearest(points, ({ x, y }) => Math.hypot(x - view.x, y - view.y));
}

/**
 * The next point in a direction: near, and rather straight ahead.
 *
 * @param {Point[]} points
 * @param {Point} from
 * @param {Direction} direction
 * @returns {Point | undefined}
 */
export function pointBeside(points, from, direction) {
  return nearest(points, (point) => distance(from, point, direction));
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {Direction} direction
 * @returns {number} infinite outside the quarter of the map that lies in this direction
 */
function distance(from, to, direction) {
  const [right, down] = [to.x - from.x, to.y - from.y];
  const ahead = { ArrowLeft: -right, ArrowRight: right, ArrowUp: -down, ArrowDown: down }[direction];
  const aside = Math.abs(direction === "ArrowLeft" || direction === "ArrowRight" ? down : right);
  return ahead > 0 && aside <= ahead ? ahead + 2 * aside : Infinity;
}

/**
 * @param {Point[]} points
 * @param {(point: Point) => number} measure
 * @returns {Point | undefined} the point of the smallest finite measure
 */
function nearest(points, measure) {
  let [best, least] = [/** @type {Point | undefined} */ (undefined), Infinity];
  for (const point of points) {
    const measured = measure(point);
    if (measured < least) [best, least] = [point, measured];
  }
  return best;
}
