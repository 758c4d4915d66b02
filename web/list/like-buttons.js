import { element } from "../core/dom.js";
import { nameOf } from "../core/format.js";
import { currentRoute } from "../url/route.js";
import { searchFor } from "../url/router.js";
import { MOST_TERMS, pictureWeight, withTerm } from "../url/terms.js";
import { showToast } from "../core/toasts.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("../url/terms.js").Term} Term */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/** @typedef {1 | -1} Sign more like it, or less */

/** Keys of a list for the image that has the focus. @type {Record<string, Sign>} */
const SIGNS = { "+": 1, "-": -1 };

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
 * @param {Omit<Term, "weight">} picture
 * @param {Sign} sign
 * @param {Term[]} [terms] those that stay
 */
export function addPicture(picture, sign, terms = currentRoute().terms) {
  const besideWords = Boolean(currentRoute().text) || terms.some(({ kind }) => kind === "words");
  addTerm({ ...picture, weight: pictureWeight(sign, besideWords) }, terms);
}

/**
 * Buttons for "more like this" and "less like this". They are not in the tab order, as the list has keys for them.
 *
 * @param {HTMLLIElement} tile
 * @param {TilePicture} picture
 */
export function addLikeButtons(tile, picture) {
  if (!isIndexed(picture)) return;
  const { key } = picture;
  const buttons = [likeButton(key, "More like", "+", 1), likeButton(key, "Less like", "−", -1)];
  tile.append(element("span", { className: "like-buttons" }, ...buttons));
}

/**
 * @param {string} key
 * @param {string} what
 * @param {string} textContent
 * @param {Sign} sign
 */
function likeButton(key, what, textContent, sign) {
  const button = element("button", { type: "button", tabIndex: -1, textContent, title: `${what} this` });
  button.ariaLabel = `${what} ${nameOf(key)}`;
  button.addEventListener("click", () => addPicture({ kind: "image", value: key }, sign));
  return button;
}

/** @param {Grid} grid */
export function listenToLikeKeys(grid) {
  grid.list.addEventListener("keydown", (event) => {
    const picture = grid.pictureOf(event);
    const sign = SIGNS[event.key];
    if (!sign || !picture || !isIndexed(picture) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    addPicture({ kind: "image", value: picture.key }, sign);
  });
}

/**
 * @param {TilePicture} picture
 * @returns {boolean} whether there is a vector to compare with; a search finds no others
 */
function isIndexed({ state = "indexed" }) {
  return state === "indexed";
}
