// npm run build -w cli [-- FOLDER]: the whole command in one file, beside it what makes a package of it that npm takes anywhere.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';

const here = import.meta.dirname;
const manifestIn = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const target = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
const file = path.join(target, 'buoy.mjs');

await build({
  input: path.join(here, 'src', 'main.ts'),
  platform: 'node',
  // What is imported when needed is in the one file too.
  output: { file, minify: true, codeSplitting: false },
});
chmodSync(file, 0o755);
const { version } = manifestIn(path.dirname(here));
const { name, description, license, type, engines } = manifestIn(here);
const manifest = { name, version, description, license, type, engines, bin: { buoy: 'buoy.mjs' } };
writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
