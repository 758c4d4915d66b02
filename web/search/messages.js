import { urlOf } from "../url/route.js";
import { describeFilters, describeSearch, titleOfSearch } from "../url/describe.js";
import { element } from "../core/dom.js";
import { formatCount } from "../core/format.js";
import { isHere } from "../core/query-pictures.js";
import { excludesOnly } from "../url/terms.js";
import { termsOf } from "../core/search-request.js";
import { clearFiltersButton } from "../list/clear-filters.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../core/api.js").Match} Match */
/** @typedef {import("../core/api.js").TermAnswer} TermAnswer */

/** Only the best matches are sorted by time, so as many as one request may return. */
export const SORTED_SIZE = 100;
/** If even the best match has less strength than this, nothing close was found. */
const CLOSE = 0.25;
/** As in IMG_2041 and sunset.jpg. */
const FILE_NAME = /^[^\s]*\d[^\s]*$|\.[a-z]{3,4}$/i;

/**
 * @param {Route} route
 * @param {Match[]} matches those that are loaded, best first
 * @param {boolean} complete whether there are no others
 * @returns {string} the heading of the results, with the number of strong matches
 */
export function headingOf(route, matches, complete) {
  if (matches.length === 0) return "Nothing found";
  if (route.sort) return formatCount(matches.length, "image");
  if (excludesOnly(termsOf(route))) return titleOfSearch(route);
  if (!isClose(route, matches)) return `Nothing close ${describeSearch(route).replace(/^(for|like)/, "to")}`;
  const strong = matches.filter(({ uncertain }) => !uncertain).length;
  if (strong === 0) return "No strong match";
  const more = complete || strong < matches.length ? "" : "+";
  return `${strong.toLocaleString()}${more} strong match${strong === 1 ? "" : "es"}`;
}

/**
 * @param {Route} route
 * @param {Match[]} matches
 * @param {TermAnswer[]} answered
 * @returns {string[]} what people should know of this search
 */
export function notesOn(route, matches, answered) {
  const pictures = route.terms.filter(({ kind }) => kind === "picture");
  const missing = pictures.some(({ value }) => !isHere(value));
  const lines = [];
  const unknown = new Set(answered.flatMap(({ unknown_words: words }) => words ?? []));
  if (unknown.size > 0) lines.push(`The model does not know ${anyOf(unknown)}.`);
  if (answered.some(({ cut }) => cut)) lines.push("The text is longer than the model reads: its end is ignored.");
  if (missing) lines.push("A picture of this search is not in this tab, and is left out.");
  else if (pictures.length > 0) lines.push("Your picture stays in this tab: the link to this search does not carry it.");
  if (route.sort) lines.push(`The ${SORTED_SIZE} best matches, newest first.`);
  else if (matches.length > 0 && !isClose(route, matches)) lines.push(`These are the nearest images. ${advice(route)}`);
  return lines;
}

/**
 * @param {Iterable<string>} words
 * @returns {string} for example "“one” or “another”"
 */
function anyOf(words) {
  return new Intl.ListFormat("en", { type: "disjunction" }).format([...words].map((word) => `“${word}”`));
}

/**
 * @param {Route} route
 * @returns {HTMLElement[]} the way to the images of that name, where the words look like the name of a file
 */
export function filesNamed({ text, terms, prefix }) {
  if (terms.length > 0 || !FILE_NAME.test(text)) return [];
  const link = element("a", { href: urlOf({ prefix, filters: { name: text } }), textContent: `Show images named “${text}”` });
  return [element("p", {}, "Looking for a file? ", link)];
}

/** @param {Route} route */
function advice(route) {
  const tries = ["everyday English words for what is in the picture"];
  if (describeFilters(route)) tries.push("fewer filters");
  if (route.terms.length > 0) tries.push("fewer parts");
  return `Try ${tries.join(", or ")}.`;
}

/**
 * @param {Route} route
 * @param {Match[]} matches
 */
function isClose(route, [best]) {
  return excludesOnly(termsOf(route)) || (best.strength ?? 1) >= CLOSE;
}

/**
 * @param {Route} route
 * @returns {HTMLElement[]} why, and a way out
 */
export function nothingFound(route) {
  const filters = describeFilters(route);
  if (!filters) return [element("p", { textContent: "No image is in the index yet." })];
  const why = element("p", {}, "Only these images are searched: ", element("bdi", { textContent: filters }));
  return [why, clearFiltersButton()];
}

/** @returns {HTMLElement[]} */
export function pictureMissing() {
  const why = "It stays in the tab that it was chosen in, so a link does not carry it. Choose it again to search with it.";
  return [element("p", { textContent: why })];
}
