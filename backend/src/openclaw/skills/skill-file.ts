// A file of an uploaded skill, and the error for a refused upload.
import { AppError } from '../../lib/app-error.ts';

export type SkillFile = {
  /** Relative, with "/" between its parts. */
  path: string;
  bytes: Buffer;
  executable: boolean;
};

/** `file` is the name inside the upload, as far as it can be shown. */
export function refusedUpload(message: string, file: string | null = null): AppError {
  return new AppError('invalid_request', message, {
    hint: 'Upload a zip of one folder that contains SKILL.md, or SKILL.md alone.',
    ...(file === null ? {} : { details: [{ path: printable(file), message }] }),
  });
}

function printable(name: string): string {
  return name
    .slice(0, 200)
    .toWellFormed()
    .replace(/[\x00-\x1f\x7f]/g, '?');
}
