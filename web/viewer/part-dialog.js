import { CropTool } from "./crop-tool.js";
import { element, find } from "../core/dom.js";
import { pictureUrl } from "../core/query-pictures.js";
import { currentRoute } from "../url/route.js";
import { router, searchFor } from "../url/router.js";
import { isSame } from "../url/terms.js";

/** @typedef {import("../url/terms.js").Crop} Crop */
/** @typedef {import("../url/terms.js").Term} Term */

/** Shows a picture that was added to the search, to select a part of it. */
export class PartDialog {
  #dialog = find("#part", HTMLDialogElement);
  #place = find("#part-picture", HTMLElement);
  #tool = new CropTool(this.#place, (crop) => this.#tool.set(crop));
  /** @type {Term | undefined} */
  #term;

  constructor() {
    this.#tool.enabled = true;
    addEventListener("part", (event) => event instanceof CustomEvent && this.#open(event.detail));
    router.addEventListener("change", () => this.#dialog.close());
    find("#part-search", HTMLButtonElement).addEventListener("click", () => this.#search(this.#tool.crop));
    find("#part-whole", HTMLButtonElement).addEventListener("click", () => this.#search(undefined));
  }

  /** @param {Term} term */
  #open(term) {
    this.#term = term;
    const picture = element("img", { alt: "Your picture", src: pictureUrl(term.value) ?? "" });
    picture.addEventListener("load", () =>
      this.#place.style.setProperty("--ratio", String(picture.naturalWidth / picture.naturalHeight)));
    this.#place.replaceChildren(picture);
    this.#dialog.showModal();
    if (term.crop) this.#tool.set(term.crop);
    else this.#tool.begin();
  }

  /** @param {Crop | undefined} crop */
  #search(crop) {
    this.#dialog.close();
    const terms = currentRoute().terms.map((term) => (this.#term && isSame(term, this.#term) ? { ...term, crop } : term));
    searchFor({ terms });
  }
}
