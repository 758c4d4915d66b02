/** Models see some 250 pixels; a part of a picture needs more. */
const LONGEST_SIDE = 512;
const JPEG_QUALITY = 0.9;
const STORED_AS = "picture:";
/** Pictures that the tab's storage does not take: they last until the page is loaded again. @type {Map<string, string>} */
const memory = new Map();

/** A file that the browser cannot show as a picture. */
class UnreadablePictureError extends Error {
  /** @param {File} file */
  constructor(file) {
    super(`“${file.name}” is not a picture that this browser can read.`);
    this.name = "UnreadablePictureError";
  }
}

/**
 * Keeps a small copy of a picture in this tab, to search with. It is not stored anywhere else.
 *
 * @param {File} file
 * @returns {Promise<string>} its name, for a URL that works in this tab
 * @throws {UnreadablePictureError}
 */
export async function keepPicture(file) {
  const url = await smallCopy(file);
  const name = Date.now().toString(36);
  store(STORED_AS + name, url.slice(url.indexOf(",") + 1));
  return name;
}

/**
 * @param {string} name
 * @returns {string | null} base64 of a JPEG; null in any tab except the one in which it was chosen
 */
export function pictureData(name) {
  return memory.get(STORED_AS + name) ?? storage()?.getItem(STORED_AS + name) ?? null;
}

/** @param {string} name */
export function isHere(name) {
  return pictureData(name) !== null;
}

/**
 * @param {string} name
 * @returns {string | undefined} a URL for an image element
 */
export function pictureUrl(name) {
  const data = pictureData(name);
  return data ? `data:image/jpeg;base64,${data}` : undefined;
}

/**
 * @param {DataTransfer | null} transfer what is dropped or pasted
 * @returns {File | undefined} the first picture in it
 */
export function pictureIn(transfer) {
  return [...(transfer?.files ?? [])].find((file) => file.type.startsWith("image/"));
}

/**
 * @param {File} file
 * @returns {Promise<string>} a data URL
 */
async function smallCopy(file) {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new UnreadablePictureError(file);
  });
  const scale = Math.min(1, LONGEST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  draw(bitmap, canvas);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}

/**
 * @param {ImageBitmap} bitmap
 * @param {HTMLCanvasElement} canvas
 */
function draw(bitmap, canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser has no canvas");
  context.imageSmoothingQuality = "high";
  context.fillStyle = "white"; // as the server composites transparency
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
}

/**
 * The storage of a tab holds about a hundred pictures; the oldest make room.
 *
 * @param {string} name
 * @param {string} data
 */
function store(name, data) {
  const place = storage();
  for (;;) {
    try {
      if (!place) break;
      return place.setItem(name, data);
    } catch {
      const oldest = Object.keys(place ?? {}).filter((key) => key.startsWith(STORED_AS)).sort()[0];
      if (!oldest) break;
      place?.removeItem(oldest);
    }
  }
  memory.set(name, data);
}

/** @returns {Storage | undefined} undefined if the browser forbids the page to store anything */
function storage() {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
