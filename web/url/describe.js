import { sayFilter, entriesOf } from "./filters.js";
import { nameOf } from "../core/format.js";

/** @typedef {import("./route.js").Route} Route */
/** @typedef {import("./terms.js").Term} Term */

/**
 * @param {Term} term
 * @returns {string} for example "“a cat”", "cat.jpg", "part of cat.jpg"
 */
export function nameOfTerm({ kind, value, crop }) {
  if (kind === "words") return `“${value}”`;
  const name = kind === "picture" ? "your picture" : nameOf(value);
  return crop ? `part of ${name}` : name;
}

/**
 * @param {Route} route
 * @returns {string} for example "for “a cat”, unlike cat.jpg"; empty where nothing is searched for
 */
export function describeSearch({ text, terms }) {
  const parts = terms.map((term) => `${term.weight < 0 ? "unlike" : "like"} ${nameOfTerm(term)}`);
  if (text) parts.unshift(`for “${text}”`);
  return parts.join(", ");
}

/** @param {Route} route */
export function titleOfSearch(route) {
  const search = describeSearch(route);
  return search && `Images ${search}`;
}

/**
 * @param {Route} route
 * @returns {string} for example "In animals/ · Portrait"
 */
export function describeFilters({ filters }) {
  return entriesOf(filters).map(([name, value]) => sayFilter(name, value)).join(" · ");
}
