import { isSearch } from "../address/route.js";

/** @typedef {import("../address/route.js").Route} Route */
/** @typedef {import("../list/tile.js").TilePicture} TilePicture */
/**
 * @typedef {object} Shown
 * @property {(TilePicture | {key: string, url?: undefined})[]} pictures the map knows no originals
 * @property {(key: string) => void} mark
 * @property {(key: string) => boolean} focus
 */
/**
 * @typedef {object} List images on show
 * @property {HTMLElement} root
 * @property {Shown} grid
 * @property {string} address of what it shows, whatever image is selected
 * @property {(route: Route) => void} show
 * @property {() => void} hide
 * @property {() => void} retry asks again after a failure
 */

/** The gallery, the results and the map: one is on show, and each comes back where it was scrolled to. */
export class Lists {
  /** @type {Map<List, number>} */
  #scrolled = new Map();

  /**
   * @param {List} gallery
   * @param {List} results
   * @param {List} map
   * @param {() => void} onChange called when other images are on show
   */
  constructor(gallery, results, map, onChange) {
    this.gallery = gallery;
    this.results = results;
    this.map = map;
    this.onChange = onChange;
    this.shown = gallery;
  }

  /** Those of the images on show whose originals are known. */
  get pictures() {
    return this.shown.grid.pictures.filter(hasOriginal);
  }

  /** @param {Route} route */
  show(route) {
    const before = this.shown;
    const next = this.#listOf(route);
    const { address } = next;
    if (next !== before) this.#leave(before);
    this.shown = next;
    next.show(route);
    const fresh = next.address !== address;
    if (fresh) scrollTo(0, 0);
    else if (next !== before) scrollTo(0, this.#scrolled.get(next) ?? 0);
    if (fresh || next !== before) this.onChange();
  }

  /** @param {Route} route */
  #listOf(route) {
    if (isSearch(route)) return this.results;
    return route.view === "map" ? this.map : this.gallery;
  }

  /** @param {List} list */
  #leave(list) {
    this.#scrolled.set(list, scrollY);
    list.hide();
  }
}

/**
 * @param {TilePicture | {url?: undefined}} picture
 * @returns {picture is TilePicture}
 */
function hasOriginal(picture) {
  return picture.url !== undefined;
}
