/** The name of the picture in both views. */
const NAME = "picture";
const STILL = matchMedia("(prefers-reduced-motion: reduce)");

/**
 * Changes the page. The picture is seen to move from where it was to where it is, unless people want less motion.
 *
 * @param {HTMLElement | null | undefined} from
 * @param {() => void} change
 * @param {() => HTMLElement | null | undefined} findTo called after the change
 */
export function movePicture(from, change, findTo) {
  if (!document.startViewTransition || STILL.matches || !from) return change();
  /** @type {HTMLElement | null | undefined} */
  let to;
  from.style.viewTransitionName = NAME;
  const transition = document.startViewTransition(() => {
    from.style.viewTransitionName = "";
    change();
    to = findTo();
    if (to) to.style.viewTransitionName = NAME;
  });
  transition.ready.catch(() => {}); // another change came before it could be seen
  void transition.finished.finally(() => to && (to.style.viewTransitionName = ""));
}
