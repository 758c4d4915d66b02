/** From the edge of the window, pixels. */
const MARGIN = 8;

/**
 * Opens a popover below the button that it belongs to, or as near as the window allows.
 *
 * @param {HTMLElement} popover
 * @param {HTMLElement} button
 */
export function openPopover(popover, button) {
  popover.showPopover();
  const { left, bottom } = button.getBoundingClientRect();
  const farthest = document.body.clientWidth - popover.offsetWidth - MARGIN;
  popover.style.left = `${scrollX + Math.max(MARGIN, Math.min(left, farthest))}px`;
  const lowest = innerHeight - popover.offsetHeight - MARGIN;
  popover.style.top = `${scrollY + Math.max(MARGIN, Math.min(bottom + MARGIN / 2, lowest))}px`;
}
