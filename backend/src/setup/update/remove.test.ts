// The shell function by which updates and restores remove folders, run by an account to which modes of folders apply.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const script = readFileSync(new URL('./remove.sh', import.meta.url), 'utf8');
/** Root is refused nothing. */
const account = process.getuid?.() === 0 ? 65_534 : undefined;

let root: string;
const made: string[] = [];
const make = (name: string) => {
  const folder = path.join(root, name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'file'), 'x');
  for (let one = path.join(folder, 'file'); one !== root; one = path.dirname(one))
    if (account !== undefined) chownSync(one, account, account);
  made.push(folder);
  return folder;
};
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'buoy-remove-'));
  chmodSync(root, 0o755);
  if (account !== undefined) chownSync(root, account, account);
});
afterEach(() => {
  for (const folder of [root, ...made.splice(0)]) if (existsSync(folder)) chmodSync(folder, 0o755);
  rmSync(root, { recursive: true, force: true });
});

const remove = (...places: string[]) =>
  spawnSync('sh', ['-c', `${script}\nremove "$@"`, 'sh', ...places], {
    encoding: 'utf8',
    ...(account === undefined ? {} : { uid: account, gid: account }),
  });

it.each([
  ['written to', 0o555],
  ['read', 0o300],
  ['opened', 0o000],
])('removes folders that may not be %s, in one another and several at once', (_what, mode) => {
  const inner = make('cache/mod/deep');
  const other = make('other');
  for (const folder of [inner, path.dirname(inner), other]) chmodSync(folder, mode);
  const { status, stderr } = remove(path.join(root, 'cache'), path.join(root, 'nothing'), other);
  expect([status, stderr]).toEqual([0, '']);
  expect([existsSync(path.join(root, 'cache')), existsSync(other)]).toEqual([false, false]);
});

it('changes nothing behind a link', () => {
  const outside = make('outside');
  const inside = make('inside');
  symlinkSync(outside, path.join(inside, 'link'));
  symlinkSync(outside, path.join(root, 'link'));
  for (const folder of [outside, inside]) chmodSync(folder, 0o555);
  expect(remove(inside, path.join(root, 'link')).status).toBe(0);
  expect(statSync(outside).mode & 0o777).toBe(0o555);
  expect(existsSync(path.join(outside, 'file'))).toBe(true);
});

it('says what stays', () => {
  const folder = make('of-another/inner');
  const outer = path.dirname(folder);
  if (account !== undefined) chownSync(outer, 0, 0);
  else chmodSync(root, 0o555);
  const { status, stderr } = remove(account === undefined ? outer : folder);
  expect(status).not.toBe(0);
  expect(stderr).toContain('of-another');
});
