// The command line signed in to a Buoy with one live server, with helpers that expect success.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import {
  type OpenclawFixture,
  type OpenclawVersion,
  openclawFixture,
} from '../../../backend/test/support/openclaw-fixture.ts';
import { createTestCli, type TestCli } from './test-cli.ts';

/** Milliseconds between two polls of a waiting command. */
const PAUSE_MS = 100;

export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, PAUSE_MS));

/** Registers the hooks of a suite. `fixture` and `cli` are available after `beforeAll`. */
export function useCliOnGateway(version: OpenclawVersion) {
  let fixture: OpenclawFixture | undefined;
  let cli: TestCli | undefined;
  const started = <T>(thing: T | undefined): T => {
    if (thing === undefined) throw new Error('The suite has not started.');
    return thing;
  };
  beforeAll(async () => {
    fixture = await openclawFixture(version);
    cli = createTestCli({ url: fixture.live.process().url, token: fixture.live.token });
  }, 240_000);
  afterAll(async () => {
    cli?.close();
    await fixture?.close();
  }, 60_000);

  const buoy: TestCli['buoy'] = (words, own = {}) => started(cli).buoy(words, { pause, ...own });
  const out = async (...words: string[]): Promise<string> => {
    const ran = await buoy(words);
    expect(`${ran.exit} ${ran.err}`).toMatch(/^0 /);
    return ran.out;
  };
  return {
    fixture: () => started(fixture),
    cli: () => started(cli),
    /** Name of the server in Buoy. */
    server: version.name,
    buoy,
    out,
    json: async <T>(...words: string[]): Promise<T> => JSON.parse(await out(...words, '--json')) as T,
    /** Writes a temporary file with this content. */
    fileOf(name: string, content: string): string {
      const file = path.join(started(cli).folder, name);
      writeFileSync(file, content);
      return file;
    },
  };
}
