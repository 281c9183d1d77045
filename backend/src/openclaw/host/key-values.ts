// Reads the `key=value` lines that the host scripts print, strictly enough that a cut or foreign output is noticed.
import { AppError } from '../../lib/app-error.ts';
import { ownText } from '../../lib/own-text.ts';
import type { ExecResult } from '../../ssh/ssh.ts';
import { cut } from '../reads/bounded.ts';

export type KeyValues = {
  /** null when absent or empty. */
  text(key: string): string | null;
  /** A whole number of at least 0; null when absent or anything else. */
  count(key: string): number | null;
  /** Text that the script sent as base64 under `key64`; null when absent. */
  decoded(key: string): string | null;
};

/** Lines that are read, those that a login profile prints included; our longest script prints some forty. */
const MAX_LINES = 5_000;
/** UTF-16 units of one text; the longest are the commands of a unit. */
const MAX_TEXT = 4_000;

/** Parses the output of one of our scripts. Throws `bad_gateway` when its last line, `end=1`, is missing. */
export function readKeyValues(result: ExecResult): KeyValues {
  const values = new Map<string, string>();
  for (const line of result.stdout.split('\n', MAX_LINES)) {
    const split = line.indexOf('=');
    // The first one counts: a profile prints before the script, but never says our keys, and no value of the script holds a line break.
    if (split > 0 && !values.has(line.slice(0, split)))
      values.set(line.slice(0, split), line.slice(split + 1));
  }
  if (result.truncated || values.get('end') !== '1') {
    throw new AppError('bad_gateway', 'The check of the server did not finish.', {
      hint: 'Check that the account may run /bin/sh and that its login profile does not end the shell.',
      details: { exitCode: result.exitCode, signal: result.signal },
    });
  }
  return {
    text: (key) => ownText(cut(values.get(key) ?? '', MAX_TEXT).trim()) || null,
    count(key) {
      const text = values.get(key)?.trim() ?? '';
      return /^\d{1,15}$/.test(text) ? Number(text) : null;
    },
    decoded(key) {
      const text = values.get(`${key}64`);
      return text === undefined ? null : Buffer.from(text, 'base64').toString('utf8');
    },
  };
}
