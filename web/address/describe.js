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
 * @returns {[string, string][]} words of ours, each with a name from elsewhere that follows it
 */
export function describeSearch({ text, terms }) {
  /** @type {[string, string][]} */
  const parts = terms.map((term) => [term.weight < 0 ? ", unlike " : ", like ", nameOfTerm(term)]);
  if (text) parts.unshift([" for ", `“${text}”`]);
  if (parts.length > 0) parts[0][0] = `Images${parts[0][0].replace(",", "")}`;
  return parts;
}

/** @param {Route} route */
export function titleOfSearch(route) {
  return describeSearch(route).flat().join("");
}

/**
 * @param {Route} route
 * @returns {string} for example "In animals/ · Portrait"
 */
export function describeFilters({ filters }) {
  return entriesOf(filters).map(([name, value]) => sayFilter(name, value)).join(" · ");
}
