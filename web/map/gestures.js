/** @typedef {import("./points.js").Direction} Direction */
/**
 * The commands of fingers, mouse, wheel and keys; lengths are CSS pixels on the canvas.
 *
 * @typedef {object} Wishes
 * @property {(right: number, down: number) => void} pan
 * @property {(factor: number, left: number, top: number) => void} zoom
 * @property {(left: number, top: number) => void} point
 * @property {() => void} leave
 * @property {(event: MouseEvent, left: number, top: number) => void} open
 * @property {(direction: Direction) => void} step
 * @property {(factor: number) => void} zoomStep
 * @property {() => void} whole
 * @property {(event: KeyboardEvent) => void} openCurrent
 */

/** Fingers are never quite still. */
const DRAG_PIXELS = 6;
/** Natural logarithm of the zoom per pixel of a wheel; a touchpad's pinch comes as a wheel with Ctrl, in small steps. */
const WHEEL = 0.0018;
const PINCH = 0.01;
const LINE_PIXELS = 16;
export const ZOOM_STEP = 1.6;

/** Translates the pointers on a canvas to commands: one drags, two pinch, and an unpressed one points. */
export class Gestures {
  /** @type {Map<number, {left: number, top: number}>} */
  #pressed = new Map();
  #dragged = 0;

  /**
   * @param {HTMLCanvasElement} canvas
   * @param {Wishes} wishes
   */
  constructor(canvas, wishes) {
    this.canvas = canvas;
    this.wishes = wishes;
    canvas.addEventListener("pointerdown", (event) => this.#press(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of /** @type {const} */ (["pointerup", "pointercancel"])) {
      canvas.addEventListener(end, (event) => this.#pressed.delete(event.pointerId));
    }
    canvas.addEventListener("pointerleave", () => wishes.leave());
    canvas.addEventListener("click", (event) => this.#click(event));
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  /** @param {PointerEvent} event */
  #press(event) {
    if (event.button !== 0) return;
    if (this.#pressed.size === 0) this.#dragged = 0;
    this.#pressed.set(event.pointerId, { left: event.offsetX, top: event.offsetY });
    this.canvas.setPointerCapture(event.pointerId);
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const at = { left: event.offsetX, top: event.offsetY };
    const before = this.#pressed.get(event.pointerId);
    if (!before) return this.wishes.point(at.left, at.top);
    this.#dragged += Math.hypot(at.left - before.left, at.top - before.top);
    const was = this.#span();
    this.#pressed.set(event.pointerId, at);
    if (this.#dragged >= DRAG_PIXELS) this.#follow(was, this.#span());
  }

  /**
   * @param {{left: number, top: number, apart: number}} was
   * @param {{left: number, top: number, apart: number}} is
   */
  #follow(was, is) {
    this.wishes.leave();
    this.wishes.pan(is.left - was.left, is.top - was.top);
    if (was.apart > 0 && is.apart > 0) this.wishes.zoom(is.apart / was.apart, is.left, is.top);
  }

  /** The middle of the pressed pointers, and how far two are from each other (one: 0). */
  #span() {
    const [first = { left: 0, top: 0 }, second = first] = this.#pressed.values();
    return {
      left: (first.left + second.left) / 2,
      top: (first.top + second.top) / 2,
      apart: Math.hypot(first.left - second.left, first.top - second.top),
    };
  }

  /** @param {MouseEvent} event which also ends a drag */
  #click(event) {
    if (this.#dragged < DRAG_PIXELS) this.wishes.open(event, event.offsetX, event.offsetY);
  }

  /** @param {WheelEvent} event */
  #wheel(event) {
    event.preventDefault();
    const pixels = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? event.deltaY * LINE_PIXELS : event.deltaY;
    this.wishes.zoom(Math.exp(-pixels * (event.ctrlKey ? PINCH : WHEEL)), event.offsetX, event.offsetY);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const act = this.#actions[event.key];
    const browsers = event.key !== "Enter" && (event.ctrlKey || event.metaKey || event.altKey);
    if (!act || browsers) return;
    event.preventDefault();
    act(event);
  }

  /** @type {Record<string, ((event: KeyboardEvent) => void) | undefined>} */
  #actions = {
    ArrowLeft: () => this.wishes.step("ArrowLeft"),
    ArrowRight: () => this.wishes.step("ArrowRight"),
    ArrowUp: () => this.wishes.step("ArrowUp"),
    ArrowDown: () => this.wishes.step("ArrowDown"),
    "+": () => this.wishes.zoomStep(ZOOM_STEP),
    "=": () => this.wishes.zoomStep(ZOOM_STEP),
    "-": () => this.wishes.zoomStep(1 / ZOOM_STEP),
    0: () => this.wishes.whole(),
    Enter: (event) => this.wishes.openCurrent(event),
    " ": (event) => this.wishes.openCurrent(event),
  };
}
