import { announce, find } from "./dom.js";

/**
 * Shows when the computer is offline, and retries when it is online again.
 *
 * @param {() => void} onBack
 */
export function watchConnection(onBack) {
  const banner = find("#offline", HTMLElement);
  const show = () => {
    banner.hidden = navigator.onLine;
    if (!navigator.onLine) announce(banner.textContent ?? "");
  };
  addEventListener("offline", show);
  addEventListener("online", () => {
    show();
    onBack();
  });
  show();
}
