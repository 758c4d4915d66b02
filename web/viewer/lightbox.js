import { element } from "../core/dom.js";
import { nameOf } from "../core/format.js";

/** @typedef {import("../list/tile.js").TilePicture} TilePicture */
/** @typedef {import("../vendor/photoswipe/photoswipe.esm.min.js").default} Lightbox */

const STYLE = "/vendor/photoswipe/photoswipe.css";

/**
 * @typedef {object} Hooks called when the lightbox is left, with the image that was shown last
 * @property {(picture: TilePicture) => void} onClose
 * @property {(picture: TilePicture) => void} [onPart] where parts can be searched for
 * @property {(picture: TilePicture) => void} [onDelete] where images can be deleted
 */

/**
 * Shows originals as large as the screen, to zoom into and to step through.
 *
 * @param {TilePicture[]} pictures
 * @param {number} index of the one to start with
 * @param {Hooks} hooks
 */
export async function open(pictures, index, hooks) {
  const code = import("../vendor/photoswipe/photoswipe.esm.min.js");
  const [{ default: PhotoSwipe }, first] = await Promise.all([code, measured(pictures[index]), loadStyle()]);
  if (document.querySelector(".pswp")) return; // it is open already
  const still = !matchMedia("(prefers-reduced-motion: no-preference)").matches;
  const lightbox = new PhotoSwipe({
    dataSource: pictures.with(index, first).map(slide),
    index,
    bgOpacity: 1,
    showHideAnimationType: still ? "none" : "fade",
    zoomAnimationDuration: still ? 0 : 250,
    // Focus goes back to the tile by itself; an image that was stepped to has another.
    returnFocus: false,
  });
  const leave = closeOnBack(lightbox, () => pictures[lightbox.currIndex], hooks.onClose);
  addControls(lightbox, pictures, hooks, leave);
  lightbox.init();
  lightbox.element?.setAttribute("aria-label", "Large images");
}

/**
 * Connects the lightbox with the history: Back closes it, and closing it goes back.
 *
 * @param {Lightbox} lightbox
 * @param {() => TilePicture} current
 * @param {(picture: TilePicture) => void} onClose
 * @returns {(then: (picture: TilePicture) => void) => void} closes it, and then calls a function
 */
function closeOnBack(lightbox, current, onClose) {
  let isBack = false;
  history.pushState(history.state, "");
  lightbox.on("close", () => isBack || history.back());
  const onPop = () => {
    isBack = true;
    lightbox.close();
    lightbox.on("openingAnimationEnd", () => lightbox.close()); // before that, it does not close
    onClose(current());
  };
  addEventListener("popstate", onPop, { once: true });
  return (then) => {
    onClose = then;
    lightbox.close();
  };
}

/**
 * @param {Lightbox} lightbox
 * @param {TilePicture[]} pictures
 * @param {Hooks} hooks
 * @param {(then: (picture: TilePicture) => void) => void} leave
 */
function addControls(lightbox, pictures, { onClose, onPart, onDelete }, leave) {
  const add = (/** @type {import("../vendor/photoswipe/photoswipe.esm.min.js").UIElementData} */ control) =>
    lightbox.ui?.registerElement(control);
  const onChange = (/** @type {(picture: TilePicture) => void} */ show) =>
    lightbox.on("change", () => show(pictures[lightbox.currIndex]));
  lightbox.on("uiRegister", () => {
    add(nameOfImage(onChange));
    add(downloadLink(onChange));
    add(button("similar", "Similar images", () => leave(onClose)));
    if (onPart) add(button("crop", "Search a part", () => leave(onPart)));
    if (onDelete) add(button("trash", "Delete", () => leave(onDelete)));
  });
}

/** @param {(show: (picture: TilePicture) => void) => void} onChange */
function nameOfImage(onChange) {
  return {
    name: "name",
    appendTo: /** @type {const} */ ("root"),
    onInit: (/** @type {HTMLElement} */ place) => onChange(({ key }) => (place.textContent = nameOf(key))),
  };
}

/** @param {(show: (picture: TilePicture) => void) => void} onChange */
function downloadLink(onChange) {
  return {
    ...button("download", "Download"),
    tagName: /** @type {const} */ ("a"),
    onInit: (/** @type {HTMLElement} */ link) => onChange(({ key, url }) => {
      if (link instanceof HTMLAnchorElement) Object.assign(link, { href: url, download: nameOf(key), target: "_blank" });
    }),
  };
}

/**
 * @param {string} icon
 * @param {string} title
 * @param {() => void} [onClick]
 */
function button(icon, title, onClick) {
  const html = `<svg class="icon" aria-hidden="true"><use href="#i-${icon}"/></svg>`;
  return { name: icon, title, ariaLabel: title, order: 8, isButton: true, html, ...(onClick && { onClick }) };
}

/** The slides' sizes when they are not known: the picture is fitted into it. */
const UNKNOWN = { width: 1600, height: 1200 };

/** @param {TilePicture} picture */
function slide({ key, url, preview_url, thumbnail_url, width, height }) {
  const size = width && height ? { width, height } : UNKNOWN;
  return { src: preview_url ?? url, alt: key, ...size, ...(thumbnail_url && { msrc: thumbnail_url }) };
}

/**
 * An image that is not indexed yet is measured by loading it.
 *
 * @param {TilePicture} picture
 * @returns {Promise<TilePicture>}
 */
async function measured(picture) {
  if (picture.width && picture.height) return picture;
  const image = element("img", { src: picture.preview_url ?? picture.url });
  await image.decode().catch(() => {}); // the lightbox itself reports a file that is not a picture
  return image.naturalWidth ? { ...picture, width: image.naturalWidth, height: image.naturalHeight } : picture;
}

/** @returns {Promise<void>} */
function loadStyle() {
  if (document.querySelector(`link[href="${STYLE}"]`)) return Promise.resolve();
  return new Promise((resolve) => {
    const link = element("link", { rel: "stylesheet", href: STYLE });
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => resolve());
    document.head.append(link);
  });
}
