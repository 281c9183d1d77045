// A file that a person wants to upload as a skill: what it is, or why it cannot be one.

/** Bytes; Buoy takes no more. */
export const MAX_UPLOAD_BYTES = 5 * 1024 * 1024;

export type UploadType = 'application/zip' | 'text/markdown';

/** Browsers name types of files in ways of their own: the ending counts. */
export function uploadType(name: string): UploadType | null {
  if (/\.zip$/i.test(name)) return 'application/zip';
  return /\.(md|markdown)$/i.test(name) ? 'text/markdown' : null;
}

/** What keeps it from being uploaded; null: nothing that can be seen from here. */
export function uploadProblem(file: { name: string; size: number }): 'type' | 'empty' | 'large' | null {
  if (uploadType(file.name) === null) return 'type';
  if (file.size === 0) return 'empty';
  return file.size > MAX_UPLOAD_BYTES ? 'large' : null;
}
