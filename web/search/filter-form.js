import { listImages } from "../core/api.js";
import { element, find, Latest } from "../core/dom.js";
import { COLORS, daysOf, readFilters } from "../url/filters.js";
import { openPopover } from "../core/popover.js";
import { currentRoute, isSearch } from "../url/route.js";
import { searchFor } from "../url/router.js";

/** @typedef {import("../url/filters.js").Filters} Filters */

/** The first day and the last, in days before today. @type {[string, number, number][]} */
const PRESETS = [["Today", 0, 0], ["Yesterday", 1, 1], ["7 days", 6, 0], ["30 days", 29, 0]];
const PLAIN = /** @type {const} */ (["name", "prefix", "orientation", "min_width", "min_height", "content_type"]);
const DAYS = /** @type {const} */ (["uploaded", "taken"]);

/** Which images are wanted, in a search and in the gallery. Each change applies at once. */
export class FilterForm {
  #popover = find("#filter-popover", HTMLElement);
  #form = find("#filter-form", HTMLFormElement);
  #folders = find("#filter-folders", HTMLDataListElement);
  #name = find("#filter-name", HTMLElement);
  #latest = new Latest();

  constructor() {
    const button = find("#add-filter", HTMLButtonElement);
    button.addEventListener("click", () => this.#open(button, "uploaded"));
    find("#chips", HTMLElement).addEventListener("click", ({ target }) => this.#openFor(target));
    find("#presets", HTMLElement).append(...PRESETS.map(([text, first, last]) => this.#preset(text, first, last)));
    find("#swatches", HTMLElement).append(...COLORS.map(swatch));
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
    if (target instanceof HTMLElement && name) this.#open(target, name);
  }

  /**
   * @param {HTMLElement} button
   * @param {string} name of the filter to begin with
   */
  #open(button, name) {
    const route = currentRoute();
    this.#fill(route.filters);
    this.#name.hidden = isSearch(route);
    openPopover(this.#popover, button);
    const first = [...this.#form.elements].find((field) => field.getAttribute("name")?.startsWith(name));
    if (first instanceof HTMLElement) first.focus();
    void this.#suggest();
  }

  /** @param {Filters} filters */
  #fill(filters) {
    for (const name of PLAIN) this.#field(name).value = filters[name] ?? "";
    for (const name of DAYS) {
      const { first, last } = daysOf(filters[name]);
      this.#field(`${name}_first`).value = first;
      this.#field(`${name}_last`).value = last;
    }
    const colors = filters.color?.split(",") ?? [];
    for (const box of this.#swatches) box.checked = colors.includes(box.value);
    this.#markPreset();
  }

  #apply() {
    const query = new URLSearchParams(PLAIN.map((name) => [name, this.#field(name).value.trim()]));
    for (const name of DAYS) query.set(name, `${this.#field(`${name}_first`).value}..${this.#field(`${name}_last`).value}`);
    query.set("color", this.#swatches.filter(({ checked }) => checked).map(({ value }) => value).join(","));
    const prefix = query.get("prefix");
    if (prefix && !prefix.endsWith("/")) query.set("prefix", `${prefix}/`);
    this.#markPreset();
    searchFor({ filters: readFilters(query) });
  }

  /**
   * @param {string} text
   * @param {number} first days before today
   * @param {number} last
   */
  #preset(text, first, last) {
    const button = element("button", { type: "button", textContent: text });
    button.addEventListener("click", () => {
      const isOn = button.ariaPressed === "true";
      this.#field("uploaded_first").value = isOn ? "" : dayBefore(first);
      this.#field("uploaded_last").value = isOn ? "" : dayBefore(last);
      this.#apply();
    });
    return button;
  }

  #markPreset() {
    const [first, last] = [this.#field("uploaded_first").value, this.#field("uploaded_last").value];
    const buttons = find("#presets", HTMLElement).children;
    PRESETS.forEach(([, from, to], index) => {
      buttons[index].ariaPressed = String(first === dayBefore(from) && last === dayBefore(to));
    });
  }

  get #swatches() {
    return [...this.#form.querySelectorAll("input[name=color]")].filter((box) => box instanceof HTMLInputElement);
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

  /** @param {string} name */
  #field(name) {
    const field = this.#form.elements.namedItem(name);
    if (field instanceof HTMLInputElement || field instanceof HTMLSelectElement) return field;
    throw new Error(`The form of filters has no field ${name}`);
  }
}

/** @param {string} value */
function swatch(value) {
  const box = element("input", { type: "checkbox", name: "color", value, ariaLabel: value, title: value });
  box.className = `swatch ${value}`;
  return box;
}

/**
 * @param {number} days before today
 * @returns {string} as in 2024-05-31, by the clock of this computer
 */
function dayBefore(days) {
  const day = new Date();
  day.setDate(day.getDate() - days);
  return day.toLocaleDateString("sv"); // Swedish dates are ISO's
}
