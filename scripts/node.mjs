// Finds the Node that Buoy runs on: the pinned one in node_modules, whatever Node npm itself was started with.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const bin = path.join(root, 'node_modules', '.bin');
const MINIMUM = [24, 16];

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number);
  return major > MINIMUM[0] || (major === MINIMUM[0] && minor >= MINIMUM[1]);
}

/** The packaged Node for this system, or null. Read from the package, since npm before 11 makes no node_modules/.bin/node. */
function packagedNode() {
  try {
    const manifest = createRequire(path.join(root, 'package.json')).resolve(
      `node-${process.platform}-${process.arch}/package.json`,
    );
    const file = path.join(path.dirname(manifest), 'bin', 'node');
    return existsSync(file) ? file : null;
  } catch {
    return null;
  }
}

/** The path of a Node that is new enough; exits with a message when none is found. */
export function nodePath() {
  const packaged = packagedNode();
  if (packaged !== null) return packaged;
  if (isNewEnough(process.versions.node)) return process.execPath;
  console.error(
    `Buoy needs Node ${MINIMUM.join('.')} or newer; this is ${process.versions.node}, and no packaged Node exists for this system (${process.platform} ${process.arch}). Install Node 24, then try again.`,
  );
  process.exit(1);
}

/**
 * Installs the packages when the lock file has changed since the last time.
 * @param output the file descriptor for what there is to say
 */
export function installPackages(output = 1) {
  const lock = path.join(root, 'package-lock.json');
  const mark = path.join(root, 'node_modules', '.buoy-installed');
  const wanted = readFileSync(lock, 'utf8');
  if (existsSync(mark) && readFileSync(mark, 'utf8') === wanted) return;
  writeSync(output, 'Installing packages (npm ci) …\n');
  const result = spawnSync('npm', ['ci'], { cwd: root, stdio: ['ignore', output, 'inherit'] });
  if (result.status !== 0) {
    console.error('npm ci failed; see above.');
    process.exit(result.status ?? 1);
  }
  writeFileSync(mark, wanted);
}

/** Builds the web app when a source of it is newer than the built page. */
export function buildWebApp() {
  const page = path.join(root, 'frontend', 'dist', 'index.html');
  const sources = spawnSync(
    'find',
    [
      'frontend',
      'contract',
      'package-lock.json',
      '-type',
      'f',
      '-not',
      '-path',
      '*/dist/*',
      '-not',
      '-path',
      '*/node_modules/*',
      '-newer',
      page,
    ],
    { cwd: root },
  );
  if (existsSync(page) && statSync(page).isFile() && sources.status === 0 && sources.stdout.length === 0)
    return;
  console.log('Building the web app …');
  const result = spawnSync(
    nodePath(),
    [path.join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
    {
      cwd: path.join(root, 'frontend'),
      // Vite would else build what the caller's shell says, and the page is to be the same wherever it is built.
      env: { ...process.env, NODE_ENV: 'production' },
      stdio: ['ignore', 'inherit', 'inherit'],
    },
  );
  if (result.status !== 0) process.exit(result.status ?? 1);
}

/** The environment for everything that runs on the pinned Node. */
export function environment(extra = {}) {
  return {
    ...process.env,
    PATH: [path.dirname(nodePath()), bin, process.env.PATH].join(path.delimiter),
    NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'compile'),
    ...extra,
  };
}

/** Runs a program in place of this one: signals go to it, its exit code becomes ours. */
export function runInPlace(file, args, extra = {}) {
  const child = spawn(nodePath(), [file, ...args], { cwd: root, stdio: 'inherit', env: environment(extra) });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code ?? 1);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
}
