import { announce, element, find } from "../core/dom.js";
import { sendToken } from "../core/identity.js";
import { begin, leave, renew, resume } from "./auth.js";
import { showToast } from "../core/toasts.js";

/** @typedef {import("../core/api.js").Health} Health */
/** @typedef {import("../core/api.js").SignIn} SignIn */
/** @typedef {import("./auth.js").Tokens} Tokens */

/**
 * @typedef {object} AccountHooks
 * @property {() => void} onShut called when reading requires a sign-in
 * @property {() => Promise<void>} onLeave runs before the sign-out, for what requires the person's rights
 */

/** The person who uses the page, on a stack with accounts. Only this object holds the tokens. */
export class Account {
  #place = element("div");
  /** @type {Tokens | undefined} */
  #tokens;
  /** @type {Promise<void> | undefined} */
  #renewal;

  /**
   * Completes a sign-in that this tab has begun.
   *
   * @param {Health} health
   * @param {SignIn} provider
   * @param {AccountHooks} hooks
   */
  static async open(health, provider, hooks) {
    const account = new Account(health, provider, hooks);
    account.#tokens = await resume(provider).catch((error) => void showToast(`You are not signed in. ${error.message}`));
    sendToken(() => account.#token());
    account.#show();
    return account;
  }

  /**
   * @param {Health} health
   * @param {SignIn} provider
   * @param {AccountHooks} hooks
   */
  constructor({ reads, writes }, provider, hooks) {
    this.provider = provider;
    this.readsAsk = reads === "signed-in";
    this.hooks = hooks;
    find("#help-open", HTMLElement).before(this.#place);
    addEventListener("unauthorized", () => this.#end());
    if (writes === "signed-in") this.#guardUploads();
  }

  get isSignedIn() {
    return this.#tokens !== undefined;
  }

  /** Asks for a sign-in before a file is chosen for upload, not after. */
  #guardUploads() {
    for (const button of document.querySelectorAll(".upload")) button.addEventListener("click", (event) => this.#ask(event));
    addEventListener("dragover", (event) => this.isSignedIn || event.preventDefault());
    addEventListener("drop", (event) => this.#ask(event));
  }

  /** @param {Event} event */
  #ask(event) {
    if (this.isSignedIn || event.defaultPrevented) return;
    event.preventDefault();
    this.#offer("Sign in to upload images.");
  }

  /** @param {string} text */
  #offer(text) {
    showToast(text, { action: "Sign in", onAction: () => this.#begin() });
    announce(text);
  }

  #begin() {
    begin(this.provider).catch((error) => void showToast(error.message));
  }

  /** @returns {Promise<string>} the access token; empty while nobody is signed in */
  async #token() {
    if (this.#tokens && this.#tokens.ends < Date.now()) {
      this.#renewal ??= this.#renew(this.#tokens).finally(() => (this.#renewal = undefined));
      await this.#renewal;
    }
    return this.#tokens?.access ?? "";
  }

  /** @param {Tokens} tokens */
  async #renew(tokens) {
    const renewed = await renew(this.provider, tokens);
    if (renewed) this.#tokens = renewed;
    else this.#end();
  }

  /** Ends the sign-in: the API does not accept the token any more. */
  #end() {
    if (!this.isSignedIn) return;
    this.#tokens = undefined;
    this.#show();
    if (!this.readsAsk) this.#offer("Your sign-in has ended.");
  }

  #show() {
    const shut = !this.isSignedIn && this.readsAsk;
    this.#place.replaceChildren(...(this.#tokens ? this.#menu(this.#tokens) : [this.#signInButton()]));
    document.documentElement.classList.toggle("signed-out", shut);
    if (shut) this.#shut();
  }

  #signInButton() {
    return element("button", { type: "button", textContent: "Sign in", onclick: () => this.#begin() });
  }

  /** @param {Tokens} tokens */
  #menu({ name }) {
    const label = name ? `Signed in as ${name}` : "Signed in";
    const out = element("button", { type: "button", textContent: "Sign out", onclick: () => void this.#leave() });
    const menu = element("div", { id: "account", popover: "auto", role: "dialog", ariaLabel: label });
    menu.append(element("p", { textContent: label }), out);
    const initial = element("span", { ariaHidden: "true", textContent: [...name, "•"][0].toUpperCase() });
    const opener = element("button", { type: "button", className: "person", ariaLabel: label, title: label }, initial);
    opener.popoverTargetElement = menu;
    return [opener, menu];
  }

  async #leave() {
    await this.hooks.onLeave();
    leave(this.provider);
  }

  /** Shows a request to sign in instead of the images. Signing in reloads the page, so it is never removed. */
  #shut() {
    this.hooks.onShut();
    const button = Object.assign(this.#signInButton(), { className: "primary" });
    const title = element("h2", { className: "lead", textContent: "Sign in to see the images" });
    const text = element("p", { textContent: "They are for people with an account. Whoever runs this page can invite you." });
    find("#main", HTMLElement).append(element("section", { id: "shut", className: "message" }, title, text, button));
    announce(title.textContent);
  }
}
