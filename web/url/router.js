import { urlOf, currentRoute, isSearch } from "./route.js";

/** @typedef {import("./route.js").Route} Route */
/** @typedef {{key: string, offset: number}} Place the image at the top of the screen, and where it begins there, pixels */
/** @typedef {{key: string, thumbnail_url?: string | null}} Step an image that similar images were followed from */

/** Browsers refuse more than about a hundred changes of the history in half a minute. */
const SCROLL_PAUSE_MS = 300;

/**
 * Navigates between URLs without reloading the page. Each entry of the history keeps the place that it was scrolled to.
 * Each change dispatches an event; `alongHistory` tells whether it came from the history.
 */
class Router extends EventTarget {
  #timer = 0;
  /** @type {() => Place | undefined} */
  #placeNow = () => undefined;
  /** Whether people came to the URL by going back, forward or reloading. */
  alongHistory = true;

  /** @param {() => Place | undefined} placeNow where the list on show is scrolled to */
  start(placeNow) {
    history.scrollRestoration = "manual";
    this.#placeNow = placeNow;
    addEventListener("popstate", () => this.#tell(true));
    addEventListener("scroll", () => this.#keepLater(), { passive: true });
  }

  /** The place that belongs to the URL, if people have been here. @returns {Place | undefined} */
  get place() {
    return history.state?.place;
  }

  /** The images that people came through to the selected one. @returns {Step[]} */
  get trail() {
    return history.state?.trail ?? [];
  }

  /**
   * @param {string} url
   * @param {{replace?: boolean, trail?: Step[]}} [options]
   */
  go(url, { replace = false, trail = replace ? this.trail : [] } = {}) {
    if (replace) history.replaceState({ ...history.state, trail }, "", url);
    else {
      this.#keep();
      history.pushState({ trail }, "", url);
    }
    this.#tell(false);
    this.#keepLater();
  }

  /** @param {boolean} alongHistory */
  #tell(alongHistory) {
    clearTimeout(this.#timer);
    this.alongHistory = alongHistory;
    this.dispatchEvent(new Event("change"));
  }

  #keepLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), SCROLL_PAUSE_MS);
  }

  #keep() {
    history.replaceState({ ...history.state, place: this.#placeNow() }, "");
  }
}

export const router = new Router();

/**
 * Goes to a URL without loading the page again.
 *
 * @param {string} url
 * @param {{replace?: boolean, trail?: Step[]}} [options]
 */
export function navigate(url, options) {
  router.go(url, options);
}

/**
 * Searches for something else than now, in full view of the results. The order of the gallery is not that of a search.
 *
 * @param {Partial<Route>} change
 * @param {{replace?: boolean}} [options]
 */
export function searchFor(change, options) {
  const before = currentRoute();
  const route = { ...before, ...change };
  const sort = change.sort ?? (isSearch(before) === isSearch(route) ? before.sort : "");
  const url = urlOf({ ...route, sort, prefix: route.filters.prefix, view: "", key: "" });
  if (url !== location.pathname + location.search) navigate(url, options);
}
