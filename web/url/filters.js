import { formatDay } from "../core/format.js";

/**
 * @typedef {"prefix" | "name" | "uploaded" | "taken" | "color" | "orientation" | "min_width" | "min_height"
 *   | "content_type"} FilterName
 */
/** @typedef {{say: (value: string) => string, isValid: (value: string) => boolean}} Kind */
/** @typedef {Partial<Record<FilterName, string>>} Filters conditions on images; days as in 2024-05-01..2024-05-31 */
/** @typedef {Record<string, string | number | string[]>} AskedFilters as the API takes them */

/** The colours in the index. */
export const COLORS = [
  "red", "orange", "yellow", "green", "turquoise", "blue", "purple", "pink", "brown", "black", "gray", "white",
];
/** The first day and the last; one of them may be missing. */
const DAYS = /^(\d{4}-\d\d-\d\d)?\.\.(\d{4}-\d\d-\d\d)?$/;
const DAY_MS = 86_400_000;

/** By the names in the page's URL; the API calls the prefix a folder. @type {Record<FilterName, Kind>} */
const KINDS = {
  prefix: { say: (value) => `In ${value}`, isValid: (value) => value.endsWith("/") },
  name: { say: (value) => `Named “${value}”`, isValid: (value) => /[\p{L}\p{N}]/u.test(value) },
  uploaded: { say: (value) => sayDays("Uploaded", value), isValid: areDays },
  taken: { say: (value) => sayDays("Taken", value), isValid: areDays },
  color: { say: (value) => value.split(",").map(capitalised).join(" or "), isValid: areColors },
  orientation: { say: capitalised, isValid: (value) => ["landscape", "portrait", "square"].includes(value) },
  min_width: { say: (value) => `At least ${value} px wide`, isValid: isPixels },
  min_height: { say: (value) => `At least ${value} px high`, isValid: isPixels },
  content_type: { say: (value) => value.replace("image/", "").toUpperCase(), isValid: (value) => /^image\/./.test(value) },
};

const FILTER_NAMES = /** @type {FilterName[]} */ (Object.keys(KINDS));

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
 * @param {Filters} filters
 * @returns {Filters} without the folder, which the gallery shows in another way
 */
export function withoutFolder(filters) {
  return Object.fromEntries(entriesOf(filters).filter(([name]) => name !== "prefix"));
}

/**
 * @param {Filters} filters
 * @returns {Filters} without the file name: the API lists images by it, and does not search among them
 */
export function withoutName(filters) {
  return { ...filters, name: undefined };
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
 * @param {string | undefined} value as in "2024-05-01..2024-05-31"
 * @returns {{first: string, last: string}} days; empty where it has none
 */
export function daysOf(value) {
  const [, first = "", last = ""] = DAYS.exec(value ?? "") ?? [];
  return { first, last };
}

/**
 * The day of an upload begins at midnight here. The day of a photograph is that of its camera, which knows no time zone.
 *
 * @param {Filters} filters
 * @returns {AskedFilters}
 */
export function askedFilters({ prefix, uploaded, taken, color, content_type, ...rest }) {
  const [sent, shot] = [daysOf(uploaded), daysOf(taken)];
  /** @type {Record<string, string | number | string[] | undefined>} */
  const asked = {
    ...rest,
    folder: prefix,
    uploaded_after: sent.first && secondsAt(sent.first),
    uploaded_before: sent.last && secondsAt(dayAfter(sent.last)),
    taken_after: shot.first,
    taken_before: shot.last && dayAfter(shot.last),
    color: color?.split(","),
    content_type: content_type ? [content_type] : undefined,
  };
  return /** @type {AskedFilters} */ (Object.fromEntries(Object.entries(asked).filter(([, value]) => value)));
}

/**
 * @param {string} day
 * @returns {number} seconds since the epoch
 */
function secondsAt(day) {
  return new Date(`${day}T00:00`).getTime() / 1000;
}

/** @param {string} day */
function dayAfter(day) {
  return new Date(Date.parse(day) + DAY_MS).toISOString().slice(0, 10);
}

/**
 * @param {string} what
 * @param {string} value
 */
function sayDays(what, value) {
  const { first, last } = daysOf(value);
  if (first === last) return `${what} ${formatDay(first)}`;
  if (!last) return `${what} since ${formatDay(first)}`;
  return first ? `${what} ${formatDay(first)} – ${formatDay(last)}` : `${what} until ${formatDay(last)}`;
}

/** @param {string} value */
function areDays(value) {
  const { first, last } = daysOf(value);
  return Boolean(first || last) && [first, last].every((day) => !day || !Number.isNaN(Date.parse(day)));
}

/** @param {string} value */
function areColors(value) {
  return value.split(",").every((color) => COLORS.includes(color));
}

/** @param {string} value */
function capitalised(value) {
  return value[0].toUpperCase() + value.slice(1);
}

/** @param {string} value */
function isPixels(value) {
  return /^[1-9]\d{0,5}$/.test(value);
}
