// Command lines of a test against a real gateway, and what they print when they go well.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import type { TestCli } from './test-cli.ts';

/** Milliseconds between two looks of a command that waits. */
const PAUSE_MS = 100;

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** @param cli asked at each call: it is made in `beforeAll` */
export function cliWords(cli: () => TestCli) {
  const buoy: TestCli['buoy'] = (words, own = {}) => cli().buoy(words, { pause, ...own });
  const out = async (...words: string[]): Promise<string> => {
    const ran = await buoy(words);
    expect(`${ran.exit} ${ran.err}`).toMatch(/^0 /);
    return ran.out;
  };
  return {
    buoy,
    out,
    json: async <T>(...words: string[]): Promise<T> => JSON.parse(await out(...words, '--json')) as T,
    /** A file of this test with this content. */
    fileOf(name: string, content: string): string {
      const file = path.join(cli().folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
