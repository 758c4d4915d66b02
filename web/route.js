/**
 * What the address says: words searched for, and the key of the selected image.
 *
 * @typedef {{text: string, key: string}} Route
 */

/** @returns {Route} */
export function currentRoute() {
  const query = new URLSearchParams(location.search);
  return { text: (query.get("text") ?? "").trim(), key: query.get("key") ?? "" };
}

/**
 * @param {Partial<Route>} route
 * @returns {string} the address of that route
 */
export function addressOf(route) {
  const query = new URLSearchParams();
  if (route.text) query.set("text", route.text);
  if (route.key) query.set("key", route.key);
  return query.size ? `/?${query}` : "/";
}

/**
 * Goes to an address without loading the page again.
 *
 * @param {string} address
 * @param {{replace?: boolean}} [options]
 */
export function navigate(address, { replace = false } = {}) {
  const change = replace ? history.replaceState : history.pushState;
  change.call(history, null, "", address);
  dispatchEvent(new Event("route"));
}
