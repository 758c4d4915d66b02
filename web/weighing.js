import { element } from "./dom.js";
import { nameOf } from "./format.js";
import { keyOf } from "./grid.js";
import { currentRoute, searchFor } from "./route.js";
import { LESS, MORE, MOST_TERMS, withTerm } from "./terms.js";
import { lastSeen } from "./tile.js";
import { showToast } from "./toasts.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./terms.js").Term} Term */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** Keys of a list for the image that has the focus. @type {Record<string, number>} */
const WEIGHTS = { "+": MORE, "-": LESS };

/**
 * Searches for something beside what is searched for already.
 *
 * @param {Term} term
 * @param {Term[]} [terms] those that stay
 */
export function addTerm(term, terms = currentRoute().terms) {
  const { text } = currentRoute();
  const sum = withTerm(terms, term);
  if (sum.length + (text ? 1 : 0) > MOST_TERMS) showToast(`A search has at most ${MOST_TERMS} parts. Remove one first.`);
  else searchFor({ terms: sum });
}

/**
 * Buttons for "more like this" and "less like this". They are not in the tab order, as the list has keys for them.
 *
 * @param {HTMLLIElement} tile
 * @param {TilePicture} picture
 */
export function addWeighing(tile, { key, state = "indexed" }) {
  if (state !== "indexed") return; // there is no vector yet, or never
  const buttons = [weighButton(key, "More like", "+", MORE), weighButton(key, "Less like", "−", LESS)];
  tile.append(element("span", { className: "weighing" }, ...buttons));
}

/**
 * @param {string} key
 * @param {string} what
 * @param {string} sign
 * @param {number} weight
 */
function weighButton(key, what, sign, weight) {
  const button = element("button", { type: "button", tabIndex: -1, textContent: sign, title: `${what} this` });
  button.ariaLabel = `${what} ${nameOf(key)}`;
  button.addEventListener("click", () => addTerm({ kind: "image", value: key, weight }));
  return button;
}

/** @param {Grid} grid */
export function letWeigh(grid) {
  grid.list.addEventListener("keydown", (event) => {
    const key = keyOf(event);
    const weight = WEIGHTS[event.key];
    if (!weight || lastSeen(key)?.state !== "indexed" || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    addTerm({ kind: "image", value: key, weight });
  });
}
