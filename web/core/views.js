import { isSearch } from "../url/route.js";
import { router } from "../url/router.js";

/** @typedef {import("../url/route.js").Route} Route */
/** @typedef {import("../url/router.js").Place} Place */
/** @typedef {import("../list/tile.js").TilePicture} TilePicture */
/**
 * @typedef {object} Shown
 * @property {(TilePicture | {key: string, url?: undefined})[]} pictures the map and the trash know no originals
 * @property {(key: string) => void} mark
 * @property {(key: string) => boolean} focus
 * @property {(key: string) => HTMLElement | null | undefined} [imageOf]
 * @property {Place} [place]
 * @property {(place: Place) => void} [goTo]
 */
/**
 * @typedef {object} View images on show
 * @property {Shown} grid
 * @property {string} url of what it shows, whatever image is selected
 * @property {(route: Route) => string} urlOf the URL of what it would show
 * @property {unknown} [snapshot] the state to show the same again without a request
 * @property {(route: Route, snapshot?: any) => void} show
 * @property {() => void} hide
 * @property {() => void} retry asks again after a failure
 * @property {(key: string) => Promise<boolean>} [reach] loads until an image is there
 */

/** The number of lists that are kept to come back to. */
const MOST_KEPT = 20;

/** The gallery, the results, the map, the duplicates and the trash: one is on show. Going back shows each as it was left. */
export class Views {
  /** By URL. @type {Map<string, unknown>} */
  #kept = new Map();
  /** @type {Map<View, Place | undefined>} */
  #places = new Map();
  /** Counts the lists that were shown, so that a pending load can detect that another list is shown by now. */
  #turn = 0;

  /**
   * @param {View} gallery
   * @param {View} results
   * @param {Record<string, View>} others by name
   * @param {() => void} onChange called when other images are on show
   */
  constructor(gallery, results, others, onChange) {
    this.gallery = gallery;
    this.results = results;
    this.others = others;
    this.onChange = onChange;
    this.shown = gallery;
    for (const name of ["wheel", "touchmove", "keydown"]) addEventListener(name, () => (this.#turn += 1), { passive: true });
  }

  /** Those of the images on show whose originals are known. */
  get pictures() {
    return this.shown.grid.pictures.filter(hasOriginal);
  }

  /** @param {Route} route */
  show(route) {
    const before = this.shown;
    const next = this.#viewOf(route);
    const url = next.urlOf(route);
    const fresh = url !== next.url;
    this.#keep(before);
    if (next !== before) before.hide();
    this.shown = next;
    next.show(route, router.alongHistory && fresh ? this.#kept.get(url) : undefined);
    if (!fresh && next === before) return;
    this.#goTo(next, router.alongHistory || fresh ? router.place : this.#places.get(next), route.key);
    this.onChange();
  }

  /** @param {Route} route */
  #viewOf(route) {
    if (isSearch(route)) return this.results;
    return this.others[route.view] ?? this.gallery;
  }

  /** Forgets the lists that were left: there are images that they do not know. */
  forget() {
    this.#kept.clear();
  }

  /** @param {View} view */
  #keep(view) {
    this.#places.set(view, view.grid.place);
    if (view.snapshot === undefined) return;
    this.#kept.delete(view.url);
    this.#kept.set(view.url, view.snapshot);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT) this.#kept.delete(oldest);
  }

  /**
   * Scrolls to where a list was left, or to the selected image, once that is loaded; to its start otherwise. Scrolling
   * by the person in the meantime takes precedence.
   *
   * @param {View} view
   * @param {Place | undefined} place
   * @param {string} selected
   */
  async #goTo(view, place, selected) {
    scrollTo(0, 0);
    const turn = ++this.#turn;
    const key = place?.key ?? selected;
    if (!key || !view.reach || !(await view.reach(key)) || turn !== this.#turn) return;
    if (place) view.grid.goTo?.(place);
    else view.grid.mark(key);
  }
}

/**
 * @param {TilePicture | {url?: undefined}} picture
 * @returns {picture is TilePicture}
 */
function hasOriginal(picture) {
  return Boolean(picture.url);
}
