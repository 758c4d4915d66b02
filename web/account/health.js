import { getHealth } from "../core/api.js";
import { urlOf } from "../url/route.js";
import { element, find } from "../core/dom.js";
import { formatCount } from "../core/format.js";

/** @typedef {import("./account.js").Account} Account */
/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").SignIn} SignIn */

/** The health and the configuration of the system: requested once, and shown at the foot of the page. */
export class SystemHealth {
  #footer = find("#footer", HTMLElement);
  #answer = getHealth();
  /** @type {Account | undefined} only on a stack with accounts */
  #account;
  #prefix = "";

  /**
   * @param {object} hooks
   * @param {() => void} hooks.onWritable called when images may be uploaded and deleted
   * @param {() => void} hooks.onShut called when reading requires a sign-in
   * @param {() => Promise<void>} hooks.onLeave runs before the sign-out, for what requires the person's rights
   */
  constructor(hooks) {
    this.hooks = hooks;
  }

  /** @returns {Promise<Health | undefined>} undefined if it is not known */
  get() {
    return this.#answer.catch(() => undefined);
  }

  /** @returns {Promise<string>} the name of the bucket that images are in */
  async bucket() {
    return (await this.#answer).images_bucket;
  }

  /**
   * @param {string} shown the folder that is shown
   * @returns {string} the folder for uploads: the stack may accept only keys with a prefix
   */
  uploadFolder(shown) {
    return shown.startsWith(this.#prefix) ? shown : this.#prefix;
  }

  async show() {
    try {
      const answer = await this.#answer;
      if (answer.sign_in) this.#account ??= await this.#openAccount(answer, answer.sign_in);
      this.#show(answer);
    } catch {
      this.#footer.replaceChildren(); // the message in place of the images reports it, and offers a retry
    }
  }

  retry() {
    this.#answer = getHealth();
    void this.show();
  }

  /**
   * @param {Health} answer
   * @param {SignIn} provider
   */
  async #openAccount(answer, provider) {
    const { Account } = await import("./account.js");
    return Account.open(answer, provider, this.hooks);
  }

  /** @param {Health} answer */
  #show({ bundle, images_prefix, index, writes }) {
    this.#prefix = images_prefix;
    const lines = [`${formatCount(index.count, "image")} in the index · model ${bundle.name}`];
    if (bundle.notice) lines.push(bundle.notice);
    if (writes === "open") lines.push("Anyone who can reach this address can upload and delete images.");
    const rejected = element("a", { href: urlOf({ view: "rejected" }), textContent: "Files that cannot be searched" });
    this.#footer.replaceChildren(...lines.map((line) => element("p", { textContent: line })), element("p", {}, rejected));
    if (writes === "open" || (writes === "signed-in" && this.#account?.isSignedIn)) this.hooks.onWritable();
    for (const button of document.querySelectorAll(".upload")) {
      if (button instanceof HTMLElement) button.hidden = writes === "off";
      button.classList.remove("unknown");
    }
  }
}
