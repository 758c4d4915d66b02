import { ApiError, getImage } from "./api.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */
/**
 * @typedef {object} Watched an image that is being indexed
 * @property {string} key
 * @property {AbortSignal} [signal]
 * @property {number} deadline
 * @property {(image: StoredImage) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const GROWTH = 1.5;
/** The queue's retries are over well before this. */
const PATIENCE_MS = 10 * 60_000;
const TOO_LONG = "This takes longer than usual. The image may still appear later.";
/** Hundreds of images are asked about by this few, one after the other. */
const WATCHERS = 3;

/** Images are indexed about in the order of their uploads, so the oldest is asked about first. @type {Watched[]} */
const waiting = [];
let watchers = 0;

/**
 * Asks until an image is indexed or rejected.
 *
 * @param {string} key
 * @param {AbortSignal} [signal]
 * @returns {Promise<StoredImage>}
 */
export function settledImage(key, signal) {
  return new Promise((resolve, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
    waiting.push({ key, signal, deadline: Date.now() + PATIENCE_MS, resolve, reject });
    if (watchers < WATCHERS) void watch();
  });
}

/** Answers come one after the other once images are indexed; while they are not, there is time between questions. */
async function watch() {
  watchers += 1;
  let wait = FIRST_WAIT_MS;
  await pause(wait);
  for (let watched = waiting.shift(); watched; watched = waiting.shift()) {
    if (watched.signal?.aborted || (await settle(watched))) {
      wait = FIRST_WAIT_MS;
      continue;
    }
    await pause(wait);
    wait = Math.min(wait * GROWTH, LONGEST_WAIT_MS);
    waiting.push(watched);
  }
  watchers -= 1;
}

/**
 * @param {Watched} watched
 * @returns {Promise<boolean>} whether the waiting is over
 */
async function settle({ key, signal, deadline, resolve, reject }) {
  try {
    const image = await present(key, signal);
    if (image && image.state !== "pending") resolve(image);
    else if (Date.now() > deadline) throw new ApiError(0, "Not indexed yet", TOO_LONG);
    else return false;
  } catch (error) {
    reject(error);
  }
  return true;
}

/**
 * @param {string} key
 * @param {AbortSignal} [signal]
 * @returns {Promise<StoredImage | undefined>} nothing while the image is not visible yet or the server is busy
 */
async function present(key, signal) {
  try {
    return await getImage(key, signal);
  } catch (error) {
    if (error instanceof ApiError && isPassing(error.status)) return undefined;
    throw error;
  }
}

/** @param {number} status */
function isPassing(status) {
  return status === 0 || status === 404 || status === 429 || status >= 500;
}

/**
 * @param {number} milliseconds
 * @returns {Promise<void>}
 */
function pause(milliseconds) {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds));
}
