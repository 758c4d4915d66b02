/**
 * A part of a query that stands beside the words in the search box.
 *
 * @typedef {object} Term
 * @property {"words" | "image" | "picture"} kind an image is stored in the bucket; a picture exists only in this tab
 * @property {string} value the words, the key of the image, or the name of the picture
 * @property {number} weight below 0: less like this
 * @property {Crop} [crop] the part of an image that counts
 */

/** @typedef {[x: number, y: number, width: number, height: number]} Crop fractions of the upright picture */

/** The API takes no more terms than this. */
export const MOST_TERMS = 8;
/** Weights of added terms. A "less like" of full weight would leave little of a single "more like". */
export const MORE = 1;
export const LESS = -0.5;
/** A picture at full weight leaves little of the words beside it. */
const BESIDE_WORDS = 0.5;

/** The strengths of a term, and their factors. */
export const STRENGTHS = /** @type {const} */ (["a little", "normal", "a lot"]);
const FACTORS = [0.5, 1, 2];
/** Thirds add up to a little more than 1. */
const ROUNDING = 1e-9;
const MOST_WEIGHT = 2;
const KINDS = /** @type {const} */ (["words", "image", "picture"]);
const NUMBER = String.raw`-?\d*\.?\d+`;
/** As in `0.5:people` and `1@0.1,0.2,0.3,0.4:animals/cat.jpg`. */
const WRITTEN = new RegExp(`^(${NUMBER})(?:@(${NUMBER}(?:,${NUMBER}){3}))?:(.+)$`, "s");

/**
 * @param {URLSearchParams} query
 * @returns {Term[]} in the order of the URL; what cannot be read is left out
 */
export function readTerms(query) {
  return [...query].flatMap(([name, written]) => readTerm(name, written) ?? []).slice(0, MOST_TERMS - 1);
}

/**
 * @param {string} name of a parameter
 * @param {string} written
 * @returns {Term | undefined}
 */
function readTerm(name, written) {
  const kind = KINDS.find((known) => known === name);
  const [, number, crop, value] = WRITTEN.exec(written) ?? [];
  const weight = Math.min(Math.max(Number(number), -MOST_WEIGHT), MOST_WEIGHT);
  if (!kind || !weight || !value) return undefined;
  return { kind, value, weight, crop: readCrop(crop) };
}

/**
 * @param {string | null | undefined} written as in `0.1,0.2,0.3,0.4`
 * @returns {Crop | undefined} nothing unless it lies in the picture
 */
export function readCrop(written) {
  const [x, y, width, height] = (written ?? "").split(",").map(Number);
  const inside = x >= 0 && y >= 0 && width > 0 && height > 0 && x + width <= 1 + ROUNDING && y + height <= 1 + ROUNDING;
  return inside ? [x, y, width, height] : undefined;
}

/**
 * @param {Term[]} terms
 * @param {URLSearchParams} query gets them as parameters
 */
export function writeTerms(terms, query) {
  for (const { kind, value, weight, crop } of terms) {
    query.append(kind, `${weight}${crop ? `@${crop.join(",")}` : ""}:${value}`);
  }
}

/**
 * @param {1 | -1} sign more or less like it
 * @param {boolean} besideWords
 * @returns {number} the weight that a picture starts with
 */
export function pictureWeight(sign, besideWords) {
  if (sign < 0) return LESS;
  return besideWords ? BESIDE_WORDS : MORE;
}

/**
 * @param {Term[]} terms
 * @param {Term} added takes the place of the same thing if that is there already
 * @returns {Term[]}
 */
export function withTerm(terms, added) {
  const known = terms.some((term) => isSame(term, added));
  return known ? terms.map((term) => (isSame(term, added) ? added : term)) : [...terms, added];
}

/**
 * @param {Term[]} terms
 * @param {Term} removed
 * @returns {Term[]}
 */
export function withoutTerm(terms, removed) {
  return terms.filter((term) => !isSame(term, removed));
}

/**
 * @param {Term[]} terms
 * @returns {boolean} whether there is nothing to be like
 */
export function excludesOnly(terms) {
  return terms.every(({ weight }) => weight < 0);
}

/**
 * @param {Term} one
 * @param {Term} other
 */
export function isSame(one, other) {
  return one.kind === other.kind && one.value === other.value && String(one.crop) === String(other.crop);
}

/**
 * @param {Term} term
 * @returns {number} the index of the nearest of the strengths
 */
export function strengthOf({ weight }) {
  const factor = weight / baseOf(weight);
  const distances = FACTORS.map((known) => Math.abs(Math.log(known / factor)));
  return distances.indexOf(Math.min(...distances));
}

/**
 * @param {Term} term
 * @param {number} strength an index of the strengths
 * @returns {Term}
 */
export function withStrength(term, strength) {
  return { ...term, weight: baseOf(term.weight) * FACTORS[strength] };
}

/** @param {number} weight */
function baseOf(weight) {
  return weight < 0 ? LESS : MORE;
}
