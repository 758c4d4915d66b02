import { createTile, dropTile, refreshTile } from "./tile.js";

/** @typedef {import("./tile.js").TilePicture} TilePicture */
/** @typedef {import("./justified-rows.js").Box} Box */
/** @typedef {{picture: TilePicture, box: Box, place: number}} Placed an image, its box and its place in the list */

/** The tiles of a list that are in the document. */
export class Tiles {
  /** @type {Map<string, HTMLLIElement>} */
  #tiles = new Map();
  /** @type {WeakMap<HTMLLIElement, TilePicture>} */
  #drawn = new WeakMap();

  /**
   * @param {HTMLUListElement} list
   * @param {(tile: HTMLLIElement, picture: TilePicture) => void} onTile called for each tile that is made
   */
  constructor(list, onTile) {
    this.list = list;
    this.onTile = onTile;
  }

  /** @param {string} key */
  get(key) {
    return this.#tiles.get(key);
  }

  /**
   * Makes the document hold the tiles of these images, in order, and no others. The focus stays on its image, or else
   * goes to the current one.
   *
   * @param {Placed[]} wanted
   * @param {string} current key of the one in the tab order
   */
  keep(wanted, current) {
    const focused = this.#focused();
    const keys = new Set(wanted.map(({ picture }) => picture.key));
    for (const [key, tile] of this.#tiles) if (!keys.has(key)) this.#drop(key, tile);
    const tiles = wanted.map(({ picture }) => this.#tile(picture));
    this.#order(tiles);
    tiles.forEach((tile, index) => arrange(tile, wanted[index], tile.dataset.key === current));
    if (focused && focused !== document.activeElement) this.#focus(focused, current);
  }

  /** @returns {HTMLElement | undefined} */
  #focused() {
    const { activeElement } = document;
    return activeElement instanceof HTMLElement && this.list.contains(activeElement) ? activeElement : undefined;
  }

  /**
   * Taking a tile out of the document, and moving it, takes the focus from it: the next key would go nowhere.
   *
   * @param {HTMLElement} element that had the focus
   * @param {string} current
   */
  #focus(element, current) {
    const same = element.isConnected ? element : this.#tiles.get(current)?.querySelector("a");
    same?.focus({ preventScroll: true });
  }

  /**
   * A tile in its place is not touched: moving it would interrupt its motion.
   *
   * @param {HTMLLIElement[]} tiles
   */
  #order(tiles) {
    let place = this.list.firstElementChild;
    for (const tile of tiles) {
      if (place?.className === "divider") place = place.nextElementSibling;
      if (tile === place) place = place.nextElementSibling;
      else this.list.insertBefore(tile, place);
    }
  }

  /**
   * @param {string} key
   * @param {HTMLLIElement} tile
   */
  #drop(key, tile) {
    this.#tiles.delete(key);
    dropTile(tile);
  }

  /** @param {TilePicture} picture */
  #tile(picture) {
    const tile = this.#tiles.get(picture.key);
    const drawn = tile && this.#drawn.get(tile);
    if (!tile || !drawn || !hasSameThumbnail(drawn, picture)) return this.#make(picture, tile);
    if (drawn !== picture) refreshTile(tile, picture);
    this.#drawn.set(tile, picture);
    return tile;
  }

  /**
   * @param {TilePicture} picture
   * @param {HTMLLIElement} [before] the tile that it replaces
   */
  #make(picture, before) {
    const tile = createTile(picture);
    before?.replaceWith(tile);
    this.#tiles.set(picture.key, tile);
    this.#drawn.set(tile, picture);
    this.onTile(tile, picture);
    return tile;
  }
}

/**
 * @param {HTMLElement} item
 * @param {Box} box
 */
export function position(item, { left, top, width, height }) {
  Object.assign(item.style, { transform: `translate(${left}px, ${top}px)`, width: `${width}px`, height: `${height}px` });
}

/**
 * @param {HTMLLIElement} tile
 * @param {Placed} placed
 * @param {boolean} current
 */
function arrange(tile, { box, place }, current) {
  position(tile, box);
  tile.ariaPosInSet = String(place + 1);
  for (const part of tile.querySelectorAll("a, input")) {
    if (part instanceof HTMLElement) part.tabIndex = current ? 0 : -1;
  }
}

/**
 * Versions are compared, not URLs: signed URLs differ in each response.
 *
 * @param {TilePicture} one
 * @param {TilePicture} other
 */
function hasSameThumbnail(one, other) {
  return one.etag === other.etag && Boolean(one.thumbnail_url) === Boolean(other.thumbnail_url);
}
