import { find } from "../core/dom.js";
import { keepPicture, pictureIn } from "../core/query-pictures.js";
import { currentRoute } from "../url/route.js";
import { router, searchFor } from "../url/router.js";
import { showToast } from "../core/toasts.js";
import { addPicture } from "../list/like-buttons.js";
import { Suggestions } from "./suggestions.js";

/** @typedef {import("../url/route.js").Route} Route */

const TYPING_PAUSE_MS = 300;
const FINGERS = matchMedia("(pointer: coarse)");

/** Words, searched for as they are typed; and pictures from this computer: chosen, dropped or pasted. */
export class SearchBox {
  #form = find("#search-form", HTMLFormElement);
  #input = find("#search", HTMLInputElement);
  #timer = 0;
  /** Whether the URL on show came about by typing that still goes on. */
  #typing = false;

  constructor() {
    const file = find("#search-picture", HTMLInputElement);
    file.addEventListener("change", () => {
      if (file.files?.[0]) void this.#searchBy(file.files[0]);
      file.value = "";
    });
    new Suggestions((text) => this.#choose(text));
    this.#input.addEventListener("input", () => this.#onInput());
    this.#input.addEventListener("blur", () => (this.#typing = false));
    router.addEventListener("change", () => (this.#typing &&= !router.alongHistory));
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#search();
      this.#typing = false;
      if (FINGERS.matches) this.#input.blur(); // closes the on-screen keyboard, which covers the results
    });
    this.#form.addEventListener("dragenter", (event) => this.#onDrag(event));
    this.#form.addEventListener("dragover", (event) => this.#onDrag(event));
    this.#form.addEventListener("dragleave", () => this.#form.classList.remove("dropping"));
    this.#form.addEventListener("drop", (event) => this.#onDrop(event));
    addEventListener("paste", (event) => this.#onPaste(event));
  }

  focus() {
    this.#input.focus({ preventScroll: true }); // the header is always in view
    this.#input.select();
  }

  /** @param {Route} route */
  show({ text }) {
    if (this.#input.value.trim() !== text) this.#input.value = text;
    clearTimeout(this.#timer);
  }

  /** @param {string} text that is suggested */
  #choose(text) {
    this.#input.value = text;
    this.#search();
    this.#typing = false;
    this.#input.blur();
  }

  #onInput() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#search(), TYPING_PAUSE_MS);
  }

  /** Continuous typing is one entry of the history. */
  #search() {
    clearTimeout(this.#timer);
    const text = this.#input.value.trim();
    if (text === currentRoute().text) return;
    searchFor({ text }, { replace: this.#typing });
    this.#typing = true;
  }

  /** @param {DragEvent} event */
  #onDrag(event) {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation(); // dropped elsewhere, it would be uploaded
    this.#form.classList.add("dropping");
  }

  /** @param {DragEvent} event */
  #onDrop(event) {
    this.#form.classList.remove("dropping");
    const file = pictureIn(event.dataTransfer);
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    if (file) void this.#searchBy(file);
    else showToast("This is not a picture.");
  }

  /** @param {ClipboardEvent} event */
  #onPaste(event) {
    const file = pictureIn(event.clipboardData);
    if (!file || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    void this.#searchBy(file);
  }

  /**
   * One picture at a time: the next takes the place of the one before.
   *
   * @param {File} file
   */
  async #searchBy(file) {
    try {
      const value = await keepPicture(file);
      const terms = currentRoute().terms.filter(({ kind }) => kind !== "picture");
      addPicture({ kind: "picture", value }, 1, terms);
    } catch (error) {
      showToast(error instanceof Error ? error.message : String(error));
    }
  }
}
