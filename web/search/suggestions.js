import { element, find } from "../core/dom.js";

const EXAMPLES = ["a cat", "sunset over the sea", "city at night", "mountains in snow", "something to eat"];
const STORED_AS = "recent-searches";
const MOST = 6;

/** The suggestions of the empty search box: the searches of this tab or, before the first one, examples. */
export class Suggestions {
  #root = find("#suggestions", HTMLElement);
  #form = find("#search-form", HTMLFormElement);
  #input = find("#search", HTMLInputElement);

  /** @param {(text: string) => void} onChoose */
  constructor(onChoose) {
    this.onChoose = onChoose;
    this.#root.addEventListener("pointerdown", (event) => event.preventDefault()); // the box keeps the focus
    for (const name of ["focus", "input"]) this.#input.addEventListener(name, () => this.#show());
    this.#input.addEventListener("change", () => remember(this.#input.value.trim()));
    this.#form.addEventListener("focusout", ({ relatedTarget }) => this.#onLeave(relatedTarget));
    this.#form.addEventListener("keydown", (event) => this.#onKey(event));
  }

  #show() {
    this.#root.hidden = this.#input.value !== "";
    if (this.#root.hidden) return;
    const recent = readRecent();
    const title = element("p", { textContent: recent.length > 0 ? "Recent in this tab" : "Try" });
    this.#root.replaceChildren(title, ...(recent.length > 0 ? recent : EXAMPLES).map((text) => this.#button(text)));
  }

  /** @param {string} text */
  #button(text) {
    const choose = () => {
      this.#root.hidden = true;
      remember(text);
      this.onChoose(text);
    };
    return element("button", { type: "button", dir: "auto", textContent: text, onclick: choose });
  }

  /** @param {EventTarget | null} next what gets the focus */
  #onLeave(next) {
    if (!(next instanceof Node) || !this.#form.contains(next)) this.#root.hidden = true;
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    if (this.#root.hidden) return;
    const places = [this.#input, ...this.#root.querySelectorAll("button")];
    const here = places.findIndex((place) => place === document.activeElement);
    if (event.key === "ArrowDown") places[Math.min(here + 1, places.length - 1)].focus();
    else if (event.key === "ArrowUp") places[Math.max(here - 1, 0)].focus();
    else if (event.key === "Escape") this.#close(event);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #close(event) {
    event.stopPropagation();
    this.#input.focus();
    this.#root.hidden = true;
  }
}

/** @returns {string[]} the latest first; empty if the browser forbids the page to store anything */
function readRecent() {
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORED_AS) ?? "[]");
    return Array.isArray(stored) ? stored.map(String) : [];
  } catch {
    return [];
  }
}

/** @param {string} text */
function remember(text) {
  if (!text) return;
  const recent = [text, ...readRecent().filter((other) => other !== text)].slice(0, MOST);
  try {
    sessionStorage.setItem(STORED_AS, JSON.stringify(recent));
  } catch {
    // the box offers examples instead
  }
}
