import { find } from "../core/dom.js";
import { openPopover } from "../core/popover.js";
import { LESS, MORE } from "../url/terms.js";
import { addTerm } from "../list/like-buttons.js";

/** Words to search for, or to stay away from, beside those in the search box. */
export class WordsForm {
  #popover = find("#words-popover", HTMLElement);
  #title = find("h3", HTMLElement, this.#popover);
  #input = find("input", HTMLInputElement, this.#popover);
  #weight = MORE;

  constructor() {
    const [more, less] = [find("#more-of", HTMLButtonElement), find("#less-of", HTMLButtonElement)];
    more.addEventListener("click", () => this.#open(more, "More of", MORE));
    less.addEventListener("click", () => this.#open(less, "Less of", LESS));
    this.#popover.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add();
    });
  }

  /**
   * @param {HTMLElement} button
   * @param {string} title
   * @param {number} weight
   */
  #open(button, title, weight) {
    this.#weight = weight;
    this.#title.textContent = title;
    this.#input.value = "";
    openPopover(this.#popover, button);
    this.#input.focus();
  }

  #add() {
    const value = this.#input.value.trim();
    this.#popover.hidePopover();
    if (value) addTerm({ kind: "words", value, weight: this.#weight });
  }
}
