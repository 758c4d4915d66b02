import { find } from "../core/dom.js";
import { addLikeButtons, listenToLikeKeys } from "./like-buttons.js";
import { PagedList } from "./paged-list.js";
import { addCheckbox, letChoose } from "./select-gestures.js";

/** @typedef {import("./selection.js").Selection} Selection */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

/**
 * A view that shows one paged list.
 *
 * @template A what one page of the list answers
 */
export class ListView {
  /**
   * @param {string} selector of the view's element
   * @param {(tile: HTMLLIElement, picture: TilePicture) => void} [onTile] called for each tile that is made
   */
  constructor(selector, onTile) {
    this.root = find(selector, HTMLElement);
    this.message = find(".message", HTMLElement, this.root);
    /** @type {PagedList<A>} */
    this.list = new PagedList(find("ul.grid", HTMLUListElement, this.root), this.message, onTile);
  }

  get grid() {
    return this.list.grid;
  }

  hide() {
    this.root.hidden = true;
    this.list.pause();
  }

  /** Asks again after a failure. */
  retry() {
    this.list.again();
  }
}

/**
 * A view of images that can be selected and searched with. Going back shows it as it was left.
 *
 * @template A
 * @extends {ListView<A>}
 */
export class ImagesView extends ListView {
  /**
   * @param {string} selector of the view's element
   * @param {Selection} selection
   */
  constructor(selector, selection) {
    super(selector, (tile, picture) => {
      addCheckbox(tile, picture, selection);
      addLikeButtons(tile, picture);
    });
    letChoose(this.grid, selection);
    listenToLikeKeys(this.grid);
  }

  get snapshot() {
    return this.list.snapshot;
  }

  /** @param {string} key */
  reach(key) {
    return this.list.reach(key);
  }
}
