#!/usr/bin/env node
// `buoy` in a checkout, with nothing to build: the source, on the Node that the packages bring. `npm run build -w cli` is for elsewhere.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { isatty } from 'node:tty';
import { environment, installPackages, nodePath, root } from '../../scripts/node.mjs';

const STDERR = 2;

// What scripts read is on standard output.
installPackages(STDERR);
const { NODE_COMPILE_CACHE } = environment();
const child = spawn(nodePath(), [path.join(root, 'cli', 'src', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE },
});
// Ctrl-C reaches the child from the terminal itself; a second one would cut it short.
const hasTerminal = [0, 1, STDERR].some((descriptor) => isatty(descriptor));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'])
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !hasTerminal) child.kill(signal);
  });
child.on('exit', (code, signal) => {
  if (signal === null) process.exit(code ?? 1);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
});
