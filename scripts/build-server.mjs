// Bundles the server and its commands into a few files, since a thousand small ones take longer to find and open than
// to run.
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { decode, encode } from '@jridgewell/sourcemap-codec';
import { rolldown } from 'rolldown';
import { root } from './node.mjs';

const source = path.join(root, 'backend/src');

/** What `buoy-server` starts. */
const PROGRAMS = {
  main: 'main.ts',
  ...Object.fromEntries(
    ['sign-in-link', 'audit-log', 'keys', 'backup', 'restore', 'open-snapshot', 'doctor'].map((name) => [
      name,
      `commands/${name}.ts`,
    ]),
  ),
};
/** Packages that are shipped unbundled: native code, and files for browsers. */
export const packagesBeside = ['better-sqlite3', 'swagger-ui-dist'];
/** Optional native code of packages. */
const NOT_SHIPPED = ['cpu-features', 'pg-native', './crypto/build/Release/sshcrypto.node'];
/** Characters; smaller files join their neighbours. */
const SMALL = 64_000;

/** A module finds what lies beside it, whichever file it is built into. What runs in a thread or process of its own gets a file. */
const places = {
  name: 'places',
  transform: {
    filter: { id: /\.ts$/, code: 'import.meta' },
    handler(code, id) {
      const place = JSON.stringify(path.relative(source, id));
      const placed = code
        .replace(/new URL\('(\.\/[\w-]+\.ts)', import\.meta\.url\)/g, (_whole, program) => {
          const file = this.emitFile({ type: 'chunk', id: path.resolve(path.dirname(id), program) });
          return `new URL(import.meta.ROLLUP_FILE_URL_${file})`;
        })
        .replace(/import\.meta\.url\b/g, `new URL(${place}, import.meta.url).href`);
      // Line for line as before.
      return { code: placed, map: null };
    },
  },
};

/** Writes the programs into `target`, with the scripts for hosts in folders as the sources have them. */
export async function buildServer(target) {
  const bundle = await rolldown({
    input: Object.fromEntries(
      Object.entries(PROGRAMS).map(([name, file]) => [name, path.join(source, file)]),
    ),
    platform: 'node',
    external: [...packagesBeside, ...NOT_SHIPPED],
    plugins: [places],
    // Packages ask for their folder to start programs that Buoy does not use.
    transform: { define: { __dirname: 'import.meta.dirname', __filename: 'import.meta.filename' } },
  });
  const { output } = await bundle.generate({
    dir: path.join(root, 'backend/dist'),
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
    sourcemap: 'hidden',
    codeSplitting: {
      groups: [
        {
          name: 'packages',
          test: /\/node_modules\//,
          entriesAware: true,
          entriesAwareMergeThreshold: SMALL,
        },
      ],
    },
  });
  await bundle.close();
  cpSync(source, target, { recursive: true, filter: (file) => !/\.ts$|\/testing$/.test(file) });
  mkdirSync(target, { recursive: true });
  for (const file of output) if (file.type === 'chunk') writeChunk(target, file);
}

/** A file, and for Buoy's own code beside it which lines of the sources it is from: what stack traces name. */
function writeChunk(target, { fileName, code, map, moduleIds }) {
  const file = path.join(target, fileName);
  if (!moduleIds.some((id) => /\.ts$/.test(id))) return writeFileSync(file, code);
  // Node holds it in memory: neither the sources nor places within a line.
  const lines = decode(map.mappings).map((segments) => segments.slice(0, 1).map((one) => one.slice(0, 4)));
  const { version, sources } = map;
  writeFileSync(file, `${code}\n//# sourceMappingURL=${fileName}.map\n`);
  writeFileSync(`${file}.map`, JSON.stringify({ version, sources, names: [], mappings: encode(lines) }));
}
