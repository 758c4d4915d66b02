import { getHealth } from "./api.js";
import { element, find, showError } from "./dom.js";
import { formatCount } from "./format.js";
import { Gallery } from "./gallery.js";
import { Panel } from "./panel.js";
import { Results } from "./results.js";
import { addressOf, currentRoute, navigate } from "./route.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("./api.js").Health} Health */
/** @typedef {import("./api.js").StoredImage} StoredImage */

const NAME = "Image search";
/** From this width on the panel stands beside the grid; below, it covers the page. */
const WIDE = matchMedia("(min-width: 60rem)");

const layout = find("#layout", HTMLElement);
const footer = find("#footer", HTMLElement);
const searchBox = find("#search", HTMLInputElement);
const uploadButton = find("#upload", HTMLElement);
const main = find("#main", HTMLElement);

let health = getHealth();
const gallery = new Gallery(() => health.catch(() => undefined));
const results = new Results();
const panel = new Panel({ onClose: closePanel, onSettled: putImage, onDeleted: removeImage });
const uploads = new Uploads(putImage);

/** Where the page was scrolled to, per list. */
const scrolled = { gallery: 0, results: 0 };

function showRoute() {
  const { text, key } = currentRoute();
  document.title = [key || text, NAME].filter(Boolean).join(" – ");
  searchBox.value = text;
  showList(text);
  showPanel(key);
}

/** @param {string} text */
function showList(text) {
  const [shown, hidden] = text ? [results, gallery] : [gallery, results];
  const switched = shown.root.hidden;
  const fresh = Boolean(text) && text !== results.text;
  if (switched) scrolled[nameOf(hidden)] = scrollY;
  hidden.hide();
  shown.show(text);
  if (fresh) scrollTo(0, 0);
  else if (switched) scrollTo(0, scrolled[nameOf(shown)]);
}

/**
 * @param {Gallery | Results} list
 * @returns {"gallery" | "results"}
 */
function nameOf(list) {
  return list === gallery ? "gallery" : "results";
}

/** @param {string} key */
function showPanel(key) {
  const before = panel.key;
  if (key) panel.show(key);
  else panel.hide();
  layout.classList.toggle("open", Boolean(key));
  markSelected(key);
  coverPage();
  if (key && key !== before) panel.focus();
  if (!key && before) focusTile(before);
}

/** @param {string} key */
function markSelected(key) {
  for (const link of main.querySelectorAll("a[aria-current]")) link.removeAttribute("aria-current");
  const link = linkOf(key);
  link?.setAttribute("aria-current", "true");
  link?.scrollIntoView({ block: "nearest" });
}

/** @param {string} key */
function focusTile(key) {
  (linkOf(key) ?? main).focus({ preventScroll: true });
}

/**
 * @param {string} key
 * @returns {HTMLElement | null | undefined} its link in the list on show
 */
function linkOf(key) {
  const tiles = [...main.querySelectorAll("section:not([hidden]) li")];
  return tiles.find((tile) => tile instanceof HTMLElement && tile.dataset.key === key)?.querySelector("a");
}

/** Keeps Tab inside the panel while it covers everything else. */
function coverPage() {
  const covered = Boolean(panel.key) && !WIDE.matches;
  document.documentElement.classList.toggle("covered", covered);
  for (const id of ["header", "main", "footer", "uploads"]) find(`#${id}`, HTMLElement).inert = covered;
}

function closePanel() {
  navigate(addressOf({ text: currentRoute().text }));
}

/** @param {StoredImage} image */
function putImage(image) {
  gallery.put(image);
}

/** @param {string} key */
function removeImage(key) {
  for (const view of [gallery, results, panel]) view.remove(key);
  if (panel.key === key) navigate(addressOf({ text: currentRoute().text }), { replace: true });
}

async function showHealth() {
  try {
    showFooter(await health);
  } catch (error) {
    showError(footer, error, retryHealth);
  }
}

function retryHealth() {
  health = getHealth();
  void showHealth();
}

/** @param {Health} answer */
function showFooter({ bundle, index, writes }) {
  const lines = [`${formatCount(index.count, "image")} in the index · model ${bundle.name}`];
  if (bundle.notice) lines.push(bundle.notice);
  if (writes === "open") lines.push("Anyone who can reach this address can upload and delete images.");
  footer.replaceChildren(...lines.map((line) => element("p", { textContent: line })));
  showWrites(writes === "open");
}

/** @param {boolean} open */
function showWrites(open) {
  uploadButton.hidden = !open;
  if (!open) return;
  uploadButton.classList.remove("unknown");
  uploads.enable();
  panel.allowDelete();
}

/** @param {MouseEvent} event */
function onClick(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
  if (!link || modified || link.download || link.origin !== location.origin || link.pathname !== "/") return;
  event.preventDefault();
  navigate(link.closest(".tile") ? addressOver(link) : link.href);
}

/**
 * @param {HTMLAnchorElement} link to an image
 * @returns {string} the address that selects the image over the present list
 */
function addressOver(link) {
  const key = new URL(link.href).searchParams.get("key") ?? "";
  return addressOf({ ...currentRoute(), key });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const typing = event.target instanceof HTMLInputElement;
  if (event.key === "Escape" && panel.key && !typing) closePanel();
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey) focusSearch(event);
}

/** @param {KeyboardEvent} event */
function focusSearch(event) {
  event.preventDefault();
  searchBox.focus();
  searchBox.select();
}

history.scrollRestoration = "manual";
find("#search-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  navigate(addressOf({ text: searchBox.value.trim() }));
});
addEventListener("click", onClick);
addEventListener("keydown", onKey);
addEventListener("popstate", showRoute);
addEventListener("route", showRoute);
WIDE.addEventListener("change", coverPage);
showRoute();
void showHealth();
