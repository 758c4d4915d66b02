import { entriesOf, readFilters } from "./filters.js";
import { readCrop, readTerms, writeTerms } from "./terms.js";

/** @typedef {import("./filters.js").Filters} Filters */
/** @typedef {import("./terms.js").Crop} Crop */
/** @typedef {import("./terms.js").Term} Term */
/** @typedef {"score" | "uploaded_at" | "taken_at"} Sort */

/**
 * What the address says.
 *
 * @typedef {object} Route
 * @property {string} view "map", or nothing
 * @property {string} text words in the search box
 * @property {Term[]} terms what else is searched for
 * @property {Filters} filters of a search
 * @property {Sort} sort of a search
 * @property {string} prefix the folder on show; also the folder of a search
 * @property {string} key of the selected image
 * @property {Crop} [crop] its part that counts
 */

const SORTS = /** @type {const} */ (["score", "uploaded_at", "taken_at"]);

/** @returns {Route} */
export function currentRoute() {
  const query = new URLSearchParams(location.search);
  return {
    view: query.get("view") ?? "",
    text: (query.get("text") ?? "").trim(),
    terms: readTerms(query),
    filters: readFilters(query),
    sort: SORTS.find((sort) => sort === query.get("sort")) ?? "score",
    prefix: query.get("prefix") ?? "",
    key: query.get("key") ?? "",
    crop: readCrop(query.get("crop")),
  };
}

/**
 * @param {Partial<Route>} route
 * @returns {string} the address of that route; filters and order say nothing without a search
 */
export function addressOf({ view, text, terms = [], filters = {}, sort, prefix, key, crop }) {
  const query = new URLSearchParams();
  if (view) query.set("view", view);
  if (text) query.set("text", text);
  writeTerms(terms, query);
  if (prefix) query.set("prefix", prefix);
  if (text || terms.length > 0) writeSearch({ ...filters, prefix: "" }, sort, query);
  if (key) query.set("key", key);
  if (key && crop) query.set("crop", crop.join(","));
  return query.size ? `/?${query}` : "/";
}

/**
 * @param {Filters} filters
 * @param {Sort | undefined} sort
 * @param {URLSearchParams} query
 */
function writeSearch(filters, sort, query) {
  for (const [name, value] of entriesOf(filters)) query.set(name, value);
  if (sort && sort !== "score") query.set("sort", sort);
}

/** @param {Route} route */
export function isSearch({ text, terms }) {
  return Boolean(text) || terms.length > 0;
}

/**
 * @param {string} key
 * @returns {string} the address that selects an image over the present list
 */
export function addressOver(key) {
  return addressOf({ ...currentRoute(), key, crop: undefined });
}

/**
 * Goes to an address without loading the page again.
 *
 * @param {string} address
 * @param {{replace?: boolean}} [options]
 */
export function navigate(address, { replace = false } = {}) {
  const change = replace ? history.replaceState : history.pushState;
  change.call(history, null, "", address);
  dispatchEvent(new Event("route"));
}

/**
 * Searches for something else than now, in full view of the results.
 *
 * @param {Partial<Route>} change
 * @param {{replace?: boolean}} [options]
 */
export function searchFor(change, options) {
  const route = { ...currentRoute(), ...change };
  const address = addressOf({ ...route, prefix: route.filters.prefix, view: "", key: "" });
  if (address !== location.pathname + location.search) navigate(address, options);
}
