// Hands a file to the browser's own downloads.

/** Milliseconds until the browser has surely begun to copy the file; some read it only after the click has returned. */
const KEPT_FOR_MS = 60_000;

export function saveFile(file: Blob, filename: string): void {
  const url = URL.createObjectURL(file);
  const link = document.createElement('a');
  link.href = url;
  link.download = filename;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_FOR_MS);
}
