// A real Buoy as a child process, for the demo, benchmarks and tests that kill it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { OPEN_TO_TESTS } from './open-to-tests.ts';
import { runCommand } from './run-command.ts';
import { serverProgram } from './server-program.ts';

export type BuoyProcess = {
  /** `http://127.0.0.1:PORT` */
  url: string;
  pid: number;
  /** The printed sign-in link and its code; null when none was printed. */
  signInLink: string | null;
  signInCode: string | null;
  /** A link as `npm run sign-in-link` makes it. */
  newSignInLink: () => Promise<string>;
  /** Everything printed so far, both streams. */
  output: () => string;
  /** SIGTERM; answers the exit code. */
  stop: () => Promise<number | null>;
  /** SIGKILL; resolves when the process is gone. */
  kill: () => Promise<void>;
};

const START_DEADLINE_MS = 60_000;
const listeningLine = z.object({ msg: z.literal('listening'), url: z.string() });

/**
 * Starts Buoy and waits until it listens. Only `environment` and what a process needs to run is passed on, so that a setting of the
 * calling shell does not change a test. Throws with its output when it ends or does not listen in time.
 * @param checkout whose sources are started instead of this Buoy; it must have its packages
 */
export async function startBuoy(
  environment: Record<string, string>,
  checkout?: string,
): Promise<BuoyProcess> {
  const main = checkout === undefined ? serverProgram('main') : path.join(checkout, 'backend/src/main.ts');
  const signInLinkCommand =
    checkout === undefined ? serverProgram('sign-in-link') : signInLinkCommandOf(checkout);
  const { PATH = '', HOME = '', NODE_COMPILE_CACHE = '' } = process.env;
  const env = { PATH, HOME, NODE_COMPILE_CACHE, PORT: '0', ...OPEN_TO_TESTS, ...environment };
  const child = spawn(process.execPath, [main], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let signInLink: string | null = null;
  const listening = Promise.withResolvers<string>();
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString('utf8');
  });
  createInterface({ input: child.stdout }).on('line', (line) => {
    output += `${line}\n`;
    const url = listeningUrlIn(line);
    if (url !== null) listening.resolve(url);
    signInLink ??= /https?:\/\/\S+#code=[\w-]+/.exec(line)?.[0] ?? null;
  });
  // Not at its exit: what it printed last may come after that.
  child.once('close', (code) =>
    listening.reject(new Error(`Buoy ended with ${code} before it listened:\n${output}`)),
  );
  const timer = setTimeout(
    () => listening.reject(new Error(`Buoy did not listen in ${START_DEADLINE_MS} ms:\n${output}`)),
    START_DEADLINE_MS,
  );
  try {
    const url = await listening.promise;
    return {
      url,
      pid: child.pid ?? 0,
      signInLink,
      signInCode: signInLink === null ? null : new URL(signInLink).hash.replace('#code=', ''),
      async newSignInLink() {
        const made = await runCommand(process.execPath, [signInLinkCommand], {
          timeoutMs: START_DEADLINE_MS,
          env: { ...env, PORT: new URL(url).port },
        });
        if (made.code !== 0) throw new Error(`No sign-in link was made:\n${made.stderr}`);
        return made.stdout.trim();
      },
      output: () => output,
      stop: () => end(child, 'SIGTERM'),
      kill: async () => void (await end(child, 'SIGKILL')),
    };
  } catch (error) {
    child.kill('SIGKILL');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The benchmark of attacks also starts checkouts from before the commands had a folder. */
function signInLinkCommandOf(checkout: string): string {
  const folders = ['backend/src/commands', 'backend/src'].map((folder) => path.join(checkout, folder));
  return path.join(folders.find(existsSync) ?? '', 'sign-in-link.ts');
}

function listeningUrlIn(line: string): string | null {
  if (!line.startsWith('{')) return null;
  const parsed = listeningLine.safeParse(JSON.parse(line));
  return parsed.success ? parsed.data.url : null;
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
  return child.exitCode;
}
