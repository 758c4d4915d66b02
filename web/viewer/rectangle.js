/** @typedef {import("../url/terms.js").Crop} Crop */
/** @typedef {[x: number, y: number]} Point fractions of a picture; also a distance */

/** A smaller part shows a model nothing. */
const SMALLEST = 0.05;
/** A thousandth is a pixel or two, and keeps URLs short. */
const PRECISION = 1000;

/**
 * @param {Point} one corner
 * @param {Point} other the opposite corner
 * @returns {Crop} inside the picture, and not too small
 */
export function between(one, other) {
  const [left, width] = span(one[0], other[0]);
  const [top, height] = span(one[1], other[1]);
  return [left, top, width, height];
}

/**
 * @param {Crop} crop
 * @param {Point} by
 * @returns {Crop} stays in the picture
 */
export function moved([left, top, width, height], [x, y]) {
  return [round(clamp(left + x, 0, 1 - width)), round(clamp(top + y, 0, 1 - height)), width, height];
}

/**
 * @param {Crop} crop
 * @param {Point} by
 * @returns {Crop} stays in the picture, its left upper corner where it is
 */
export function sized([left, top, width, height], [x, y]) {
  return [left, top, round(clamp(width + x, SMALLEST, 1 - left)), round(clamp(height + y, SMALLEST, 1 - top))];
}

/**
 * @param {number} one
 * @param {number} other
 * @returns {[number, number]} start and length
 */
function span(one, other) {
  const [low, high] = [clamp(Math.min(one, other), 0, 1), clamp(Math.max(one, other), 0, 1)];
  const length = Math.max(high - low, SMALLEST);
  return [round(Math.min(low, 1 - length)), round(length)];
}

/** @param {number} fraction */
function round(fraction) {
  return Math.round(fraction * PRECISION) / PRECISION;
}

/**
 * @param {number} value
 * @param {number} lowest
 * @param {number} highest
 */
function clamp(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}
