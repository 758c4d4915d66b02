import { element } from "../core/dom.js";

/** @typedef {"waiting" | "sending" | "indexing" | "done" | "failed" | "conflict" | "cancelled" | "skipped"} Stage */

/** One upload, as a row that shows its progress. */
export class UploadRow {
  /** @type {Stage} */
  stage = "waiting";
  #name = element("span", { className: "name", dir: "auto" });
  #text = element("span", { className: "state" });
  #bar = element("progress", { max: 1, value: 0 });
  #actions = element("span", { className: "actions" });
  #cancelling = new AbortController();

  /**
   * @param {File} file
   * @param {string} key that it will have in the bucket
   */
  constructor(file, key) {
    this.file = file;
    this.key = key;
    this.#bar.ariaLabel = `Upload of ${key}`;
    this.#name.textContent = key;
    this.root = element("li", {}, this.#name, this.#text, this.#bar, this.#actions);
  }

  /** Aborted when the upload is cancelled. */
  get signal() {
    return this.#cancelling.signal;
  }

  /** Whether leaving the page would lose it. */
  get isUnderWay() {
    return this.stage === "waiting" || this.stage === "sending";
  }

  get isSettled() {
    return !this.isUnderWay && this.stage !== "indexing";
  }

  /** Whether another try may help. */
  get canRetry() {
    return this.root.querySelector(".again") !== null;
  }

  /** Gives it another name, because its own is taken. */
  rename() {
    this.key = nextName(this.key);
    this.#name.textContent = this.key;
    this.#bar.ariaLabel = `Upload of ${this.key}`;
  }

  cancel() {
    this.#cancelling.abort();
  }

  /**
   * @param {Stage} stage
   * @param {string} text
   * @param {HTMLElement[]} [actions]
   */
  show(stage, text, actions = []) {
    this.stage = stage;
    this.root.className = stage;
    this.#text.textContent = text;
    this.#bar.hidden = this.isSettled;
    if (stage === "indexing") this.#bar.removeAttribute("value");
    this.#actions.replaceChildren(...actions);
  }

  restart() {
    this.#cancelling = new AbortController();
    this.#bar.value = 0;
    this.show("waiting", "Waiting", [this.#cancelButton()]);
  }

  startSending() {
    this.show("sending", "Uploading", [this.#cancelButton()]);
  }

  /** @param {number} fraction */
  showProgress(fraction) {
    this.#bar.value = fraction;
    this.#text.textContent = `Uploading, ${Math.round(fraction * 100)} %`;
  }

  /**
   * @param {string} text
   * @param {() => void} onclick
   */
  button(text, onclick) {
    return element("button", { type: "button", textContent: text, ariaLabel: `${text}: ${this.key}`, onclick });
  }

  #cancelButton() {
    return this.button("Cancel", () => this.cancel());
  }
}

/**
 * @param {string} key
 * @returns {string} "cat (2).jpg" after "cat.jpg", and "cat (3).jpg" after that
 */
function nextName(key) {
  const [, start, number, ending] = /^(.*?)(?: \((\d+)\))?(\.[^./]*)?$/s.exec(key) ?? [];
  return `${start} (${Number(number ?? 1) + 1})${ending ?? ""}`;
}
