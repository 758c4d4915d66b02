import { ApiError, getImage } from "./api.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const GROWTH = 1.5;
/** The queue's retries are over well before this. */
const PATIENCE_MS = 10 * 60_000;

/**
 * Asks until an image is indexed or rejected.
 *
 * @param {string} key
 * @param {AbortSignal} [signal]
 * @returns {Promise<StoredImage>}
 */
export async function settledImage(key, signal) {
  const deadline = Date.now() + PATIENCE_MS;
  for (let wait = FIRST_WAIT_MS; Date.now() < deadline; wait = Math.min(wait * GROWTH, LONGEST_WAIT_MS)) {
    await pause(wait, signal);
    const image = await present(key, signal);
    if (image && image.state !== "pending") return image;
  }
  throw new ApiError(0, "Not indexed yet", "This takes longer than usual. The image may still appear later.");
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
 * @param {AbortSignal} [signal]
 * @returns {Promise<void>}
 */
function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
