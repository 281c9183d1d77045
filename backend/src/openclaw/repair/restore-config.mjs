// Runs on the server: puts an earlier config in the place of the present one, which it keeps beside it. Keys and passwords never leave the server for it.
// Arguments: the config file, SHA-256 of the present one, then `copy`, the file and its SHA-256, or `revision` and the config as JSON, in which a text of
// `hiddenTexts` stands for the value that is there now. Behind `hiddenTexts`. It prints nothing: what it reads is secret.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  lstatSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';

const [, file, presentSum, kind, wanted, wantedSum] = process.argv;
const exit = { presentChanged: 20, copyChanged: 21, unreadable: 22, noFile: 23, failed: 24 };
/** OpenClaw writes these itself at every change. */
const bookkeeping = ['meta', 'wizard'];

const sumOf = (bytes) => createHash('sha256').update(bytes).digest('hex');
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const holdsHidden = (value) =>
  typeof value === 'string'
    ? hiddenTexts.includes(value)
    : typeof value === 'object' && value !== null && Object.values(value).some(holdsHidden);

/** What is hidden stays as it is now; what is hidden and not there now is left out, and so is a list with such. */
function filled(target, present) {
  const entries = [];
  for (const [key, value] of Object.entries(target)) {
    const isThere = isObject(present) && Object.hasOwn(present, key);
    if (isObject(value)) entries.push([key, filled(value, isThere ? present[key] : undefined)]);
    else if (!holdsHidden(value)) entries.push([key, value]);
    else if (isThere) entries.push([key, present[key]]);
  }
  return Object.fromEntries(entries);
}

function ofRevision(bytes) {
  let present;
  try {
    present = JSON.parse(bytes.toString('utf8'));
  } catch {
    process.exit(exit.unreadable);
  }
  if (!isObject(present)) process.exit(exit.unreadable);
  const own = bookkeeping.filter((key) => Object.hasOwn(present, key)).map((key) => [key, present[key]]);
  const config = { ...filled(JSON.parse(wanted), present), ...Object.fromEntries(own) };
  return Buffer.from(`${JSON.stringify(config, null, 2)}\n`);
}

function ofCopy() {
  if (!lstatSync(wanted).isFile()) process.exit(exit.copyChanged);
  const bytes = readFileSync(wanted);
  if (sumOf(bytes) !== wantedSum) process.exit(exit.copyChanged);
  return bytes;
}

try {
  // A link leads to a file that somebody keeps elsewhere.
  if (!lstatSync(file).isFile()) process.exit(exit.noFile);
  const present = readFileSync(file);
  const kept = `${file}.before-rollback`;
  const fresh = `${file}.rollback-new`;
  const targetOf = (replaced) => (kind === 'copy' ? ofCopy() : ofRevision(replaced));
  if (sumOf(present) !== presentSum) {
    // Its answer may have been lost the first time.
    const replaced = existsSync(kept) ? readFileSync(kept) : null;
    const isDone =
      replaced !== null && sumOf(replaced) === presentSum && sumOf(targetOf(replaced)) === sumOf(present);
    process.exit(isDone ? 0 : exit.presentChanged);
  }
  const bytes = targetOf(present);
  for (const old of [kept, fresh]) rmSync(old, { force: true });
  copyFileSync(file, kept);
  writeFileSync(fresh, bytes, { mode: 0o600, flush: true });
  renameSync(fresh, file);
} catch {
  process.exit(exit.failed);
}
