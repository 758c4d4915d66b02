import { find } from "./dom.js";

/**
 * The keys that work everywhere; those of a list are the list's own. The help dialog lists all.
 *
 * @param {Record<string, () => void>} actions by name of the key; Ctrl and Cmd are written "Ctrl+"
 */
export function listenToShortcuts(actions) {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || document.querySelector("dialog[open], :popover-open, .pswp--open")) return;
    const action = actions[nameOf(event)];
    if (!action || (isTyping(event) && event.key !== "Escape")) return;
    if (event.key !== "Escape") event.preventDefault();
    action();
  });
}

/** Opens and closes the dialog that explains the keys. */
export function enableHelp() {
  const dialog = find("#help", HTMLDialogElement);
  find("#help-open", HTMLButtonElement).addEventListener("click", () => dialog.showModal());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  return () => dialog.showModal();
}

/** @param {KeyboardEvent} event */
function nameOf({ key, ctrlKey, metaKey }) {
  return ctrlKey || metaKey ? `Ctrl+${key}` : key;
}

/** @param {KeyboardEvent} event */
function isTyping({ target }) {
  return target instanceof Element && target.matches("input:not([type=checkbox], [type=file], [type=range]), textarea, select");
}
