/** The name of the picture in both views. */
const NAME = "picture";
const STILL = matchMedia("(prefers-reduced-motion: reduce)");
/** The one element that has the name. @type {HTMLElement | null | undefined} */
let named;
/** @type {ViewTransition | undefined} */
let running;

/**
 * Changes the page. The picture is seen to move from where it was to where it is, unless people want less motion.
 *
 * @param {HTMLElement | null | undefined} from
 * @param {() => void} change
 * @param {() => HTMLElement | null | undefined} findTo called after the change
 */
export function movePicture(from, change, findTo) {
  if (!document.startViewTransition || STILL.matches || !from) return change();
  name(from);
  const transition = document.startViewTransition(() => {
    change();
    if (running === transition) name(findTo());
  });
  running = transition;
  transition.ready.catch(() => {}); // another change came before it could be seen
  void transition.finished.finally(() => running === transition && name(undefined));
}

/** @param {HTMLElement | null | undefined} element gets the name, and no other keeps it */
function name(element) {
  if (named) named.style.viewTransitionName = "";
  named = element;
  if (element) element.style.viewTransitionName = NAME;
}
