import { listImages } from "../core/api.js";
import { element, find, Latest } from "../core/dom.js";
import { FILTER_NAMES, readFilters } from "../address/filters.js";
import { openPopover } from "../core/popover.js";
import { currentRoute } from "../address/route.js";
import { searchFor } from "../address/router.js";

/** @typedef {import("../address/filters.js").FilterName} FilterName */

/** Which images may be found. Each change is searched with at once. */
export class FilterForm {
  #popover = find("#filter-popover", HTMLElement);
  #form = find("#filter-form", HTMLFormElement);
  #folders = find("#filter-folders", HTMLDataListElement);
  #latest = new Latest();

  constructor() {
    const button = find("#add-filter", HTMLButtonElement);
    button.addEventListener("click", () => this.#open(button, "prefix"));
    find("#chips", HTMLElement).addEventListener("click", ({ target }) => this.#openFor(target));
    this.#form.addEventListener("change", () => this.#apply());
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#popover.hidePopover();
    });
    this.#field("prefix").addEventListener("input", () => void this.#suggest());
  }

  /** @param {EventTarget | null} target in the chip of a filter */
  #openFor(target) {
    const name = target instanceof HTMLElement ? target.dataset.filter : undefined;
    if (target instanceof HTMLElement && name) this.#open(target, /** @type {FilterName} */ (name));
  }

  /**
   * @param {HTMLElement} button
   * @param {FilterName} name of the field to begin with
   */
  #open(button, name) {
    const { filters } = currentRoute();
    for (const each of FILTER_NAMES) this.#field(each).value = filters[each] ?? "";
    openPopover(this.#popover, button);
    this.#field(name).focus();
    void this.#suggest();
  }

  #apply() {
    const query = new URLSearchParams(FILTER_NAMES.map((name) => [name, this.#field(name).value.trim()]));
    const prefix = query.get("prefix");
    if (prefix && !prefix.endsWith("/")) query.set("prefix", `${prefix}/`);
    searchFor({ filters: readFilters(query) });
  }

  /** The folders that begin like what is typed; without an answer they can be typed all the same. */
  async #suggest() {
    const typed = this.#field("prefix").value;
    const query = { prefix: typed.slice(0, typed.lastIndexOf("/") + 1), folders: true };
    const { folders = [] } = await listImages(query, this.#latest.start()).catch(() => ({ folders: [] }));
    if (typed === this.#field("prefix").value) {
      this.#folders.replaceChildren(...folders.map((value) => element("option", { value })));
    }
  }

  /** @param {FilterName} name */
  #field(name) {
    const field = this.#form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) return field;
    throw new Error(`The form of filters has no field ${name}`);
  }
}
