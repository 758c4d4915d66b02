import { element } from "../core/dom.js";
import { nameOf } from "../core/format.js";

/** @typedef {import("./grid.js").Grid} Grid */
/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/**
 * Lets people choose images of a list: by checkbox, Shift-click, space, Shift and arrows.
 *
 * @param {Grid} grid
 * @param {Selection} selection
 */
export function letChoose(grid, selection) {
  grid.list.addEventListener("click", (event) => onClick(event, grid, selection));
  grid.list.addEventListener("dragstart", (event) => onDrag(event, grid));
  grid.list.addEventListener("keydown", (event) => onKey(event, grid, selection));
  selection.addEventListener("change", () => showChosen(grid, selection));
}

/**
 * @param {HTMLLIElement} tile
 * @param {TilePicture} picture
 * @param {Selection} selection
 */
export function addCheckbox(tile, { key }, selection) {
  const checked = selection.has(key);
  tile.append(element("input", { type: "checkbox", className: "pick", ariaLabel: `Select ${key}`, checked }));
  tile.classList.toggle("chosen", checked);
}

/**
 * @param {Grid} grid
 * @param {Selection} selection
 */
function showChosen(grid, selection) {
  grid.list.classList.toggle("choosing", selection.size > 0);
  for (const { key } of grid.pictures) {
    const tile = grid.tiles.get(key);
    const box = tile?.querySelector("input");
    if (box) box.checked = selection.has(key);
    tile?.classList.toggle("chosen", selection.has(key));
  }
}

/**
 * @param {MouseEvent} event
 * @param {Grid} grid
 * @param {Selection} selection
 */
function onClick(event, grid, selection) {
  const picture = grid.pictureOf(event);
  const box = event.target instanceof HTMLInputElement;
  // The keyboard's click opens an image also while others are chosen: the space bar chooses.
  const newTab = event.ctrlKey || event.metaKey;
  const choosing = box || (!newTab && (event.shiftKey || (selection.size > 0 && event.detail > 0)));
  if (!picture || !choosing) return;
  if (!box) event.preventDefault();
  if (event.shiftKey) selection.extend(picture, grid.pictures);
  else selection.toggle(picture);
}

/**
 * What is dragged out of the page is the original, under its own name.
 *
 * @param {DragEvent} event
 * @param {Grid} grid
 */
function onDrag(event, grid) {
  const picture = grid.pictureOf(event);
  if (!picture || !event.dataTransfer) return;
  const url = new URL(picture.url, location.href).href;
  event.dataTransfer.setData("text/uri-list", url);
  event.dataTransfer.setData("DownloadURL", `${picture.content_type ?? "image/*"}:${nameOf(picture.key)}:${url}`);
}

/**
 * @param {KeyboardEvent} event
 * @param {Grid} grid
 * @param {Selection} selection
 */
function onKey(event, grid, selection) {
  const picture = grid.pictureOf(event);
  if (!picture) return;
  const link = event.target instanceof HTMLAnchorElement;
  if (event.shiftKey && event.key.startsWith("Arrow")) extendToFocus(grid, selection, picture);
  else if (event.key === " " && link) selection.toggle(picture);
  else return;
  event.preventDefault();
}

/**
 * The grid has moved the focus by now.
 *
 * @param {Grid} grid
 * @param {Selection} selection
 * @param {TilePicture} from
 */
function extendToFocus(grid, selection, from) {
  const key = document.activeElement?.closest("li")?.dataset.key;
  const to = grid.pictures.find((picture) => picture.key === key);
  if (!selection.has(from.key)) selection.toggle(from);
  if (to) selection.extend(to, grid.pictures);
}
