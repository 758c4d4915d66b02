import { ApiError } from "./api.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */
/**
 * @typedef {object} Question about images that are being indexed
 * @property {() => Promise<StoredImage[]>} ask
 * @property {AbortSignal} [signal]
 * @property {(images: StoredImage[]) => void} onAnswer
 * @property {number} deadline
 * @property {(images: StoredImage[]) => void} resolve
 * @property {(reason: unknown) => void} reject
 */

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;
const GROWTH = 1.5;
/** The queue's retries end well before this. */
const PATIENCE_MS = 10 * 60_000;
const TOO_LONG = "This takes longer than usual. The image may still appear later.";
/** The number of requests at a time; hundreds of questions wait for their turn. */
const CONCURRENCY = 3;

/** Polls images that are being indexed until they are indexed. */
export class IndexingPoller {
  /** Images are indexed about in the order of their uploads, so the oldest is asked about first. @type {Question[]} */
  #questions = [];
  #askers = 0;

  /**
   * @param {() => Promise<StoredImage[]>} ask
   * @param {object} [options]
   * @param {AbortSignal} [options.signal]
   * @param {(images: StoredImage[]) => void} [options.onAnswer] called with each answer
   * @param {number} [options.patience] milliseconds
   * @returns {Promise<StoredImage[]>} the first answer in which no image is pending
   */
  follow(ask, { signal, onAnswer = () => {}, patience = PATIENCE_MS } = {}) {
    return new Promise((resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
      this.#questions.push({ ask, signal, onAnswer, deadline: Date.now() + patience, resolve, reject });
      if (this.#askers < CONCURRENCY) void this.#work();
    });
  }

  /** Sends the next request at once after images were indexed, and after a pause otherwise. */
  async #work() {
    this.#askers += 1;
    let wait = FIRST_WAIT_MS;
    await pause(wait);
    for (let question = this.#questions.shift(); question; question = this.#questions.shift()) {
      if (question.signal?.aborted || (await settle(question))) {
        wait = FIRST_WAIT_MS;
        continue;
      }
      await pause(wait);
      wait = Math.min(wait * GROWTH, LONGEST_WAIT_MS);
      this.#questions.push(question);
    }
    this.#askers -= 1;
  }
}

/**
 * @param {Question} question
 * @returns {Promise<boolean>} whether the waiting is over
 */
async function settle({ ask, signal, onAnswer, deadline, resolve, reject }) {
  try {
    const images = await answer(ask);
    if (signal?.aborted) return true;
    if (images) onAnswer(images);
    if (images?.every(({ state }) => state !== "pending")) resolve(images);
    else if (Date.now() > deadline) throw new ApiError(0, "Not indexed yet", TOO_LONG);
    else return false;
  } catch (error) {
    reject(error);
  }
  return true;
}

/**
 * @param {() => Promise<StoredImage[]>} ask
 * @returns {Promise<StoredImage[] | undefined>} undefined while an image is not visible yet or the server is busy
 */
async function answer(ask) {
  try {
    return await ask();
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
