// The runtime packages of a workspace, from the lock file, and which of their files are shipped.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { root } from './node.mjs';

const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages;

/**
 * The folders of everything that `parts` depend on, as the lock file names them; parts of the repository itself are left out, and what is
 * optional, since Buoy runs without it.
 * @param options.withDevelopment parts that build their development dependencies in
 * @param options.except names that are left out with all they bring
 * @param options.only of the names that the parts themselves depend on, those to follow
 */
export function packagesOf(parts, { withDevelopment = [], except = [], only = null } = {}) {
  const found = new Set();
  const follow = (folder, names) => {
    for (const name of names) {
      if (except.includes(name)) continue;
      const at = placeOf(name, folder);
      if (at === null || found.has(at)) continue;
      const { link, resolved, dependencies = {} } = lock[at];
      if (link) {
        follow(resolved, Object.keys(lock[resolved].dependencies ?? {}));
        continue;
      }
      found.add(at);
      follow(at, Object.keys(dependencies));
    }
  };
  for (const part of parts) {
    const { dependencies = {}, devDependencies = {} } = lock[part];
    const names = Object.keys({
      ...dependencies,
      ...(withDevelopment.includes(part) ? devDependencies : {}),
    });
    follow(
      part,
      names.filter((name) => only === null || only.includes(name)),
    );
  }
  return [...found].sort();
}

/** Node's own way to find `name` from `folder`: the nearest node_modules above. */
function placeOf(name, folder) {
  for (let at = folder; ; at = at.includes('/') ? at.slice(0, at.lastIndexOf('/')) : '') {
    const place = path.posix.join(at, 'node_modules', name);
    if (lock[place] !== undefined) return place;
    if (at === '') return null;
  }
}

/** Not needed to run: types, source maps, sources of native code, and native code for other systems. */
const LEFT_OUT = [
  /\.d\.[mc]?ts$/,
  /\.map$/,
  /\/better-sqlite3\/(deps|src)(\/|$)/,
  /\/swagger-ui-dist\/(swagger-ui-es-|swagger-ui\.js)/,
];

/** Copies one package, with its own place among the others, below `stage`. */
export function copyPackage(folder, stage) {
  const from = path.join(root, folder);
  if (!existsSync(from)) throw new Error(`${folder} is not installed.`);
  const native = `${process.platform}-${process.arch}.node`;
  cpSync(from, path.join(stage, folder), {
    recursive: true,
    filter: (file) => {
      const inside = file.slice(from.length);
      if (/^\/node_modules(\/|$)/.test(inside)) return false;
      if (/\/prebuilds\/[^/]+\.node$/.test(inside)) return path.basename(file) === native;
      return !LEFT_OUT.some((pattern) => pattern.test(file));
    },
  });
}
