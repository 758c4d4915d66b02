import { searchFor } from "../url/router.js";
import { element } from "../core/dom.js";

/** @returns {HTMLElement} the way out where no image meets the filters */
export function clearFiltersButton() {
  return element("button", { type: "button", textContent: "Clear filters", onclick: () => searchFor({ filters: {} }) });
}
