// Manual change of the token secret. Older secrets stay valid for a day, so that nobody is signed out.

import { readFileSync, statSync } from 'node:fs';
import { AppError } from '../lib/app-error.ts';
import { newSecret } from '../lib/ids.ts';
import { type Commands, machineCommand } from '../lib/machine-command.ts';
import { type KeyChange, refuseToPrint, refuseUnlessPrinted, writeKeys } from './key-change.ts';

const HOUR_MS = 3_600_000;
/** The life of a token, from the contract. */
const OVERLAP_MS = 24 * HOUR_MS;

export type JwtSecrets = {
  /** As Buoy would read them now, JWT_SECRET_PREVIOUS included. */
  secrets: readonly string[];
  /** null: the environment gives the first. */
  file: string | null;
  commands: Commands;
};

/**
 * Puts a fresh secret in front.
 * @param print for a secret from the environment: show the new one
 * @throws AppError `conflict`
 */
export function rotateJwtSecret({ secrets, file, commands }: JwtSecrets, print: boolean): KeyChange {
  const fresh = newSecret();
  if (file === null) {
    refuseUnlessPrinted('JWT_SECRET', print);
    return {
      words: `Set this, then restart Buoy; a day later remove JWT_SECRET_PREVIOUS and restart again.${secrets.length > 1 ? ' Tokens signed with the current JWT_SECRET_PREVIOUS stop working at the restart.' : ''}`,
      settings: [`JWT_SECRET=${fresh}`, `JWT_SECRET_PREVIOUS=${secrets[0]}`],
    };
  }
  refuseToPrint(file, print);
  writeKeys(file, [fresh, ...linesOf(file)].join('\n'));
  return {
    words: `${file} starts with a new secret. Restart Buoy to sign with it; earlier tokens stay valid. A day later, "${machineCommand(commands, 'keys', 'prune jwt')}" removes the older ones; if one of them has leaked, do that at once, with --now.`,
    settings: [],
  };
}

/**
 * Takes all secrets but the first away.
 * @param parts.now milliseconds since the epoch
 * @param parts.atOnce also when tokens that were signed with an older one may still be in use
 * @throws AppError `conflict`
 */
export function pruneJwtSecrets(
  { secrets, file }: JwtSecrets,
  { now, atOnce }: { now: number; atOnce: boolean },
): KeyChange {
  const lines = file === null ? [] : linesOf(file);
  const [first, ...old] = lines;
  if (file === null || first === undefined || old.length === 0) {
    if (secrets.length > 1)
      throw new AppError(
        'conflict',
        'JWT_SECRET_PREVIOUS comes from the environment, which this command cannot change.',
        {
          hint: 'Remove it from the environment of Buoy a day after the restart that introduced it, then restart Buoy.',
        },
      );
    return { words: 'Only one JWT secret exists; nothing to remove.', settings: [] };
  }
  // Every change of the file makes it younger, which errs on the safe side.
  const { mtimeMs } = statSync(file);
  if (!atOnce && now - mtimeMs < OVERLAP_MS)
    throw new AppError(
      'conflict',
      `The newest JWT secret is ${ageOf(now - mtimeMs)} old: tokens that were signed with an older one are valid for a day, and would stop working now.`,
      {
        hint: `Run this again after ${new Date(mtimeMs + OVERLAP_MS).toISOString()}, or with --now: holders of such a token must then sign in again.`,
      },
    );
  writeKeys(file, first);
  return {
    words: `${file} now has only the newest secret. Restart Buoy: tokens that were signed with an older one then stop working.`,
    settings: [],
  };
}

/** One secret a line; the configuration has found them good. */
function linesOf(file: string): string[] {
  return readFileSync(file, 'utf8')
    .trim()
    .split(/\s*\n\s*/);
}

function ageOf(ms: number): string {
  return ms < HOUR_MS ? 'less than an hour' : `${Math.floor(ms / HOUR_MS)} h`;
}
