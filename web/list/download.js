import { element } from "../core/dom.js";
import { nameOf } from "../core/format.js";

/** Browsers drop downloads that begin all at once. */
const PAUSE_MS = 200;

/**
 * Saves the originals, one after the other, under their own names.
 *
 * @param {import("./tile.js").TilePicture[]} pictures
 */
export async function download(pictures) {
  for (const { key, url } of pictures) {
    const link = element("a", { href: url, download: nameOf(key) });
    // Browsers show files of another origin instead of saving them; they must not replace the page.
    if (link.origin !== location.origin) link.target = "_blank";
    link.click();
    await new Promise((resolve) => void setTimeout(resolve, PAUSE_MS));
  }
}
