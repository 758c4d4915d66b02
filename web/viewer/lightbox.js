import { element } from "../core/dom.js";

/** @typedef {import("../list/tile.js").TilePicture} TilePicture */

const STYLE = "/vendor/photoswipe/photoswipe.css";

/**
 * Shows originals as large as the screen, to zoom into and to step through.
 *
 * @param {TilePicture[]} pictures
 * @param {number} index of the one to start with
 * @param {(picture: TilePicture) => void} [onClose] told which one was looked at last
 */
export async function open(pictures, index, onClose = () => {}) {
  const code = import("../vendor/photoswipe/photoswipe.esm.min.js");
  const [{ default: PhotoSwipe }] = await Promise.all([code, loadStyle(), measure(pictures[index])]);
  const still = !matchMedia("(prefers-reduced-motion: no-preference)").matches;
  const show = still ? "none" : "fade";
  const lightbox = new PhotoSwipe({
    dataSource: pictures.map(slide),
    index,
    bgOpacity: 0.95,
    showHideAnimationType: show,
    zoomAnimationDuration: still ? 0 : 250,
    // Focus goes back to the tile by itself; an image that was stepped to has another.
    returnFocus: false,
  });
  lightbox.on("close", () => onClose(pictures[lightbox.currIndex]));
  lightbox.init();
  lightbox.element?.setAttribute("aria-label", "Large images");
}

/** The slides' sizes when they are not known: the picture is fitted into it. */
const UNKNOWN = { width: 1600, height: 1200 };
/** @type {Map<string, {width: number, height: number}>} */
const measured = new Map();

/** @param {TilePicture} picture */
function slide({ key, url, thumbnail_url, width, height }) {
  const size = width && height ? { width, height } : (measured.get(url) ?? UNKNOWN);
  return { src: url, alt: key, ...size, ...(thumbnail_url && { msrc: thumbnail_url }) };
}

/**
 * An image that is not indexed yet is measured by loading it.
 *
 * @param {TilePicture} picture
 */
async function measure({ url, width, height }) {
  if (width && height) return;
  const image = element("img", { src: url });
  await image.decode().catch(() => {}); // one that is no picture is said to be missing by the lightbox
  if (image.naturalWidth) measured.set(url, { width: image.naturalWidth, height: image.naturalHeight });
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
