import { element } from "../core/dom.js";
import { formatSize, nameOf } from "../core/format.js";
import { hiddenImages } from "../list/hidden-images.js";
import { createTile } from "../list/tile.js";

/** @typedef {import("../core/api.js").StoredImage} StoredImage */

/** The same picture several times: which of them are kept, and a button to delete the others. */
export class Group {
  root = element("article", { className: "group" });
  #list = element("ul", { className: "grid", role: "list" });
  #button = element("button", { type: "button", className: "danger" });
  /** @type {Map<StoredImage, HTMLInputElement>} */
  #boxes = new Map();

  /**
   * @param {StoredImage[]} pictures
   * @param {(pictures: StoredImage[]) => void} onDelete
   */
  constructor(pictures, onDelete) {
    this.all = [...pictures].sort(byWorth);
    this.root.ariaLabel = `Copies of ${nameOf(this.all[0].key)}`;
    this.#list.ariaLabel = this.root.ariaLabel;
    this.#list.append(...this.all.map((picture, index) => this.#item(picture, index === 0)));
    this.#button.addEventListener("click", () => onDelete(this.rest));
    this.root.append(this.#list, this.#button);
  }

  /** Those that are not deleted. */
  get pictures() {
    return this.all.filter((picture) => !hiddenImages.holds(picture));
  }

  /** The images that are not kept; empty while none is kept, because the picture would be lost. */
  get rest() {
    const { pictures } = this;
    const rest = pictures.filter((picture) => !this.#boxes.get(picture)?.checked);
    return rest.length < pictures.length ? rest : [];
  }

  /** @param {boolean} mayDelete */
  show(mayDelete) {
    const { pictures, rest } = this;
    this.root.hidden = pictures.length < 2;
    this.#list.classList.toggle("read-only", !mayDelete);
    for (const [picture, box] of this.#boxes) {
      const item = box.closest("li");
      if (item) item.hidden = !pictures.includes(picture);
      item?.classList.toggle("kept", box.checked);
    }
    this.#button.hidden = !mayDelete;
    this.#button.disabled = rest.length === 0;
    this.#button.textContent = sayDeletion(rest.length);
  }

  /**
   * @param {StoredImage} picture
   * @param {boolean} checked
   */
  #item(picture, checked) {
    const { key, width, height, size } = picture;
    const name = nameOf(key);
    const box = element("input", { type: "checkbox", checked, ariaLabel: `Keep ${key}` });
    this.#boxes.set(picture, box);
    const tile = createTile(picture);
    const facts = [width && height && `${width} × ${height}`, size && formatSize(size)].filter(Boolean).join(" · ");
    const folder = element("bdi", { textContent: key.slice(0, -name.length) });
    tile.append(
      element("label", { className: "keep" }, box, "Keep"),
      element("p", { className: "copy-name", title: name }, element("bdi", { textContent: name })),
      element("p", { className: "copy-facts" }, folder, element("br"), facts),
    );
    return tile;
  }
}

/** @param {number} count of the copies that are not kept */
function sayDeletion(count) {
  if (count === 0) return "Nothing to delete";
  return count === 1 ? "Delete the other" : `Delete the other ${count}`;
}

/**
 * The most pixels first, then the most bytes, then the oldest.
 *
 * @param {StoredImage} one
 * @param {StoredImage} other
 */
function byWorth(one, other) {
  const { size = 0, uploaded_at = 0 } = one;
  return pixelsOf(other) - pixelsOf(one) || (other.size ?? 0) - size || uploaded_at - (other.uploaded_at ?? 0);
}

/** @param {StoredImage} image */
function pixelsOf({ width = 0, height = 0 }) {
  return width * height;
}
