import { serveCopyButtons } from "./copy.js";
import { watchConnection } from "./connection.js";
import { Deletions } from "./deletions.js";
import { bin } from "./bin.js";
import { find } from "./dom.js";
import { Gallery } from "./gallery.js";
import { SystemHealth } from "./health.js";
import { Panel } from "./panel.js";
import { Results } from "./results.js";
import { addressOf, currentRoute, navigate } from "./route.js";
import { Selection } from "./selection.js";
import { SelectionBar } from "./selectionbar.js";
import { enableHelp, listenToShortcuts } from "./shortcuts.js";
import { Uploads } from "./uploads.js";

/** @typedef {import("./api.js").StoredImage} StoredImage */
/** @typedef {import("./tile.js").TilePicture} TilePicture */

const NAME = "Image search";
/** From this width on the panel stands beside the list; below, it covers the page. */
const WIDE = matchMedia("(min-width: 60rem)");

const layout = find("#layout", HTMLElement);
const searchBox = find("#search", HTMLInputElement);
const main = find("#main", HTMLElement);

const health = new SystemHealth(allowWrites);
const selection = new Selection();
const gallery = new Gallery(selection, () => health.get());
const results = new Results(selection);
const panel = new Panel({ onClose: closePanel, onSettled: putImage, onDelete: (image) => deleteImages([image]) });
const uploads = new Uploads({ folder: () => currentRoute().prefix, onImage: putImage });
const deletions = new Deletions(() => gallery.refresh());
const selectionBar = new SelectionBar(selection, { all: () => shownList().grid.pictures, onDelete: deleteImages });
let mayDelete = false;

/** Where the page was scrolled to, per list. */
const scrolled = { gallery: 0, results: 0 };

function showRoute() {
  const { text, prefix, key } = currentRoute();
  document.title = [key || text || prefix, NAME].filter(Boolean).join(" – ");
  searchBox.value = text;
  showList(text, prefix);
  showPanel(key);
}

/**
 * @param {string} text
 * @param {string} prefix
 */
function showList(text, prefix) {
  const [shown, hidden] = text ? [results, gallery] : [gallery, results];
  const switched = shown.root.hidden;
  const fresh = text ? text !== results.text : prefix !== gallery.prefix;
  if (switched) scrolled[nameOf(hidden)] = scrollY;
  if (switched || fresh) selection.clear();
  hidden.hide();
  shown.show(text || prefix);
  if (fresh) scrollTo(0, 0);
  else if (switched) scrollTo(0, scrolled[nameOf(shown)]);
}

/** @returns {Gallery | Results} */
function shownList() {
  return results.root.hidden ? gallery : results;
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
  shownList().grid.mark(key);
  coverPage();
  if (key && key !== before) panel.focus();
  if (!key && before) focusTile(before);
}

/** @param {string} key */
function focusTile(key) {
  if (!shownList().grid.focus(key)) main.focus({ preventScroll: true });
}

/** Keeps Tab inside the panel while it covers everything else. */
function coverPage() {
  const covered = Boolean(panel.key) && !WIDE.matches;
  document.documentElement.classList.toggle("covered", covered);
  for (const id of ["header", "main", "footer", "uploads"]) find(`#${id}`, HTMLElement).inert = covered;
}

function closePanel() {
  navigate(addressOf({ ...currentRoute(), key: "" }));
}

/** @param {StoredImage} image */
function putImage(image) {
  bin.restore([image]);
  gallery.put(image);
}

/** @param {TilePicture[]} pictures */
function deleteImages(pictures) {
  if (!mayDelete || pictures.length === 0) return;
  const next = nextTo(pictures);
  selection.clear();
  deletions.start(pictures);
  for (const { key } of pictures) panel.remove(key);
  if (pictures.some(({ key }) => key === panel.key)) navigate(addressOf({ ...currentRoute(), key: "" }), { replace: true });
  if (next) focusTile(next);
}

/**
 * @param {TilePicture[]} pictures
 * @returns {string | undefined} the key of the image that stands after them, or before
 */
function nextTo(pictures) {
  const keys = new Set(pictures.map(({ key }) => key));
  const list = shownList().grid.pictures;
  const last = list.findLastIndex(({ key }) => keys.has(key));
  const after = list.slice(last + 1)[0];
  return (after ?? list.findLast(({ key }) => !keys.has(key)))?.key;
}

function deleteChosen() {
  const key = document.activeElement?.closest("li")?.dataset.key;
  const focused = shownList().grid.pictures.filter((picture) => picture.key === key);
  deleteImages(selection.size ? selection.pictures : focused);
}

function allowWrites() {
  mayDelete = true;
  uploads.enable();
  panel.allowDelete();
  selectionBar.allowDelete();
}

/** Shows the selected image as large as the screen; the others of the list follow. */
async function enlarge() {
  const { pictures } = shownList().grid;
  const index = pictures.findIndex(({ key }) => key === panel.key);
  const [list, start] = index < 0 && panel.image ? [[panel.image], 0] : [pictures, index];
  if (start < 0) return;
  const { open } = await import("./lightbox.js");
  await open(list, start, ({ key }) => navigate(addressOf({ ...currentRoute(), key }), { replace: true }));
}

/** @param {MouseEvent} event */
function onClick(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  const modified = event.metaKey || event.ctrlKey || event.shiftKey || event.altKey || event.button !== 0;
  if (event.defaultPrevented || !link || modified || link.download) return;
  if (link.origin !== location.origin || link.pathname !== "/") return;
  event.preventDefault();
  // The second click of two is meant for the image of the first, wherever that is by now.
  if (event.detail < 2) navigate(link.closest(".tile") ? addressOver(link) : link.href);
}

/**
 * @param {HTMLAnchorElement} link to an image
 * @returns {string} the address that selects the image over the present list
 */
function addressOver(link) {
  const key = new URL(link.href).searchParams.get("key") ?? "";
  return addressOf({ ...currentRoute(), key });
}

function goBack() {
  if (selection.size > 0) selection.clear();
  else if (panel.key) closePanel();
}

function focusSearch() {
  searchBox.focus();
  searchBox.select();
}

/** @param {HTMLElement} button */
function picturesOf(button) {
  if (button.closest("#selection")) return selection.pictures;
  return panel.image ? [panel.image] : [];
}

function retry() {
  health.retry();
  gallery.retry();
}

history.scrollRestoration = "manual";
find("#search-form", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  navigate(addressOf({ text: searchBox.value.trim() }));
});
addEventListener("click", onClick);
main.addEventListener("dblclick", () => panel.key && void enlarge());
find("#panel-title", HTMLElement).addEventListener("keydown", (event) => event.key === "Enter" && void enlarge());
addEventListener("popstate", showRoute);
addEventListener("route", showRoute);
WIDE.addEventListener("change", coverPage);
listenToShortcuts({
  "/": focusSearch,
  "?": enableHelp(),
  Escape: goBack,
  Delete: deleteChosen,
  "Ctrl+z": () => deletions.undo(),
});
serveCopyButtons(picturesOf, () => health.bucket());
watchConnection(retry);
showRoute();
void health.show();
