// npm run build -w cli [-- FOLDER]: the whole command in one file, beside it what makes a package of it that npm takes anywhere.
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { build } from 'rolldown';

const here = import.meta.dirname;
const manifestIn = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));
const target = path.resolve(process.argv[2] ?? path.join(here, 'dist'));
const file = path.join(target, 'buoy.mjs');

/**
 * The module with zod, and two packages, which few commands need: kept as text in the one file until they are imported, since Node reads all code at
 * each start. None of them uses a part of Node, which a module from text cannot find.
 */
const late = /\/servers-file\.ts$|^yaml$|^@michaelhomer\/jqjs$/;
const LATE = '\0late:';
const asText = {
  name: 'late',
  resolveId: (specifier, importer) =>
    late.test(specifier)
      ? `${LATE}${specifier.startsWith('.') ? path.resolve(path.dirname(importer), specifier) : specifier}`
      : null,
  async load(id) {
    if (!id.startsWith(LATE)) return null;
    const { output } = await build({
      cwd: here,
      input: id.slice(LATE.length),
      platform: 'browser',
      write: false,
      output: { minify: true, codeSplitting: false },
    });
    const [{ code, exports }] = output;
    const names = exports.filter((name) => name !== 'default');
    return [
      `const url = 'data:text/javascript,' + encodeURIComponent(${JSON.stringify(code)});`,
      `export const { ${names.join(', ')} } = await import(url);`,
    ].join('\n');
  },
};

await build({
  input: path.join(here, 'src', 'main.ts'),
  platform: 'node',
  plugins: [asText],
  // What is imported when needed is in the one file too.
  output: { file, minify: true, codeSplitting: false },
});
chmodSync(file, 0o755);
const { version } = manifestIn(path.dirname(here));
const { name, description, license, type, engines } = manifestIn(here);
const manifest = { name, version, description, license, type, engines, bin: { buoy: 'buoy.mjs' } };
writeFileSync(path.join(target, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
