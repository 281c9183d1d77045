// Manual change of the token secret: older secrets stay valid for a day.
import { mkdtempSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { pruneJwtSecrets, rotateJwtSecret } from './jwt-secrets.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const [first, second, third] = ['f', 's', 't'].map((letter) => letter.repeat(32)) as [string, string, string];

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'buoy-jwt-'));
  file = path.join(folder, 'jwt-secret');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const kept = (...secrets: string[]) => {
  writeFileSync(file, `${secrets.join('\n')}\n`);
  return { secrets, file, commands: 'npm' as const };
};
const lines = () => readFileSync(file, 'utf8').split('\n');
const changedAt = (): number => statSync(file).mtimeMs;
const caught = (run: () => unknown) => {
  try {
    return run();
  } catch (error) {
    return error;
  }
};
const refusal = (words: string, hint: string) => ({
  code: 'conflict',
  message: expect.stringContaining(words),
  hint: expect.stringContaining(hint),
});

describe('rotating the JWT secret', () => {
  test('puts a new secret first in the file, keeps mode 600, and prints no secret', () => {
    const { words, settings } = rotateJwtSecret(kept(second, first), false);
    const [fresh = '', ...before] = lines();
    expect(before).toEqual([second, first, '']);
    expect(fresh.length).toBeGreaterThanOrEqual(32);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(words).toContain('Restart Buoy');
    for (const secret of [fresh, first, second]) expect(words).not.toContain(secret);
    expect(settings).toEqual([]);
  });

  test('does not write a secret of the environment into the file', () => {
    kept(second);
    rotateJwtSecret({ secrets: [second, first], file, commands: 'npm' }, false);
    expect(lines()).not.toContain(first);
  });

  test('from the environment prints the new and previous secrets only with --print', () => {
    expect(
      caught(() => rotateJwtSecret({ secrets: [first], file: null, commands: 'npm' }, false)),
    ).toMatchObject(refusal('JWT_SECRET comes from the environment', '--print'));
    const { settings, words } = rotateJwtSecret({ secrets: [first], file: null, commands: 'npm' }, true);
    expect(settings).toEqual([
      expect.stringMatching(/^JWT_SECRET=[\w-]{32,}$/),
      `JWT_SECRET_PREVIOUS=${first}`,
    ]);
    expect(words).not.toContain('stop working at the restart');
    expect(rotateJwtSecret({ secrets: [second, first], file: null, commands: 'npm' }, true).words).toContain(
      'stop working at the restart',
    );
  });

  test('in a file refuses --print', () => {
    expect(caught(() => rotateJwtSecret(kept(first), true))).toMatchObject(refusal('nothing to print', ''));
    expect(lines()).toEqual([first, '']);
  });
});

describe('pruning JWT secrets', () => {
  test('keeps only the newest once it is a day old', () => {
    const jwt = kept(third, second, first);
    pruneJwtSecrets(jwt, { now: changedAt() + DAY_MS, atOnce: false });
    expect(lines()).toEqual([third, '']);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test('is refused earlier, with the age and the allowed time, and leaves the file unchanged', () => {
    const jwt = kept(second, first);
    utimesSync(file, new Date(), new Date('2026-03-01T10:00:00.000Z'));
    const ask = (now: number) => caught(() => pruneJwtSecrets(jwt, { now, atOnce: false }));
    expect(ask(changedAt() + DAY_MS - 1)).toMatchObject(refusal('23 h old', '2026-03-02T10:00:00.000Z'));
    expect(ask(changedAt() + 1)).toMatchObject(refusal('less than an hour old', '--now'));
    expect(lines()).toEqual([second, first, '']);
  });

  test('is done earlier with --now', () => {
    pruneJwtSecrets(kept(second, first), { now: changedAt(), atOnce: true });
    expect(lines()).toEqual([second, '']);
  });

  test('does nothing with a single secret', () => {
    const jwt = kept(first);
    expect(pruneJwtSecrets(jwt, { now: changedAt(), atOnce: false }).words).toContain('Only one JWT secret');
    expect(
      pruneJwtSecrets({ secrets: [first], file: null, commands: 'npm' }, { now: 0, atOnce: true }).words,
    ).toContain('Only');
    expect(lines()).toEqual([first, '']);
  });

  test.each([
    ['the environment gives both', null],
    ['the environment gives the one before', 'file'],
  ])('is refused when %s', (_what, where) => {
    kept(second);
    const jwt = { secrets: [second, first], file: where === null ? null : file, commands: 'npm' as const };
    expect(caught(() => pruneJwtSecrets(jwt, { now: changedAt(), atOnce: true }))).toMatchObject(
      refusal('JWT_SECRET_PREVIOUS', 'restart Buoy'),
    );
  });
});
