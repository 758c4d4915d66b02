import { element } from "../core/dom.js";
import { ratioOf, showPlaceholder } from "../list/tile.js";

/** @typedef {import("../list/tile.js").TilePicture} TilePicture */

/** The selected image, as large as the panel allows. Its place has its shape before it arrives. */
export class LargePicture {
  /** Of what is shown: the URL of the same picture may be signed anew. */
  #version = "";

  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
  }

  get isEmpty() {
    return this.#version === "";
  }

  clear() {
    this.#version = "";
    this.place.replaceChildren();
    this.place.removeAttribute("style");
    this.place.hidden = false;
  }

  /**
   * The thumbnail is already there and stands in until the large picture arrives.
   *
   * @param {TilePicture} picture
   */
  show(picture) {
    const version = picture.etag ?? picture.url;
    if (version === this.#version) return;
    this.#version = version;
    for (const old of this.place.querySelectorAll("img")) old.remove();
    const small = picture.thumbnail_url ? [element("img", { alt: "", src: picture.thumbnail_url })] : [];
    this.place.prepend(...small, this.#large(picture));
    this.place.hidden = false;
    this.#setRatio(ratioOf(picture));
    showPlaceholder(this.place, picture);
  }

  /** @param {TilePicture} picture */
  #large({ key, url, preview_url }) {
    const large = element("img", { alt: key, decoding: "async", src: preview_url ?? url });
    large.addEventListener("load", () => this.#setRatio(large.naturalWidth / large.naturalHeight));
    large.addEventListener("error", () => (this.place.hidden = true));
    return large;
  }

  /** @param {number} ratio known before the picture arrives once the image is indexed */
  #setRatio(ratio) {
    this.place.style.setProperty("--ratio", String(ratio));
  }
}
