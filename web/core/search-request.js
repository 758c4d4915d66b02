import { askedFilters } from "../url/filters.js";
import { pictureData } from "./query-pictures.js";

/** @typedef {import("../url/filters.js").Filters} Filters */
/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../url/terms.js").Term} Term */
/** @typedef {Record<string, string | number | boolean | string[]>} Fields */
/** @typedef {{terms: Term[], filters?: Filters, options: Fields}} Query */

/** A content delivery network accepts URLs of about 8,000 characters. */
const LONGEST_URL = 4_000;

/**
 * @param {Route} route
 * @returns {Term[]} all that is searched for: what is in the box, then the rest
 */
export function termsOf({ text, terms }) {
  return text ? [{ kind: "words", value: text, weight: 1 }, ...terms] : terms;
}

/**
 * A GET request if it can express the query, because its response is cached; a POST request otherwise.
 *
 * @param {Query} query
 * @returns {{path: string, body?: string}}
 */
export function searchRequest({ terms, filters = {}, options }) {
  const filter = askedFilters(filters);
  if (isSimple(terms)) {
    const path = `/api/search?${simpleParameters(terms, { ...options, ...filter })}`;
    if (path.length <= LONGEST_URL) return { path };
  }
  return { path: "/api/search", body: JSON.stringify({ terms: terms.map(askedTerm), ...options, filter }) };
}

/** @param {Term[]} terms */
function isSimple(terms) {
  const images = terms.filter(({ kind, weight }) => kind === "image" && weight > 0);
  const cropped = terms.filter(({ crop }) => crop);
  const plain = terms.every(({ kind, weight }) => kind !== "picture" && Math.abs(weight) === 1);
  return plain && (cropped.length === 0 || (images.length === 1 && cropped.length === 1 && cropped[0] === images[0]));
}

/**
 * @param {Term[]} terms
 * @param {Fields} fields
 */
function simpleParameters(terms, fields) {
  const query = new URLSearchParams();
  for (const { kind, value, weight, crop } of terms) {
    query.append(`${weight < 0 ? "not_" : ""}${kind === "words" ? "text" : "key"}`, value);
    if (crop) query.set("crop", crop.join(","));
  }
  for (const [name, value] of parameters(fields)) query.append(name, value);
  return query;
}

/** @param {Term} term */
function askedTerm({ kind, value, weight, crop }) {
  if (kind === "words") return { text: value, weight };
  if (kind === "image") return { key: value, weight, crop };
  return { image: pictureData(value), weight, crop };
}

/**
 * @param {Record<string, string | number | boolean | string[] | null | undefined>} fields
 * @returns {URLSearchParams} those that are given; each value of a list is one parameter
 */
export function parameters(fields) {
  const given = Object.entries(fields).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return new URLSearchParams(given.flatMap(([name, value]) => [value].flat().map((each) => [name, String(each)])));
}
