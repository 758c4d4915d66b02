/** @typedef {{left: number, top: number, width: number, height: number}} Box pixels */

/** Between images, pixels. */
const GAP = 4;
/** The height of a divider, pixels. */
const DIVIDER = 40;
/** An image that ends a list stands at most this much taller than its row should. */
const STRETCH = 1.3;

/**
 * @param {number} width of the list, pixels
 * @returns {number} the height that rows should have: two images fit beside each other on a phone
 */
function rowHeight(width) {
  return Math.min(Math.max(70 + 0.11 * width, 100), 260);
}

/**
 * Places images in rows of equal height that fill the width, each image in its own shape.
 *
 * @param {number[]} ratios width divided by height
 * @param {number} width of the list, pixels
 * @returns {{boxes: Box[], height: number}} in the same order
 */
function justify(ratios, width) {
  const target = rowHeight(width);
  /** @type {Box[]} */
  const boxes = [];
  let top = 0;
  while (boxes.length < ratios.length) {
    const row = nextRow(ratios, boxes.length, width, target);
    const fit = rowFit(row, width);
    const last = boxes.length + row.length === ratios.length;
    const height = last && fit > target * STRETCH ? target : fit;
    boxes.push(...placeRow(row, top, height));
    top += Math.round(height) + GAP;
  }
  return { boxes, height: Math.max(top - GAP, 0) };
}

/**
 * The same in two parts, with room for a divider before the second.
 *
 * @param {number[]} ratios
 * @param {number} width of the list, pixels
 * @param {number} split the index of the first image of the second part; there are no parts where it is the first of all
 * @returns {{boxes: Box[], height: number, divider?: number}} where the divider begins, pixels
 */
export function justifyInParts(ratios, width, split) {
  if (split <= 0 || split >= ratios.length) return justify(ratios, width);
  const [one, two] = [justify(ratios.slice(0, split), width), justify(ratios.slice(split), width)];
  const start = one.height + DIVIDER;
  const boxes = [...one.boxes, ...two.boxes.map((box) => ({ ...box, top: box.top + start }))];
  return { boxes, height: start + two.height, divider: one.height };
}

/**
 * @param {number[]} ratios
 * @param {number} first
 * @param {number} width
 * @param {number} target
 * @returns {number[]} the ratios of the row whose height comes nearest to the target
 */
function nextRow(ratios, first, width, target) {
  let end = first + 1;
  while (end < ratios.length && rowFit(ratios.slice(first, end), width) > target) end += 1;
  const full = ratios.slice(first, end);
  const shorter = full.slice(0, -1);
  const distance = Math.abs(rowFit(full, width) - target);
  return shorter.length && rowFit(shorter, width) - target < distance ? shorter : full;
}

/**
 * @param {number[]} row
 * @param {number} width
 * @returns {number} the height at which the row fills the width
 */
function rowFit(row, width) {
  const sum = row.reduce((total, ratio) => total + ratio, 0);
  return (width - GAP * (row.length - 1)) / sum;
}

/**
 * Edges are whole pixels, or the gaps look uneven.
 *
 * @param {number[]} row
 * @param {number} top
 * @param {number} height
 * @returns {Box[]}
 */
function placeRow(row, top, height) {
  let edge = 0;
  return row.map((ratio) => {
    const left = Math.round(edge);
    const width = Math.round(edge + ratio * height) - left;
    edge += ratio * height + GAP;
    return { left, top, width, height: Math.round(height) };
  });
}

/**
 * @param {Box[]} boxes in rows
 * @param {number} from pixels
 * @param {number} to pixels
 * @returns {[number, number]} the boxes between two heights: the first, and one after the last
 */
export function between(boxes, from, to) {
  return [firstOf(boxes, (box) => box.top + box.height >= from), firstOf(boxes, (box) => box.top > to)];
}

/**
 * @param {Box[]} boxes
 * @param {(box: Box) => boolean} holds for all from some box on
 * @returns {number} the index of that box, by bisection
 */
function firstOf(boxes, holds) {
  let [low, high] = [0, boxes.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(boxes[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Where an arrow key leads.
 *
 * @param {Box[]} boxes in rows
 * @param {number} index
 * @param {string} key name of a key
 * @returns {number | undefined} the index to go to; nothing for other keys
 */
export function neighbour(boxes, index, key) {
  const last = boxes.length - 1;
  if (key === "ArrowRight") return Math.min(index + 1, last);
  if (key === "ArrowLeft") return Math.max(index - 1, 0);
  if (key === "ArrowDown") return beside(boxes, index, 1);
  if (key === "ArrowUp") return beside(boxes, index, -1);
  if (key === "Home") return 0;
  if (key === "End") return last;
  return undefined;
}

/**
 * @param {Box[]} boxes
 * @param {number} index
 * @param {1 | -1} step down or up
 * @returns {number} the nearest one in the next row
 */
function beside(boxes, index, step) {
  const from = boxes[index];
  let found = index;
  while (boxes[found]?.top === from.top) found += step;
  const row = boxes[found]?.top;
  if (row === undefined) return index;
  let best = found;
  for (; boxes[found]?.top === row; found += step) {
    if (Math.abs(centre(boxes[found]) - centre(from)) < Math.abs(centre(boxes[best]) - centre(from))) best = found;
  }
  return best;
}

/** @param {Box} box */
function centre({ left, width }) {
  return left + width / 2;
}
