import { element, find } from "../core/dom.js";
import { nameOf } from "../core/format.js";
import { urlOver } from "../url/route.js";
import { router } from "../url/router.js";

/** @typedef {import("../url/router.js").Step} Step */

/** Keeps the entries of the history small. */
const MOST_STEPS = 24;

/** The images that people came through, from similar image to similar image. Each leads back to itself. */
export class Trail {
  #root = find("#trail", HTMLElement);
  #list = find("ol", HTMLElement, this.#root);

  show() {
    const { trail } = router;
    this.#root.hidden = trail.length === 0;
    this.#list.replaceChildren(...trail.map(stepItem));
    this.#list.scrollLeft = this.#list.scrollWidth;
  }

  /**
   * @param {Element} link that is followed
   * @param {Step | undefined} here the selected image
   * @returns {Step[]} the way to where it leads
   */
  to(link, here) {
    const place = [...this.#list.querySelectorAll("a")].findIndex((step) => step === link);
    if (place >= 0) return router.trail.slice(0, place);
    if (!here || !link.closest("#similar")) return [];
    return [...router.trail, { key: here.key, thumbnail_url: here.thumbnail_url }].slice(-MOST_STEPS);
  }
}

/** @param {Step} step */
function stepItem({ key, thumbnail_url }) {
  const name = nameOf(key);
  const link = element("a", { href: urlOver(key), title: name, ariaLabel: `Back to ${name}` });
  if (thumbnail_url) link.append(element("img", { alt: "", src: thumbnail_url }));
  else link.append(name);
  return element("li", {}, link);
}
