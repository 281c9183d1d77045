// Starts a real Buoy as a process of its own, as `npm start` does, with a data folder that is gone after the test.
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const root = path.resolve(import.meta.dirname, '../../..');
/** Milliseconds; a start takes about one second. */
const START_DEADLINE_MS = 30_000;

export type RunningBuoy = {
  url: string;
  /** The link for the first super-admin; null when Buoy printed none. */
  signInLink: string | null;
  /** A link as `npm run sign-in-link` makes it. */
  newSignInLink(): Promise<string>;
  stop(): Promise<void>;
};

/** @param settings environment variables beside those for a free port, a fresh folder and no tight rate limits */
export async function startBuoy(settings: Record<string, string> = {}): Promise<RunningBuoy> {
  if (!existsSync(path.join(root, 'frontend/dist/index.html')))
    throw new Error('The web app is not built: npm run build.');
  const dataDir = await mkdtemp(path.join(tmpdir(), 'buoy-browser-'));
  const env = {
    PATH: process.env.PATH ?? '',
    HOME: dataDir,
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    RATE_LIMIT_GLOBAL: '100000',
    RATE_LIMIT_AUTH: '100000',
    ...settings,
  };
  const child = spawn(process.execPath, ['backend/src/main.ts'], { cwd: root, env });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    const { url, signInLink } = await listening(child, settings.TELEGRAM_BOT_TOKEN === undefined);
    return {
      url,
      signInLink,
      async newSignInLink() {
        const { stdout } = await promisify(execFile)(process.execPath, ['backend/src/sign-in-link.ts'], {
          cwd: root,
          env: { ...env, PORT: new URL(url).port },
        });
        return stdout.trim();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits for the line that says where Buoy listens and, where one is expected, for the link. */
async function listening(
  child: ChildProcess,
  expectsLink: boolean,
): Promise<{ url: string; signInLink: string | null }> {
  const said: string[] = [];
  child.stderr?.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  // The two lines come in either order.
  let url: string | null = null;
  let signInLink: string | null = null;
  try {
    if (child.stdout === null) throw new Error('Buoy has no standard output.');
    for await (const line of createInterface({ input: child.stdout })) {
      said.push(`${line}\n`);
      url ??= urlIn(line);
      signInLink ??= /https?:\/\/\S+\/sign-in#code=\S+/.exec(line)?.[0] ?? null;
      if (url !== null && (!expectsLink || signInLink !== null)) {
        return { url, signInLink };
      }
    }
  } finally {
    clearTimeout(deadline);
    // Nobody reads any more, and the loop has stopped the stream: a full pipe must not stop Buoy.
    child.stdout?.resume();
  }
  throw new Error(`Buoy did not start:\n${said.join('')}`);
}

function urlIn(line: string): string | null {
  if (!line.startsWith('{')) return null;
  const entry: unknown = JSON.parse(line);
  return typeof entry === 'object' &&
    entry !== null &&
    'msg' in entry &&
    entry.msg === 'listening' &&
    'url' in entry
    ? String(entry.url)
    : null;
}
