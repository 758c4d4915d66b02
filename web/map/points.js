import { clamp } from "./camera.js";
import { thumbHashToAverageRGBA } from "../vendor/thumbhash/thumbhash.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("../api.js").MapPoint} MapPoint */

/**
 * An image on the map.
 *
 * @typedef {object} Point
 * @property {string} key
 * @property {number} x 0…1 over all points
 * @property {number} y 0…1 over all points
 * @property {number} ratio width divided by height
 * @property {string} colour of the picture on average
 * @property {Uint8Array} thumbhash
 * @property {string} thumbnail address
 */

/** @typedef {"ArrowLeft" | "ArrowRight" | "ArrowUp" | "ArrowDown"} Direction */

/** Panoramas and towers are cut to these shapes. */
const NARROWEST = 0.6;
const WIDEST = 1.8;
/** Of the distance between images if they were spread evenly; they are not. */
const SHARE = 0.62;
const LARGEST = 168;
/** Below 1, or images that overlap would do so however near one looks. */
const GROWTH = 0.72;
/** How far from an image a pointer still means it, in CSS pixels. */
const REACH = 6;

/**
 * @param {MapPoint[]} points
 * @returns {Point[]} stretched so that they reach from 0 to 1: a folder's images fill the map
 */
export function pointsOf(points) {
  const across = stretch(points.map(({ x }) => x));
  const down = stretch(points.map(({ y }) => y));
  return points.map((point) => ({
    key: point.key,
    x: across(point.x),
    y: down(point.y),
    ratio: clamp(point.width / point.height, NARROWEST, WIDEST),
    ...appearance(point.thumbhash),
    thumbnail: point.thumbnail_url,
  }));
}

/** @param {number[]} values */
function stretch(values) {
  const lowest = Math.min(...values);
  const extent = Math.max(...values) - lowest;
  return (/** @type {number} */ value) => (extent ? (value - lowest) / extent : 0.5);
}

/** @param {string} text base64 */
function appearance(text) {
  const thumbhash = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const { r, g, b } = thumbHashToAverageRGBA(thumbhash);
  return { thumbhash, colour: `rgb(${[r, g, b].map((share) => Math.round(255 * share)).join(" ")})` };
}

/**
 * @param {number} count of points
 * @param {Camera} camera
 * @returns {number} the side of a square image, CSS pixels
 */
export function sideOf(count, camera) {
  const apart = Math.sqrt((camera.width * camera.height) / Math.max(count, 1));
  return Math.min(SHARE * apart * camera.view.zoom ** GROWTH, LARGEST);
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
 * The next point in a direction: near, and rather straight ahead. Copies in one place follow each other to the right.
 *
 * @param {Point[]} points
 * @param {Point} from
 * @param {Direction} direction
 * @returns {Point | undefined}
 */
export function pointBeside(points, from, direction) {
  const start = points.indexOf(from);
  const copies = direction === "ArrowRight" ? points.slice(start + 1) : points.slice(0, start).reverse();
  const copy = isAcross(direction) ? copies.find(({ x, y }) => x === from.x && y === from.y) : undefined;
  return copy ?? nearest(points, (point) => distance(from, point, direction));
}

/** @param {Direction} direction */
function isAcross(direction) {
  return direction === "ArrowLeft" || direction === "ArrowRight";
}

/**
 * @param {Point} from
 * @param {Point} to
 * @param {Direction} direction
 * @returns {number} infinite outside the quarter of the map that lies in this direction
 */
function distance(from, to, direction) {
  const [right, down] = [to.x - from.x, to.y - from.y];
  const sign = direction === "ArrowRight" || direction === "ArrowDown" ? 1 : -1;
  const ahead = sign * (isAcross(direction) ? right : down);
  const aside = Math.abs(isAcross(direction) ? down : right);
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
