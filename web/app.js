import { hiddenImages } from "./list/hidden-images.js";
import { watchConnection } from "./core/connection.js";
import { serveCopyButtons } from "./core/copy.js";
import { Deletions } from "./list/deletions.js";
import { titleOfSearch } from "./url/describe.js";
import { find } from "./core/dom.js";
import { Gallery } from "./gallery/gallery.js";
import { SystemHealth } from "./account/health.js";
import { IndexingPoller } from "./core/indexing.js";
import { isSigningIn } from "./core/identity.js";
import { Views } from "./core/views.js";
import { listTrash } from "./core/api.js";
import { Duplicates } from "./duplicates/duplicates.js";
import { CollectionMap } from "./map/map.js";
import { Copies, movePicture, openLightbox, Panel, PartDialog } from "./viewer/index.js";
import { urlOver, currentRoute } from "./url/route.js";
import { navigate, router } from "./url/router.js";
import { FilterForm, Results, SearchBox, Toolbar, WordsForm } from "./search/index.js";
import { Selection } from "./list/selection.js";
import { SelectionBar } from "./list/selection-bar.js";
import { enableHelp, listenToShortcuts } from "./core/shortcuts.js";
import { Rejected } from "./rejected/rejected.js";
import { Trash } from "./trash/trash.js";
import { Uploads } from "./upload/uploads.js";

/** @typedef {import("./core/api.js").StoredImage} StoredImage */
/** @typedef {import("./list/tile.js").TilePicture} TilePicture */

const NAME = "Image search";
/** @type {Record<string, string>} */
const VIEW_NAMES = { map: "Map", duplicates: "Duplicates", trash: "Trash", rejected: "Rejected files" };
/** Two clicks further apart than this, in milliseconds, are no double click. */
const DOUBLE_CLICK_MS = 500;
/** Pixels. */
const DOUBLE_CLICK_DISTANCE = 8;
/** From this width on the panel stands beside the list; below, it covers the page. */
const WIDE = matchMedia("(min-width: 60rem)");

const layout = find("#layout", HTMLElement);
const searchBox = new SearchBox();
const main = find("#main", HTMLElement);
const toolbar = new Toolbar();

const health = new SystemHealth({ onWritable: allowWrites, onShut: shut, onLeave: () => deletions.settle() });
const selection = new Selection();
const poller = new IndexingPoller();
const gallery = new Gallery(selection, poller, () => health.get());
const deletions = new Deletions(() => gallery.refresh());
const duplicates = new Duplicates(deleteImages);
const trash = new Trash({ settle: () => deletions.settle(), onRestored: showRestored });
const others = { map: new CollectionMap(), duplicates, trash, rejected: new Rejected() };
const views = new Views(gallery, new Results(selection), others, () => selection.clear());
const panel = new Panel(poller, {
  onClose: () => closePanel(),
  onEnlarge: () => void enlarge(),
  onSettled: putImage,
  onDelete: (image) => deleteImages([image]),
});
const uploads = new Uploads(poller, {
  rules: async () => (await health.get())?.uploads,
  folder: () => health.uploadFolder(currentRoute().prefix),
  onImage: putImage,
});
const selectionBar = new SelectionBar(selection, { all: () => views.pictures, onDelete: deleteImages });
let mayDelete = false;
/** Whether it is known if deleted images can be restored. */
let isTrashKnown = false;
/** The click that selected an image last. @type {MouseEvent | undefined} */
let selecting;
let isShut = false;

function showRoute() {
  if (isShut) return;
  const route = currentRoute();
  const shown = route.key || titleOfSearch(route) || VIEW_NAMES[route.view] || route.prefix;
  document.title = [shown, NAME].filter(Boolean).join(" – ");
  searchBox.show(route);
  toolbar.show(route);
  views.show(route);
  showPanel(route);
}

/** @param {import("./url/route.js").Route} route */
function showPanel({ key, crop }) {
  const before = panel.key;
  if (key) panel.show(key, crop);
  else panel.hide();
  layout.classList.toggle("open", Boolean(key));
  views.shown.grid.mark(key);
  coverPage();
  if (key) void learnOfTrash();
  if (key && key !== before) panel.focus();
  if (!key && before) focusTile(before);
}

/** @param {string} key */
function focusTile(key) {
  if (!views.shown.grid.focus(key)) main.focus({ preventScroll: true });
}

/** Keeps Tab inside the panel while it covers everything else. */
function coverPage() {
  const covered = Boolean(panel.key) && !WIDE.matches;
  document.documentElement.classList.toggle("covered", covered);
  for (const id of ["header", "main", "footer", "uploads"]) find(`#${id}`, HTMLElement).inert = covered;
}

/** @param {{replace?: boolean}} [options] */
function closePanel(options) {
  const { key } = panel;
  movePicture(panel.place, () => navigate(urlOver(""), options), () => views.shown.grid.imageOf?.(key));
}

/** @param {StoredImage} image */
function putImage(image) {
  hiddenImages.restore([image]);
  gallery.put(image);
}

/** @param {TilePicture[]} pictures */
function deleteImages(pictures) {
  if (!mayDelete || pictures.length === 0) return;
  const next = nextTo(pictures);
  selection.clear();
  deletions.start(pictures);
  for (const { key } of pictures) panel.remove(key);
  if (pictures.some(({ key }) => key === panel.key)) closePanel({ replace: true });
  if (next) focusTile(next.key);
}

/**
 * @param {TilePicture[]} pictures
 * @returns {TilePicture | undefined} the image that stands after them, or else before
 */
function nextTo(pictures) {
  const keys = new Set(pictures.map(({ key }) => key));
  const list = views.pictures;
  const last = list.findLastIndex(({ key }) => keys.has(key));
  return list[last + 1] ?? list.findLast(({ key }) => !keys.has(key));
}

function deleteChosen() {
  const key = document.activeElement?.closest("li")?.dataset.key;
  const focused = views.pictures.filter((picture) => picture.key === key);
  deleteImages(selection.size ? selection.pictures : focused);
}

function allowWrites() {
  mayDelete = true;
  uploads.enable();
  panel.actions.allowDelete();
  selectionBar.allowDelete();
  duplicates.allowDelete();
  toolbar.allowTrash();
}

/** Finds out, before an image is deleted, whether the bucket keeps old versions. */
async function learnOfTrash() {
  if (isTrashKnown || !mayDelete) return;
  isTrashKnown = true;
  const answer = await listTrash({ limit: 1 }).catch(() => undefined);
  isTrashKnown = answer !== undefined;
  if (!answer || answer.available) return;
  deletions.areFinal = true;
  selectionBar.warn();
}

/** @param {string[]} keys */
function showRestored(keys) {
  hiddenImages.restore(keys.map((key) => ({ key, url: "" })));
  gallery.forget();
  views.forget();
}

/** Hides the images until a sign-in. The URL stays, to come back to. */
function shut() {
  isShut = true;
  selection.clear();
  panel.hide();
  coverPage();
}

/** Shows the selected image as large as the screen; the others of the list follow. */
async function enlarge() {
  const { pictures } = views;
  const index = pictures.findIndex(({ key }) => key === panel.key);
  const [list, start] = index < 0 && panel.image ? [[panel.image], 0] : [pictures, index];
  if (start < 0) return;
  await openLightbox(list, start, {
    onClose: ({ key }) => look(key),
    onPart: ({ key }) => {
      look(key);
      panel.searchPart();
    },
    ...(mayDelete && { onDelete: (picture) => deleteImages([picture]) }),
  });
}

/** @param {string} key of the image that was seen last in the large view */
function look(key) {
  navigate(urlOver(key), { replace: true });
}

/** @param {MouseEvent} event */
function onClick(event) {
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (event.defaultPrevented || !link || !staysHere(link) || isModified(event)) return;
  event.preventDefault();
  const isTile = link.closest(".tile") !== null;
  selecting = isTile && event.detail > 0 ? event : undefined;
  const trail = panel.trailTo(link);
  if (isTile) select(link, keyIn(link), trail);
  else navigate(link.href, { trail });
}

/**
 * @param {HTMLAnchorElement} link the tile of an image
 * @param {string} key
 * @param {import("./url/router.js").Step[]} trail
 */
function select(link, key, trail) {
  movePicture(link.querySelector("img"), () => navigate(urlOver(key), { trail }), () => panel.place);
}

/**
 * Selecting an image moves its neighbours. The second click of a double click is meant for the same image, and a quick
 * click elsewhere for another one, but neither for the large picture that is under the pointer by then.
 *
 * @param {MouseEvent} event
 */
function onQuickClick(event) {
  if (!selecting || event.timeStamp - selecting.timeStamp > DOUBLE_CLICK_MS) return;
  const distance = Math.hypot(event.clientX - selecting.clientX, event.clientY - selecting.clientY);
  const again = distance < DOUBLE_CLICK_DISTANCE && event.detail > 1;
  if (!again && event.target instanceof Element && event.target.closest(".tile, a, button, summary")) return;
  event.preventDefault();
  event.stopPropagation();
  if (again && event.detail === 2) void enlarge();
}

/** @param {HTMLAnchorElement} link */
function staysHere({ download, origin, pathname }) {
  return !download && origin === location.origin && pathname === "/";
}

/** @param {MouseEvent} event one that opens a new tab, or a menu */
function isModified({ metaKey, ctrlKey, shiftKey, altKey, button }) {
  return metaKey || ctrlKey || shiftKey || altKey || button !== 0;
}

/** @param {HTMLAnchorElement} link to an image */
function keyIn({ href }) {
  return new URL(href).searchParams.get("key") ?? "";
}

function goBack() {
  if (selection.size > 0) selection.clear();
  else if (panel.key) closePanel();
}

/** @param {HTMLElement} button */
function picturesOf(button) {
  if (button.closest("#selection")) return selection.pictures;
  return panel.image ? [panel.image] : [];
}

function retry() {
  health.retry();
  views.shown.retry();
}

new FilterForm();
new WordsForm();
new Copies();
new PartDialog();
addEventListener("click", onQuickClick, { capture: true });
addEventListener("click", onClick);
router.addEventListener("change", showRoute);
router.start(() => views.shown.grid.place);
WIDE.addEventListener("change", coverPage);
selection.addEventListener("change", () => void learnOfTrash());
listenToShortcuts({
  "/": () => searchBox.focus(),
  "?": enableHelp(),
  Escape: goBack,
  Delete: deleteChosen,
  "Ctrl+a": () => (views.shown === trash ? trash.selectAll() : selection.add(views.pictures)),
  "Ctrl+z": () => deletions.undo(),
});
serveCopyButtons(picturesOf, () => health.bucket());
watchConnection(retry);
const ready = health.show();
if (isSigningIn()) await ready;
showRoute();
