import { announce, find } from "./dom.js";

/**
 * Says when the computer is offline, and goes on by itself afterwards.
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
