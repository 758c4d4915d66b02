import { element } from "../core/dom.js";
import { formatCount, formatRejection } from "../core/format.js";
import { urlOf, currentRoute } from "../url/route.js";
import { thumbHashToDataURL } from "../vendor/thumbhash/thumbhash.js";

/** @typedef {{etag?: string, state?: string, reason?: string}} Status */
/** @typedef {{score?: number, strength?: number, uncertain?: boolean, duplicates?: TilePicture[]}} Likeness to the query */
/** @typedef {import("../core/api.js").Picture & Status & Likeness} TilePicture */

/** Panoramas and towers are cut to these shapes in a list, or they would take a row or vanish in it. */
const NARROWEST = 0.5;
const WIDEST = 2.6;

/**
 * One image in a list: an item with a link named by the key.
 *
 * @param {TilePicture} picture
 * @returns {HTMLLIElement}
 */
export function createTile(picture) {
  const link = element("a", { href: urlOf({ key: picture.key }) }, thumbnail(picture));
  if (picture.key === currentRoute().key) link.ariaCurrent = "true";
  const tile = element("li", { className: "tile" }, link, ...notes(picture));
  link.title = describeMatch(picture);
  tile.dataset.key = picture.key;
  tile.style.setProperty("--ratio", String(tileRatio(picture)));
  showPlaceholder(link, picture);
  return tile;
}

/**
 * Shows what has changed about an image whose thumbnail is still the same.
 *
 * @param {HTMLLIElement} tile
 * @param {TilePicture} picture
 */
export function refreshTile(tile, picture) {
  for (const old of tile.querySelectorAll(".note")) old.remove();
  tile.append(...notes(picture));
  const link = tile.querySelector("a");
  if (link) link.title = describeMatch(picture);
}

/**
 * Cancels the loading of a removed tile's picture, so that the connection serves the tiles in view.
 *
 * @param {HTMLLIElement} tile
 */
export function dropTile(tile) {
  tile.remove();
  for (const image of tile.querySelectorAll("img")) if (!image.complete) image.removeAttribute("src");
}

/**
 * @param {TilePicture} picture
 * @returns {number} width divided by height; a square when unknown
 */
export function ratioOf({ width, height }) {
  return width && height ? width / height : 1;
}

/**
 * @param {TilePicture} picture
 * @returns {number} the shape of its tile
 */
export function tileRatio(picture) {
  return clamp(ratioOf(picture), NARROWEST, WIDEST);
}

/**
 * @param {HTMLElement} place
 * @param {TilePicture} picture
 */
export function showPlaceholder(place, { thumbhash }) {
  if (!thumbhash) return;
  const bytes = decodeBase64(thumbhash);
  if (bytes) place.style.backgroundImage = `url("${thumbHashToDataURL(bytes)}")`;
}

/**
 * @param {string} text
 * @returns {Uint8Array | undefined} nothing for text that is not base64: one bad record must not empty a page
 */
function decodeBase64(text) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch (error) {
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/**
 * @param {TilePicture} picture
 * @returns {HTMLElement} the thumbnail, or the key as text when there is none
 */
function thumbnail({ key, thumbnail_url, width, height }) {
  if (!thumbnail_url) return label(key);
  const image = element("img", { alt: key, loading: "lazy", decoding: "async", draggable: false });
  if (width && height) Object.assign(image, { width, height });
  image.addEventListener("error", () => image.replaceWith(label(key)));
  image.src = thumbnail_url;
  return image;
}

/** @param {string} key */
function label(key) {
  return element("span", { className: "label", dir: "auto", textContent: key });
}

/**
 * @param {TilePicture} picture
 * @returns {HTMLElement[]}
 */
function notes(picture) {
  const { state = "", reason, duplicates = [] } = picture;
  const found = [];
  if (state === "pending") found.push(note("Being indexed"));
  if (state === "rejected") found.push(note(formatRejection(reason)));
  if (duplicates.length > 0) found.push(copiesButton(picture, duplicates.length));
  return found;
}

/** @param {string} text */
function note(text) {
  return element("span", { className: "note", textContent: text });
}

/**
 * @param {TilePicture} picture
 * @param {number} count
 * @returns {HTMLElement} the number of its copies, which opens the list of them
 */
function copiesButton(picture, count) {
  const button = element("button", { type: "button", className: "note copies", textContent: `+${count}` });
  button.title = "Near-identical images";
  button.ariaLabel = `${formatCount(count, "near-identical image")} of ${picture.key}`;
  button.addEventListener("click", () => button.dispatchEvent(new CustomEvent("copies", { bubbles: true, detail: picture })));
  return button;
}

/**
 * @param {TilePicture} picture
 * @returns {string} how sure the model is; the cosine if the model has no range
 */
function describeMatch({ score, strength }) {
  if (strength !== undefined) return `Match: ${Math.round(100 * strength)} %`;
  return score === undefined ? "" : `Score: ${score.toFixed(2)}`;
}

/**
 * @param {number} value
 * @param {number} lowest
 * @param {number} highest
 */
function clamp(value, lowest, highest) {
  return Math.min(Math.max(value, lowest), highest);
}
