// A terminal that tests read, and a Buoy behind it that listens for real.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SUPER_ID, startTestBuoy, type TestBuoy } from '../../../backend/test/support/test-buoy.ts';
import { run } from '../../src/run.ts';
import type { Terminal } from '../../src/terminal.ts';

export type Ran = { exit: number; out: string; err: string };

export type CliGround = {
  running: TestBuoy;
  url: string;
  /** Token of the super-admin. */
  token: string;
  /** Runs one command line, its words apart. */
  buoy(words: readonly string[], own?: Partial<Terminal>): Promise<Ran>;
  /** What stands in the environment of each command; a profile folder of its own. */
  environment: Record<string, string | undefined>;
  close(): Promise<void>;
};

export async function startCliGround(): Promise<CliGround> {
  const running = await startTestBuoy();
  const url = await running.buoy.app.listen({ host: '127.0.0.1', port: 0 });
  const token = await running.signIn(SUPER_ID);
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-cli-'));
  const environment: Record<string, string | undefined> = { XDG_CONFIG_HOME: folder };
  return {
    running,
    url,
    token,
    environment,
    async buoy(words, own = {}) {
      let out = '';
      let err = '';
      const exit = await run(words, {
        out: (text) => {
          out += text;
        },
        err: (text) => {
          err += text;
        },
        isTty: false,
        columns: 80,
        canAsk: false,
        ask: () => Promise.reject(new Error('nobody is there to ask')),
        readStdin: () => Promise.resolve(''),
        environment,
        fetch: globalThis.fetch,
        now: Date.now,
        pause: () => new Promise((resolve) => setImmediate(resolve)),
        signal: new AbortController().signal,
        runProgram: () => Promise.resolve(0),
        ...own,
      });
      return { exit, out, err };
    },
    async close() {
      await running.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
