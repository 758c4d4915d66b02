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
  const [{ default: PhotoSwipe }, first] = await Promise.all([code, measured(pictures[index]), loadStyle()]);
  if (document.querySelector(".pswp")) return; // somebody did not wait
  const still = !matchMedia("(prefers-reduced-motion: no-preference)").matches;
  const show = still ? "none" : "fade";
  const lightbox = new PhotoSwipe({
    dataSource: pictures.with(index, first).map(slide),
    index,
    bgOpacity: 1,
    showHideAnimationType: show,
    zoomAnimationDuration: still ? 0 : 250,
    // Focus goes back to the tile by itself; an image that was stepped to has another.
    returnFocus: false,
  });
  closeOnBack(lightbox, () => onClose(pictures[lightbox.currIndex]));
  lightbox.init();
  lightbox.element?.setAttribute("aria-label", "Large images");
}

/**
 * Going back closes it; closing it goes back.
 *
 * @param {import("../vendor/photoswipe/photoswipe.esm.min.js").default} lightbox
 * @param {() => void} onClose
 */
function closeOnBack(lightbox, onClose) {
  let isBack = false;
  history.pushState(history.state, "");
  lightbox.on("close", () => isBack || history.back());
  const onPop = () => {
    isBack = true;
    lightbox.close();
    lightbox.on("openingAnimationEnd", () => lightbox.close()); // before that, it does not close
    onClose();
  };
  addEventListener("popstate", onPop, { once: true });
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
  await image.decode().catch(() => {}); // one that is no picture is said to be missing by the lightbox
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
