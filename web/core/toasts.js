import { element, find, icon } from "./dom.js";

/** Long enough to read a line and reach the button; it waits while it is pointed at or has the focus. */
const SECONDS = 8;

/**
 * Shows a notice for a while.
 *
 * @param {string} text
 * @param {object} [options]
 * @param {string} [options.action] the label of its button
 * @param {() => void} [options.onAction]
 * @param {() => void} [options.onEnd] called when it disappears without the action
 * @returns {{act: () => void, end: () => void}}
 */
export function showToast(text, { action = "", onAction = () => {}, onEnd = () => {} } = {}) {
  const toast = element("li", { className: "toast" }, element("span", { textContent: text }));
  const leave = once(toast);
  const act = () => leave(onAction);
  const end = () => leave(onEnd);
  if (action) toast.append(element("button", { type: "button", textContent: action, onclick: act }));
  toast.append(element("button", { type: "button", className: "plain", ariaLabel: "Dismiss", onclick: end }, icon("close")));
  find("#toasts", HTMLElement).append(toast);
  endLater(toast, end);
  return { act, end };
}

/**
 * @param {HTMLElement} toast
 * @returns {(then: () => void) => void} removes the notice and calls `then`, the first time
 */
function once(toast) {
  let over = false;
  return (then) => {
    if (over) return;
    over = true;
    toast.remove();
    then();
  };
}

/**
 * @param {HTMLElement} toast
 * @param {() => void} end
 */
function endLater(toast, end) {
  let timer = setTimeout(end, SECONDS * 1000);
  const hold = () => clearTimeout(timer);
  const go = () => {
    hold();
    timer = setTimeout(end, SECONDS * 1000);
  };
  for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, hold);
  for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, go);
}
