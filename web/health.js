import { getHealth } from "./api.js";
import { element, find, showError } from "./dom.js";
import { formatCount } from "./format.js";

/** @typedef {import("./api.js").Health} Health */

/** How the system is and what it allows: asked once, shown at the foot of the page. */
export class SystemHealth {
  #footer = find("#footer", HTMLElement);
  #answer = getHealth();

  /** @param {() => void} onWritable called when images may be uploaded and deleted */
  constructor(onWritable) {
    this.onWritable = onWritable;
  }

  /** @returns {Promise<Health | undefined>} nothing when it is not known */
  get() {
    return this.#answer.catch(() => undefined);
  }

  /** @returns {Promise<string>} the name of the bucket that images are in */
  async bucket() {
    return (await this.#answer).images_bucket;
  }

  async show() {
    try {
      this.#show(await this.#answer);
    } catch (error) {
      showError(this.#footer, error, () => this.retry());
    }
  }

  retry() {
    this.#answer = getHealth();
    void this.show();
  }

  /** @param {Health} answer */
  #show({ bundle, index, writes }) {
    const lines = [`${formatCount(index.count, "image")} in the index · model ${bundle.name}`];
    if (bundle.notice) lines.push(bundle.notice);
    if (writes === "open") lines.push("Anyone who can reach this address can upload and delete images.");
    this.#footer.replaceChildren(...lines.map((line) => element("p", { textContent: line })));
    if (writes === "open") this.onWritable();
    for (const button of document.querySelectorAll(".upload")) {
      if (button instanceof HTMLElement) button.hidden = writes !== "open";
      button.classList.remove("unknown");
    }
  }
}
