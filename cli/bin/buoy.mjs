#!/usr/bin/env node
// `buoy` in a checkout, without a build: runs the source on the bundled Node. For other machines: `npm run build -w cli`.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { isatty } from 'node:tty';
import { environment, installPackages, nodePath, root } from '../../scripts/node.mjs';

const STDERR = 2;

// Install output goes to standard error: scripts read standard output.
installPackages(STDERR);
const { NODE_COMPILE_CACHE } = environment();
const child = spawn(nodePath(), [path.join(root, 'cli', 'src', 'main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE },
});
// The terminal sends Ctrl-C to the child itself; a second signal would end it too early.
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
