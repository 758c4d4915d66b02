import { element } from "../core/dom.js";
import { between, moved, sized } from "./rectangle.js";

/** @typedef {import("../url/terms.js").Crop} Crop */
/** @typedef {import("./rectangle.js").Point} Point */

/** A pointer that moves less than this far has clicked, pixels. */
const CLICK_DISTANCE = 6;
/** Arrow keys are pressed in runs; the search waits for the end of one. */
const KEY_PAUSE_MS = 400;
const KEY_STEP = 0.02;
/** Where the rectangle is before it is moved. @type {Crop} */
const CENTRE = [0.25, 0.25, 0.5, 0.5];
/** Each corner with the direction of the opposite one, which stays. @type {Record<string, Point>} */
const CORNERS = { nw: [1, 1], ne: [0, 1], sw: [1, 0], se: [0, 0] };
/** @type {Record<string, Point>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** A rectangle to draw, move and size on a picture, by pointer or keyboard. */
export class CropTool {
  #rectangle = element("div", { className: "crop", tabIndex: 0, role: "application", ariaRoleDescription: "rectangle" });
  /** @type {Crop | undefined} */
  #crop;
  /** Turns the place of the pointer into a rectangle, while it is down. @type {((point: Point) => Crop) | undefined} */
  #shape;
  /** @type {Crop | undefined} */
  #before;
  /** Where the pointer went down, pixels. @type {Point} */
  #start = [0, 0];
  #dragged = false;
  #timer = 0;
  /** Whether rectangles can be drawn. */
  enabled = false;

  /**
   * @param {HTMLElement} picture filled by the image, edge to edge
   * @param {(crop: Crop | undefined, options: {replace: boolean}) => void} onChange called when a change is complete
   */
  constructor(picture, onChange) {
    this.picture = picture;
    this.onChange = onChange;
    for (const corner of Object.keys(CORNERS)) this.#rectangle.append(handle(corner));
    picture.addEventListener("dragstart", (event) => event.preventDefault());
    picture.addEventListener("pointerdown", (event) => this.#onDown(event));
    picture.addEventListener("pointermove", (event) => this.#onMove(event));
    picture.addEventListener("pointerup", () => this.#onUp());
    picture.addEventListener("pointercancel", () => this.#onCancel());
    picture.addEventListener("click", (event) => this.#onClick(event), { capture: true });
    this.#rectangle.addEventListener("keydown", (event) => this.#onKey(event));
  }

  /** The rectangle as it is drawn, which may be ahead of the reported changes. */
  get crop() {
    return this.#crop;
  }

  /** @param {Crop | undefined} crop none takes the rectangle away */
  set(crop) {
    clearTimeout(this.#timer);
    this.#draw(crop);
  }

  /** Puts a rectangle in the middle, ready for the keyboard and for fingers. */
  begin() {
    this.#draw(CENTRE);
    this.onChange(CENTRE, { replace: false });
    this.#rectangle.focus({ preventScroll: true });
    this.picture.scrollIntoView({ block: "nearest" });
  }

  /** @param {Crop | undefined} crop */
  #draw(crop) {
    this.#crop = crop;
    this.picture.classList.toggle("cropped", Boolean(crop));
    if (!crop) return this.#rectangle.remove();
    const [left, top, width, height] = crop.map((fraction) => `${fraction * 100}%`);
    Object.assign(this.#rectangle.style, { left, top, width, height });
    this.#rectangle.ariaLabel = describe(crop);
    if (!this.#rectangle.isConnected) this.picture.append(this.#rectangle);
  }

  /** @param {PointerEvent} event */
  #onDown(event) {
    this.#dragged = false;
    // A finger scrolls, unless there is a rectangle to work on.
    if (!this.enabled || event.button !== 0 || (event.pointerType === "touch" && !this.#crop)) return;
    this.#before = this.#crop;
    this.#shape = this.#shaping(event);
    this.#start = [event.clientX, event.clientY];
  }

  /**
   * @param {PointerEvent} event
   * @returns {(point: Point) => Crop} what the pointer does from here on: size, move or draw
   */
  #shaping(event) {
    const from = this.#pointOf(event);
    const target = event.target instanceof HTMLElement ? event.target : this.picture;
    const opposite = CORNERS[target.dataset.corner ?? ""];
    const crop = this.#crop;
    if (crop && opposite) {
      const fixed = /** @type {Point} */ ([crop[0] + opposite[0] * crop[2], crop[1] + opposite[1] * crop[3]]);
      return (point) => between(fixed, point);
    }
    if (crop && target === this.#rectangle) return ([x, y]) => moved(crop, [x - from[0], y - from[1]]);
    return (point) => between(from, point);
  }

  /** @param {PointerEvent} event */
  #onMove(event) {
    if (event.buttons === 0) this.#shape = undefined; // the button was released outside, before it was a drag
    if (!this.#shape) return;
    const distance = Math.hypot(event.clientX - this.#start[0], event.clientY - this.#start[1]);
    if (!this.#dragged && distance > CLICK_DISTANCE) {
      this.#dragged = true;
      this.picture.setPointerCapture(event.pointerId); // a click keeps the place that it was meant for
    }
    if (this.#dragged) this.#draw(this.#shape(this.#pointOf(event)));
  }

  #onUp() {
    if (this.#shape && this.#dragged) this.onChange(this.#crop, { replace: false });
    this.#shape = undefined;
  }

  #onCancel() {
    if (this.#shape) this.#draw(this.#before);
    this.#shape = undefined;
  }

  /**
   * The end of a drag is no click on the picture.
   *
   * @param {MouseEvent} event
   */
  #onClick(event) {
    if (!this.#dragged) return;
    this.#dragged = false;
    event.stopPropagation();
    event.preventDefault();
  }

  /** @param {PointerEvent} event */
  #pointOf(event) {
    const { left, top, width, height } = this.picture.getBoundingClientRect();
    return /** @type {Point} */ ([(event.clientX - left) / width, (event.clientY - top) / height]);
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const arrow = ARROWS[event.key];
    if (arrow && this.#crop) this.#step(arrow, event.shiftKey);
    else if (["Escape", "Delete", "Backspace"].includes(event.key)) this.onChange(undefined, { replace: false });
    else return;
    event.preventDefault();
  }

  /**
   * @param {Point} arrow
   * @param {boolean} size rather than move
   */
  #step([x, y], size) {
    if (!this.#crop) return;
    const by = /** @type {Point} */ ([x * KEY_STEP, y * KEY_STEP]);
    this.#draw(size ? sized(this.#crop, by) : moved(this.#crop, by));
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.onChange(this.#crop, { replace: true }), KEY_PAUSE_MS);
  }
}

/** @param {string} corner */
function handle(corner) {
  const created = element("span", { className: `handle ${corner}` });
  created.dataset.corner = corner;
  return created;
}

/** @param {Crop} crop */
function describe(crop) {
  const [left, top, width, height] = crop.map((fraction) => `${Math.round(fraction * 100)} %`);
  return `Part to search for: ${width} wide, ${height} high, ${left} from the left, ${top} from the top. `
    + "Arrow keys move it, with Shift they size it.";
}
