import { sideOf, sizeOf } from "./points.js";

/** @typedef {import("./camera.js").Camera} Camera */
/** @typedef {import("./points.js").Point} Point */
/** @typedef {{x: number, y: number, width: number, height: number}} Box the middle and the size of an image, shares of the map */

/** Most of the overlap is gone by then; crowds would need many more. */
const ROUNDS = 40;
/** Of an overlap, for each of the two images, each time. */
const PUSH = 0.3;
/** Between images, as a share of their size. */
const GAP = 0.06;
/** Cells are numbered down the columns; no column has as many. */
const COLUMN = 1e5;
/** How far places move towards even spacing, which fills empty parts of the map and keeps the order of places. */
const EVENNESS = 0.5;

/**
 * Spreads images, so that those of a folder fill the map and none hides another. Similar images stay near each other,
 * and copies lie side by side.
 *
 * @param {Point[]} points
 * @param {Camera} camera whose canvas they are seen on as a whole
 * @returns {Point[]}
 */
export function spread(points, camera) {
  const filling = withPlaces(points, evened(points.map(({ x }) => x)), evened(points.map(({ y }) => y)));
  const apart = pushedApart(filling, camera);
  return withPlaces(apart, stretched(apart.map(({ x }) => x)), stretched(apart.map(({ y }) => y)));
}

/**
 * @param {Point[]} points
 * @param {number[]} across
 * @param {number[]} down
 * @returns {Point[]}
 */
function withPlaces(points, across, down) {
  return points.map((point, index) => ({ ...point, x: across[index], y: down[index] }));
}

/**
 * @param {number[]} values
 * @returns {number[]} half way between themselves and their ranks, 0…1
 */
function evened(values) {
  const sorted = values.map((_, index) => index).sort((one, other) => values[one] - values[other]);
  const ranks = values.slice();
  sorted.forEach((index, rank) => (ranks[index] = rank));
  const linear = stretched(values);
  return stretched(ranks).map((even, index) => EVENNESS * even + (1 - EVENNESS) * linear[index]);
}

/**
 * @param {number[]} values
 * @returns {number[]} 0…1; what has no extent is in the middle
 */
function stretched(values) {
  const lowest = Math.min(...values);
  const extent = Math.max(...values) - lowest;
  return values.map((value) => (extent ? (value - lowest) / extent : 0.5));
}

/**
 * @param {Point[]} points
 * @param {Camera} camera
 * @returns {Point[]}
 */
function pushedApart(points, camera) {
  const side = sideOf(points.length, camera);
  const boxes = points.map((point) => boxOf(point, side, camera));
  const cell = { width: Math.max(...boxes.map(({ width }) => width)), height: Math.max(...boxes.map(({ height }) => height)) };
  for (let round = 0; round < ROUNDS; round++) pushAll(boxes, cell);
  return withPlaces(points, boxes.map(({ x }) => x), boxes.map(({ y }) => y));
}

/**
 * @param {Point} point
 * @param {number} side
 * @param {Camera} camera
 * @returns {Box}
 */
function boxOf(point, side, { across, down }) {
  const { width, height } = sizeOf(point, (1 + GAP) * side);
  return { x: point.x, y: point.y, width: width / across, height: height / down };
}

/**
 * @param {Box[]} boxes
 * @param {{width: number, height: number}} cell as large as the largest box: only those in cells side by side can overlap
 */
function pushAll(boxes, cell) {
  /** @type {Map<number, Box[]>} */
  const cells = new Map();
  for (const box of boxes) {
    const here = COLUMN * Math.floor(box.x / cell.width) + Math.floor(box.y / cell.height);
    for (const column of [here - COLUMN, here, here + COLUMN]) {
      for (const near of [column - 1, column, column + 1]) for (const other of cells.get(near) ?? []) push(other, box);
    }
    if (!cells.get(here)?.push(box)) cells.set(here, [box]);
  }
}

/**
 * Pushes two boxes apart the shorter way, if they overlap.
 *
 * @param {Box} one
 * @param {Box} other
 */
function push(one, other) {
  const across = (one.width + other.width) / 2 - Math.abs(other.x - one.x);
  const down = (one.height + other.height) / 2 - Math.abs(other.y - one.y);
  if (across <= 0 || down <= 0) return;
  if (across / one.width < down / one.height) {
    const step = PUSH * across * (other.x < one.x ? -1 : 1);
    one.x -= step;
    other.x += step;
  } else {
    const step = PUSH * down * (other.y < one.y ? -1 : 1);
    one.y -= step;
    other.y += step;
  }
}
