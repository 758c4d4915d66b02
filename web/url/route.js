import { readFilters, withoutName } from "./filters.js";
import { readCrop, readTerms, writeTerms } from "./terms.js";

/** @typedef {import("./filters.js").Filters} Filters */
/** @typedef {import("./terms.js").Crop} Crop */
/** @typedef {import("./terms.js").Term} Term */
/** @typedef {"" | "uploaded_at" | "taken_at"} Sort newest first; by similarity or by name if it is empty */

/**
 * The contents of the page's URL.
 *
 * @typedef {object} Route
 * @property {string} view "map", "duplicates", "trash", or nothing
 * @property {string} text words in the search box
 * @property {Term[]} terms what else is searched for
 * @property {Filters} filters of a search, or of the gallery
 * @property {Sort} sort of them
 * @property {string} prefix the folder on show; also the folder of a search
 * @property {string} key of the selected image
 * @property {Crop} [crop] its part that counts
 */

const SORTS = /** @type {const} */ (["uploaded_at", "taken_at"]);

/** @returns {Route} */
export function currentRoute() {
  const query = new URLSearchParams(location.search);
  const parts = { text: (query.get("text") ?? "").trim(), terms: readTerms(query) };
  return {
    view: query.get("view") ?? "",
    ...parts,
    filters: filtersOf({ ...parts, filters: readFilters(query) }),
    sort: SORTS.find((sort) => sort === query.get("sort")) ?? "",
    prefix: query.get("prefix") ?? "",
    key: query.get("key") ?? "",
    crop: readCrop(query.get("crop")),
  };
}

/**
 * @param {Partial<Route>} route
 * @returns {string} the URL of that route; filters and order do not apply to other views
 */
export function urlOf(route) {
  const { view, text, terms = [], sort, prefix, key, crop } = route;
  const query = new URLSearchParams();
  set(query, { view, text });
  writeTerms(terms, query);
  set(query, { ...(!view && { ...filtersOf(route), sort }), prefix });
  set(query, { key, crop: key && crop?.join(",") });
  return query.size ? `/?${query}` : "/";
}

/**
 * @param {URLSearchParams} query
 * @param {Record<string, string | undefined>} values
 */
function set(query, values) {
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value);
}

/**
 * @param {Partial<Route>} route
 * @returns {Filters} those that apply to it
 */
function filtersOf({ filters = {}, ...route }) {
  return isSearch(route) ? withoutName(filters) : filters;
}

/** @param {Partial<Route>} route */
export function isSearch({ text, terms = [] }) {
  return Boolean(text) || terms.length > 0;
}

/**
 * @param {string} key
 * @returns {string} the URL that selects an image over the present list
 */
export function urlOver(key) {
  return urlOf({ ...currentRoute(), key, crop: undefined });
}
