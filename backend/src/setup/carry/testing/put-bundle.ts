// What Buoy has sent, put into the home of a test's server without a connection.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type BundleFile, createBundle } from '../bundle.ts';

/** An npm that reaches no registry but the one that it is given. */
export const NPM_WITHOUT_INTERNET = `#!/usr/bin/env node
const { appendFileSync, cpSync, mkdirSync, symlinkSync, writeFileSync } = require('node:fs');
const [, , command, ...words] = process.argv;
appendFileSync(process.env.HOME + '/npm-called', command + '\\n');
const after = (name) => words[words.indexOf(name) + 1];
if (command === 'view') {
  console.error('npm error code ECONNREFUSED');
  process.exit(1);
}
fetch(after('--registry') + 'openclaw')
  .then((response) => response.json())
  .then(({ versions }) => {
    const [version] = Object.keys(versions);
    const prefix = after('--prefix');
    const folder = prefix + '/lib/node_modules/openclaw';
    mkdirSync(prefix + '/bin', { recursive: true });
    mkdirSync(folder, { recursive: true });
    writeFileSync(folder + '/package.json', JSON.stringify({ name: 'openclaw', version }, null, 2));
    cpSync(process.env.HOME + '/openclaw-program', folder + '/openclaw.mjs');
    symlinkSync('../lib/node_modules/openclaw/openclaw.mjs', prefix + '/bin/openclaw');
    process.exit(0);
  });
`;

/** @returns the variables of a script that takes it */
export async function putBundle(
  home: string,
  files: readonly BundleFile[],
): Promise<{ CARRIED: string; CARRIED_SHA256: string; CARRIED_INDEX_BYTES: string }> {
  const { sha256, indexBytes, parts, read } = await createBundle(files, {
    signal: new AbortController().signal,
  });
  const folder = path.join(home, '.buoy/carried/bundle');
  mkdirSync(folder, { recursive: true });
  for (const part of parts)
    writeFileSync(path.join(folder, String(part.number).padStart(4, '0')), await read(part));
  return { CARRIED: 'bundle', CARRIED_SHA256: sha256, CARRIED_INDEX_BYTES: String(indexBytes) };
}
