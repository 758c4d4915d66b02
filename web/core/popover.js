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
  const farthest = document.documentElement.clientWidth - popover.offsetWidth - MARGIN;
  popover.style.left = `${scrollX + Math.max(MARGIN, Math.min(left, farthest))}px`;
  popover.style.top = `${scrollY + bottom + MARGIN / 2}px`;
}
