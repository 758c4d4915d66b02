/** @typedef {{file: File, path: string}} Found a file and its path from the folder that was chosen */

/**
 * The files that were dropped, those in folders too.
 *
 * @param {DataTransfer} transfer empty once the event has ended, so that its items are read at once
 * @returns {Promise<Found[]>}
 */
export async function droppedFiles(transfer) {
  const found = [...transfer.items].filter(({ kind }) => kind === "file").map(itemFiles);
  return (await Promise.all(found)).flat();
}

/**
 * The files that were chosen in a dialog.
 *
 * @param {FileList | null} files
 * @returns {Found[]}
 */
export function chosenFiles(files) {
  return [...(files ?? [])].map((file) => ({ file, path: file.webkitRelativePath || file.name }));
}

/**
 * @param {DataTransferItem} item
 * @returns {Found[] | Promise<Found[]>}
 */
function itemFiles(item) {
  const entry = item.webkitGetAsEntry();
  if (entry) return entryFiles(entry);
  const file = item.getAsFile();
  return file ? [{ file, path: file.name }] : [];
}

/**
 * @param {FileSystemEntry} entry
 * @returns {Promise<Found[]>}
 */
async function entryFiles(entry) {
  if (entry.isDirectory) return folderFiles(/** @type {FileSystemDirectoryEntry} */ (entry));
  /** @type {File} */
  const file = await new Promise((resolve, reject) => /** @type {FileSystemFileEntry} */ (entry).file(resolve, reject));
  return [{ file, path: entry.fullPath.slice(1) }];
}

/**
 * @param {FileSystemDirectoryEntry} folder
 * @returns {Promise<Found[]>}
 */
async function folderFiles(folder) {
  const reader = folder.createReader();
  const found = [];
  for (let entries = await readSome(reader); entries.length > 0; entries = await readSome(reader)) {
    found.push(...(await Promise.all(entries.map(entryFiles))).flat());
  }
  return found;
}

/**
 * @param {FileSystemDirectoryReader} reader
 * @returns {Promise<FileSystemEntry[]>} a hundred at most; none at the end
 */
function readSome(reader) {
  return new Promise((resolve, reject) => reader.readEntries(resolve, reject));
}
