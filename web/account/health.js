import { getHealth } from "../core/api.js";
import { addressOf } from "../address/route.js";
import { element, find } from "../core/dom.js";
import { formatCount } from "../core/format.js";

/** @typedef {import("./account.js").Account} Account */
/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").SignIn} SignIn */

/** How the system is and what it allows: asked once, shown at the foot of the page. */
export class SystemHealth {
  #footer = find("#footer", HTMLElement);
  #answer = getHealth();
  /** @type {Account | undefined} only on a stack that knows its people */
  #account;
  #prefix = "";

  /**
   * @param {object} hooks
   * @param {() => void} hooks.onWritable called when images may be uploaded and deleted
   * @param {() => void} hooks.onShut called when nothing can be seen without signing in
   * @param {() => Promise<void>} hooks.onLeave does what takes the person's rights, before they sign out
   */
  constructor(hooks) {
    this.hooks = hooks;
  }

  /** @returns {Promise<Health | undefined>} nothing when it is not known */
  get() {
    return this.#answer.catch(() => undefined);
  }

  /** @returns {Promise<string>} the name of the bucket that images are in */
  async bucket() {
    return (await this.#answer).images_bucket;
  }

  /**
   * @param {string} shown the folder that is shown
   * @returns {string} the one that uploads go to: the stack may take only keys with a prefix
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
      this.#footer.replaceChildren(); // what is shown instead of the images says it, and asks again
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
    const rejected = element("a", { href: addressOf({ view: "rejected" }), textContent: "Files that cannot be searched" });
    this.#footer.replaceChildren(...lines.map((line) => element("p", { textContent: line })), element("p", {}, rejected));
    if (writes === "open" || (writes === "signed-in" && this.#account?.isSignedIn)) this.hooks.onWritable();
    for (const button of document.querySelectorAll(".upload")) {
      if (button instanceof HTMLElement) button.hidden = writes === "off";
      button.classList.remove("unknown");
    }
  }
}
