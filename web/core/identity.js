/** The key in the session storage of a tab that left to sign in, or was signed in before the page was reloaded. */
export const SIGN_IN = "sign-in";

/** @type {(() => Promise<string>) | undefined} undefined on a stack without accounts */
let token;

/** @param {() => Promise<string>} source of the access token for requests; empty while nobody is signed in */
export function sendToken(source) {
  token = source;
}

/** @returns {boolean} whether a sign-in is under way, for which everything else waits */
export function isSigningIn() {
  try {
    return sessionStorage.getItem(SIGN_IN) !== null;
  } catch {
    return false; // people may forbid pages to store anything
  }
}

/**
 * Sends a request with the access token of the person who is signed in.
 *
 * @param {string} path
 * @param {RequestInit} options
 */
export async function fetchAsUser(path, options) {
  const bearer = token && (await token());
  const response = await fetch(path, bearer ? withBearer(options, bearer) : options);
  if (response.status === 401) dispatchEvent(new Event("unauthorized"));
  return response;
}

/**
 * @param {RequestInit} options
 * @param {string} bearer
 * @returns {RequestInit}
 */
function withBearer(options, bearer) {
  return { ...options, headers: { ...options.headers, authorization: `Bearer ${bearer}` } };
}
