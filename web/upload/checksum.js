/**
 * @param {File} file
 * @returns {Promise<string | undefined>} the SHA-256 of its content in base64, as S3 wants it; nothing where browsers
 *   compute none, which is on a page that came by plain HTTP
 */
export async function checksum(file) {
  if (!isSecureContext) return undefined;
  const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
  return btoa(String.fromCharCode(...new Uint8Array(digest)));
}
