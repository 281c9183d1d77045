// Runs the command line in this process, with a captured terminal.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run } from '../../src/run.ts';
import type { Terminal } from '../../src/terminal.ts';

export type CliResult = { exit: number; out: string; err: string };

export type TestCli = {
  /** Runs one command line, given as words. `own.out` and `own.err` receive output as it is printed. */
  buoy(words: readonly string[], own?: Partial<Terminal>): Promise<CliResult>;
  /** Environment of each command, with its own profile folder. */
  environment: Record<string, string | undefined>;
  /** Folder for files of a test; removed at the end. */
  folder: string;
  close(): void;
};

/** @param signedIn address and token of a Buoy */
export function createTestCli(signedIn: { url: string; token: string } | null): TestCli {
  const folder = mkdtempSync(path.join(tmpdir(), 'buoy-cli-'));
  const environment: Record<string, string | undefined> = {
    XDG_CONFIG_HOME: folder,
    ...(signedIn === null ? {} : { BUOY_URL: signedIn.url, BUOY_TOKEN: signedIn.token }),
  };
  return {
    environment,
    folder,
    async buoy(words, own = {}) {
      let out = '';
      let err = '';
      const exit = await run(words, {
        isTty: false,
        isErrTty: false,
        columns: 80,
        canAsk: false,
        ask: () => Promise.reject(new Error('nobody is there to ask')),
        readStdin: () => Promise.resolve(''),
        readPipedStdin: () => Promise.resolve(null),
        environment,
        fetch: globalThis.fetch,
        now: Date.now,
        pause: () => new Promise((resolve) => setImmediate(resolve)),
        signal: new AbortController().signal,
        takeKeyboard: () => {
          throw new Error('nobody has a keyboard');
        },
        runProgram: () => Promise.resolve(0),
        ...own,
        write(target, bytes) {
          const text = Buffer.from(bytes).toString('utf8');
          if (target === 'out') out += text;
          else err += text;
          own.write?.(target, bytes);
        },
        out(text) {
          out += text;
          own.out?.(text);
        },
        err(text) {
          err += text;
          own.err?.(text);
        },
      });
      return { exit, out, err };
    },
    close: () => rmSync(folder, { recursive: true, force: true }),
  };
}
