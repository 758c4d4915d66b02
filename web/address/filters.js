import { formatDay } from "../core/format.js";

/**
 * @typedef {"prefix" | "orientation" | "taken_after" | "taken_before" | "uploaded_after" | "uploaded_before"
 *   | "min_width" | "min_height" | "content_type"} FilterName
 */

/** @typedef {{say: (value: string) => string, isValid: (value: string) => boolean}} Kind */
/** @typedef {Partial<Record<FilterName, string>>} Filters which images may be found; days as in 2024-05-31 */

/** By the names in the page's URL; the API calls the prefix a folder. @type {Record<FilterName, Kind>} */
const KINDS = {
  prefix: { say: (value) => `In ${value}`, isValid: (value) => value.endsWith("/") },
  orientation: { say: capitalised, isValid: (value) => ["landscape", "portrait", "square"].includes(value) },
  taken_after: { say: (value) => `Taken since ${formatDay(value)}`, isValid: isDay },
  taken_before: { say: (value) => `Taken before ${formatDay(value)}`, isValid: isDay },
  uploaded_after: { say: (value) => `Uploaded since ${formatDay(value)}`, isValid: isDay },
  uploaded_before: { say: (value) => `Uploaded before ${formatDay(value)}`, isValid: isDay },
  min_width: { say: (value) => `At least ${value} px wide`, isValid: isPixels },
  min_height: { say: (value) => `At least ${value} px high`, isValid: isPixels },
  content_type: { say: sayType, isValid: (value) => /^image\/./.test(value) },
};

export const FILTER_NAMES = /** @type {FilterName[]} */ (Object.keys(KINDS));

/**
 * @param {Filters} filters
 * @returns {[FilterName, string][]} those that are set, always in the same order
 */
export function entriesOf(filters) {
  return FILTER_NAMES.flatMap((name) => (filters[name] ? [[name, filters[name]]] : []));
}

/**
 * @param {URLSearchParams} query
 * @returns {Filters} those that make sense
 */
export function readFilters(query) {
  const given = FILTER_NAMES.map((name) => /** @type {const} */ ([name, query.get(name) ?? ""]));
  return Object.fromEntries(given.filter(([name, value]) => value && KINDS[name].isValid(value)));
}

/**
 * @param {FilterName} name
 * @param {string} value
 * @returns {string} for example "Taken since 31 May 2024"
 */
export function sayFilter(name, value) {
  return KINDS[name].say(value);
}

/**
 * The day of an upload begins at midnight here. The day of a photograph is that of its camera, which knows no time zone.
 *
 * @param {Filters} filters
 * @returns {Record<string, string | number>} as the API takes them
 */
export function askedFilters(filters) {
  return Object.fromEntries(entriesOf(filters).map(([name, value]) =>
    [name === "prefix" ? "folder" : name, name.startsWith("uploaded") ? new Date(`${value}T00:00`).getTime() / 1000 : value]));
}

/** @param {string} value */
function capitalised(value) {
  return value[0].toUpperCase() + value.slice(1);
}

/** @param {string} value */
function sayType(value) {
  return value.replace("image/", "").toUpperCase();
}

/** @param {string} value */
function isDay(value) {
  return /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** @param {string} value */
function isPixels(value) {
  return /^[1-9]\d{0,5}$/.test(value);
}
