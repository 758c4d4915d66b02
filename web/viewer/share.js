import { showToast } from "../core/toasts.js";

/**
 * Hands a URL of this page to another application, where the device has a way to, or to the clipboard.
 *
 * @param {string} title
 * @param {string} url
 */
export async function share(title, url) {
  const { href } = new URL(url, location.href);
  try {
    if (navigator.share) await navigator.share({ title, url: href });
    else {
      await navigator.clipboard.writeText(href);
      showToast("Link copied. It opens this image and similar ones.");
    }
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") return; // the person cancelled it
    showToast(`Not shared. ${error instanceof Error ? error.message : error}`);
  }
}
