import { describeFilters } from "../address/describe.js";
import { element } from "../core/dom.js";
import { isHere } from "../core/query-pictures.js";
import { searchFor } from "../address/router.js";

/** @typedef {import("../address/route.js").Route} Route */

/** Only the best are put in the order of their time, so as many as one request may bring. */
export const SORTED_SIZE = 100;

/**
 * @param {Route} route
 * @param {boolean} cut
 * @returns {string[]} what people should know of this search
 */
export function notesOn(route, cut) {
  const pictures = route.terms.filter(({ kind }) => kind === "picture");
  const missing = pictures.some(({ value }) => !isHere(value));
  const lines = [];
  if (cut) lines.push("The words are more than the model reads: their end is ignored.");
  if (missing) lines.push("A picture of this search is not in this tab, and is left out.");
  else if (pictures.length > 0) lines.push("Your picture stays in this tab: the link to this search does not carry it.");
  if (route.sort !== "score") lines.push(`The ${SORTED_SIZE} best matches, newest first.`);
  return lines;
}

/**
 * @param {Route} route
 * @returns {HTMLElement[]} that, why, and a way out
 */
export function nothingFound(route) {
  const lead = element("p", { className: "lead", textContent: "Nothing found." });
  const filters = describeFilters(route);
  if (!filters) return [lead, element("p", { textContent: "No image is in the index yet." })];
  const why = element("p", {}, "Only these images are searched: ", element("bdi", { textContent: filters }));
  const clear = element("button", { type: "button", textContent: "Clear filters" });
  clear.addEventListener("click", () => searchFor({ filters: {} }));
  return [lead, why, clear];
}

/** @returns {HTMLElement[]} */
export function pictureMissing() {
  const why = "It stays in the tab that it was chosen in, so a link does not carry it. Choose it again to search with it.";
  return [
    element("p", { className: "lead", textContent: "The picture of this search is not here." }),
    element("p", { textContent: why }),
  ];
}
