/**
 * Creates an element. Children given as strings become text, never markup.
 *
 * @template {keyof HTMLElementTagNameMap} T
 * @param {T} tag
 * @param {Partial<HTMLElementTagNameMap[T]>} [properties]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[T]}
 */
export function element(tag, properties = {}, ...children) {
  const created = Object.assign(document.createElement(tag), properties);
  created.append(...children);
  return created;
}

/**
 * @param {string} name of a symbol of the page
 * @returns {SVGElement}
 */
export function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS(drawing.namespaceURI, "use");
  use.setAttribute("href", `#i-${name}`);
  drawing.setAttribute("class", "icon");
  drawing.setAttribute("aria-hidden", "true");
  drawing.append(use);
  return drawing;
}

/**
 * Finds an element of a type; throws if it is missing, because the page is then broken.
 *
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} type
 * @param {ParentNode} [root]
 * @returns {T}
 */
export function find(selector, type, root = document) {
  const found = root.querySelector(selector);
  if (!(found instanceof type)) throw new Error(`The page has no ${type.name} at ${selector}`);
  return found;
}

/**
 * Announces a change to screen readers.
 *
 * @param {string} text
 */
export function announce(text) {
  find("#status", HTMLElement).textContent = text;
}

/**
 * Sets the heading, which says what the page shows and how much of it.
 *
 * @param {...(Node | string)} content
 */
export function setHeading(...content) {
  find("#title", HTMLElement).replaceChildren(...content);
}

/**
 * Shows a plain message, or hides the place for it when there is no content.
 *
 * @param {HTMLElement} place
 * @param {...(Node | string)} content
 */
export function showMessage(place, ...content) {
  place.hidden = content.length === 0;
  place.replaceChildren(...content);
}

/**
 * Shows an error and offers to try again.
 *
 * @param {HTMLElement} place
 * @param {unknown} error
 * @param {() => void} retry
 */
export function showError(place, error, retry) {
  const text = error instanceof Error ? error.message : String(error);
  const button = element("button", { type: "button", textContent: "Try again", onclick: retry });
  showMessage(place, element("p", { textContent: text }), button);
  announce(text);
}

/** A signal per task; starting a task aborts the one before, so that a late response never replaces a newer one. */
export class Latest {
  #controller = new AbortController();

  /** @returns {AbortSignal} */
  start() {
    this.#controller.abort();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  get signal() {
    return this.#controller.signal;
  }

  stop() {
    this.#controller.abort();
  }
}
