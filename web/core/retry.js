import { ApiError } from "./api.js";
import { element, showError } from "./dom.js";

/** Further retries are up to people: a server that is down for long gains nothing from more. */
const MOST_TRIES = 3;

/** Shows an error, offers to try again, and retries by itself if the server says when. */
export class Retry {
  #tries = 0;
  #timer = 0;

  /** @param {HTMLElement} place of the message */
  constructor(place) {
    this.place = place;
  }

  /** Forgets earlier failures, after a success or for another request. */
  reset() {
    this.#tries = 0;
    clearTimeout(this.#timer);
  }

  /**
   * @param {unknown} error
   * @param {() => void} again
   */
  show(error, again) {
    clearTimeout(this.#timer);
    const now = () => {
      clearTimeout(this.#timer);
      again();
    };
    showError(this.place, error, now);
    const seconds = error instanceof ApiError ? error.retryAfter : 0;
    if (!seconds || this.#tries >= MOST_TRIES) return;
    this.#tries += 1;
    const text = element("p", { ariaHidden: "true" });
    this.place.lastElementChild?.before(text);
    this.#countDown(seconds, text, now);
  }

  /**
   * @param {number} seconds
   * @param {HTMLElement} text
   * @param {() => void} now
   */
  #countDown(seconds, text, now) {
    text.textContent = `Trying again in ${seconds} s.`;
    this.#timer = setTimeout(() => (seconds > 1 ? this.#countDown(seconds - 1, text, now) : now()), 1000);
  }
}
