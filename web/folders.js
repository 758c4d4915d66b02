import { element, find } from "./dom.js";
import { formatCount } from "./format.js";
import { addressOf } from "./route.js";

/** More than these would push the images off the first screen. */
const AT_FIRST = 24;

/** Where in the bucket the gallery is, and the folders there. */
export class Folders {
  #crumbs = find("#crumbs ol", HTMLOListElement);
  #list = find("#folders", HTMLUListElement);

  /** @param {string} prefix the folder on show, all of the bucket when empty */
  showPath(prefix) {
    const names = prefix.split("/").slice(0, -1);
    const paths = names.map((_, index) => `${names.slice(0, index + 1).join("/")}/`);
    this.#crumbs.replaceChildren(crumb("All images", ""), ...paths.map((path) => crumb(nameOf(path), path)));
    const here = this.#crumbs.lastElementChild?.querySelector("a");
    here?.setAttribute("aria-current", "page");
    this.showFolders([]);
  }

  /** @param {string[]} prefixes */
  showFolders(prefixes) {
    this.#list.hidden = prefixes.length === 0;
    this.#list.replaceChildren(...prefixes.slice(0, AT_FIRST).map(folder));
    const rest = prefixes.slice(AT_FIRST);
    if (rest.length > 0) this.#list.append(element("li", {}, this.#moreButton(rest)));
  }

  /** @param {string[]} rest */
  #moreButton(rest) {
    const more = element("button", { type: "button", textContent: `${formatCount(rest.length, "more folder")}` });
    more.addEventListener("click", () => {
      const items = rest.map(folder);
      more.parentElement?.replaceWith(...items);
      items[0].querySelector("a")?.focus();
    });
    return more;
  }
}

/**
 * @param {string} prefix for example "animals/cats/"
 * @returns {string} for example "cats"
 */
function nameOf(prefix) {
  return prefix.split("/").at(-2) || "(no name)";
}

/**
 * @param {string} name
 * @param {string} prefix
 */
function crumb(name, prefix) {
  return element("li", {}, element("a", { href: addressOf({ prefix }), dir: "auto", textContent: name }));
}

/** @param {string} prefix */
function folder(prefix) {
  const link = element("a", { href: addressOf({ prefix }), dir: "auto", textContent: nameOf(prefix) });
  return element("li", {}, link);
}
