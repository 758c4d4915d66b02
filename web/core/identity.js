/** In the session of a tab that left to sign in, or in which somebody signed in before the page was loaded again. */
export const SIGN_IN = "sign-in";

/** @type {(() => Promise<string>) | undefined} none on a stack that asks nobody who they are */
let token;

/** @param {() => Promise<string>} source of the access token that requests carry; empty while nobody is signed in */
export function sendToken(source) {
  token = source;
}

/** @returns {boolean} whether somebody is about to be signed in, so that everything else waits */
export function isSigningIn() {
  try {
    return sessionStorage.getItem(SIGN_IN) !== null;
  } catch {
    return false; // people may forbid pages to store anything
  }
}

/**
 * Requests, in the name of whoever is signed in.
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
