// Runs Buoy's scripts in the /bin/sh of this machine, as a server would.
import { spawnSync } from 'node:child_process';
import type { ExecResult } from '../../ssh/ssh.ts';

/** Bytes: more than any script may print. */
const MAX_OUTPUT_BYTES = 16 * 1024 ** 2;

/** @param login number of the account that the script runs as; absent: that of the test */
export function runInLocalShell(
  script: string,
  args: readonly string[],
  { env, login }: { env: NodeJS.ProcessEnv; login?: number },
): ExecResult {
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-s', '--', ...args], {
    ...{ input: script, encoding: 'utf8', cwd: '/', env, maxBuffer: MAX_OUTPUT_BYTES },
    ...(login === undefined ? {} : { uid: login, gid: login }),
  });
  return { exitCode: status, signal: null, stdout, stderr, truncated: false, durationMs: 1 };
}
