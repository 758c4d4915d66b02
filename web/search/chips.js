import { getImage } from "../core/api.js";
import { nameOfTerm } from "../url/describe.js";
import { element, find, icon } from "../core/dom.js";
import { entriesOf, sayFilter, withoutFolder } from "../url/filters.js";
import { pictureUrl } from "../core/query-pictures.js";
import { currentRoute, isSearch } from "../url/route.js";
import { searchFor } from "../url/router.js";
import { STRENGTHS, strengthOf, withoutTerm, withStrength, withTerm } from "../url/terms.js";
import { store } from "../core/store.js";

/** @typedef {import("../url/filters.js").FilterName} FilterName */
/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../url/terms.js").Term} Term */
/** @typedef {{chip: number, name: string}} Focused the place of a chip, and the control in it that has the focus */

/** The parts of a search and the filters: each can be removed, and each term beside the words in the box can be weighted. */
export class Chips {
  #list = find("#chips", HTMLUListElement);

  /** @param {Route} route */
  show({ text, terms, filters }) {
    const alone = terms.length + (text ? 1 : 0) === 1;
    const shown = isSearch({ text, terms }) ? filters : withoutFolder(filters);
    const chips = [
      ...(text ? [wordsChip(text)] : []),
      ...terms.map((term) => termChip(term, alone)),
      ...entriesOf(shown).map(([name, value]) => filterChip(name, value)),
    ];
    const focused = this.#focused();
    this.#list.hidden = chips.length === 0;
    this.#list.replaceChildren(...chips);
    if (focused) this.#focus(focused);
  }

  /** @returns {Focused | undefined} */
  #focused() {
    const { activeElement } = document;
    const chip = [...this.#list.children].findIndex((item) => item.contains(activeElement));
    if (chip < 0 || !(activeElement instanceof HTMLElement)) return undefined;
    return { chip, name: activeElement.dataset.control ?? "" };
  }

  /**
   * The chip that took the place of a removed one gets the focus, or the search box after the last.
   *
   * @param {Focused} focused
   */
  #focus({ chip, name }) {
    const item = this.#list.children[Math.min(chip, this.#list.children.length - 1)];
    const same = item?.querySelector(`[data-control="${name}"]`) ?? item?.querySelector("button");
    (same instanceof HTMLElement ? same : find("#search", HTMLInputElement)).focus();
  }
}

/** @param {string} text what is in the search box */
function wordsChip(text) {
  const name = `“${text}”`;
  const remove = removal("remove", `Remove ${name}`, () => searchFor({ text: "" }));
  return element("li", { className: "chip" }, chipName("", name), remove);
}

/**
 * @param {Term} term
 * @param {boolean} alone there is nothing that it could count more or less than
 */
function termChip(term, alone) {
  const name = nameOfTerm(term);
  const chip = element("li", { className: term.weight < 0 ? "chip less" : "chip" });
  if (term.kind === "picture") chip.append(partButton(term));
  if (term.kind === "image") chip.append(thumbnail(term));
  chip.append(
    chipName(term.weight < 0 ? "Less like " : "", name),
    ...(alone ? [] : [strengthSelect(term, name)]),
    removal("remove", `Remove ${name}`, () => searchFor({ terms: withoutTerm(currentRoute().terms, term) })),
  );
  return chip;
}

/**
 * @param {string} before
 * @param {string} name
 */
function chipName(before, name) {
  return element("span", { className: "chip-name" }, before, element("bdi", { textContent: name }));
}

/**
 * Steps from strength to strength are one entry of the history.
 *
 * @param {Term} term
 * @param {string} name
 */
function strengthSelect(term, name) {
  const select = element("select", { className: "strength", ariaLabel: `Strength of ${name}` });
  select.append(...STRENGTHS.map((text) => element("option", { textContent: text })));
  select.selectedIndex = strengthOf(term);
  select.dataset.control = "strength";
  select.addEventListener("change", () =>
    searchFor({ terms: withTerm(currentRoute().terms, withStrength(term, select.selectedIndex)) }, { replace: true }));
  return select;
}

/**
 * @param {FilterName} name
 * @param {string} value
 */
function filterChip(name, value) {
  const said = sayFilter(name, value);
  const edit = control(`edit-${name}`, said, `Change filter: ${said}`, () => {});
  edit.classList.add("chip-name");
  edit.dataset.filter = name;
  edit.dir = "auto";
  const remove = removal(`remove-${name}`, `Remove filter: ${said}`, () =>
    searchFor({ filters: { ...currentRoute().filters, [name]: undefined } }));
  return element("li", { className: "chip" }, edit, remove);
}

/**
 * @param {string} name the same on every chip
 * @param {string} text
 * @param {string} ariaLabel
 * @param {() => void} onclick
 */
function control(name, text, ariaLabel, onclick) {
  const button = element("button", { type: "button", textContent: text, ariaLabel, onclick });
  button.dataset.control = name;
  return button;
}

/**
 * @param {string} name the same on every chip
 * @param {string} ariaLabel
 * @param {() => void} onclick
 */
function removal(name, ariaLabel, onclick) {
  const button = control(name, "", ariaLabel, onclick);
  button.append(icon("close"));
  return button;
}

/**
 * @param {Term} term a picture of this tab
 * @returns {HTMLElement} opens it to choose the part that counts
 */
function partButton(term) {
  const button = control("part", "", "Search a part of your picture", () =>
    void button.dispatchEvent(new CustomEvent("part", { bubbles: true, detail: term })));
  button.title = "Search a part";
  button.append(thumbnail(term));
  return button;
}

/**
 * @param {Term} term a picture
 * @returns {HTMLElement} only the part of it that counts
 */
function thumbnail({ kind, value, crop }) {
  const place = element("span", { className: "chip-thumbnail" });
  if (crop) showPart(place, crop);
  if (kind === "picture") setPicture(place, pictureUrl(value));
  else void urlOfThumbnail(value).then((url) => setPicture(place, url));
  return place;
}

/**
 * @param {HTMLElement} place
 * @param {import("../url/terms.js").Crop} crop
 */
function showPart(place, [left, top, width, height]) {
  place.style.backgroundSize = `${100 / width}% ${100 / height}%`;
  place.style.backgroundPosition = `${offset(left, width)}% ${offset(top, height)}%`;
}

/**
 * @param {number} start
 * @param {number} length
 * @returns {number} where CSS has a background begin, percent
 */
function offset(start, length) {
  return length < 1 ? (100 * start) / (1 - length) : 0;
}

/**
 * @param {HTMLElement} place
 * @param {string | null | undefined} url
 */
function setPicture(place, url) {
  if (url) place.style.backgroundImage = `url("${url}")`;
}

/** @param {string} key */
async function urlOfThumbnail(key) {
  const image = store.get(key) ?? (await getImage(key).catch(() => undefined));
  return image?.thumbnail_url;
}
