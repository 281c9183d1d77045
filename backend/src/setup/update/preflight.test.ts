// Why an update is refused before anything is changed: a server chose every word of it.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { AppError } from '../../lib/app-error.ts';
import { type PreflightFacts, planOf, readPreflight } from './preflight.ts';
import { createUpdateServer, NEW, OLD, type UpdateServer } from './testing/update-server.ts';

const good: PreflightFacts = {
  ...{ node: '/opt/node24/bin/node', state: '/home/deploy/.openclaw' },
  ...{ package: '/opt/node24/lib/node_modules/openclaw', version: OLD, target: NEW, problem: null },
  ...{
    byNpm: true,
    ownState: true,
    movable: true,
    apart: null,
    shared: null,
    foreign: null,
    owned: true,
    writable: true,
    hasNpm: true,
  },
  ...{
    free: { forPackage: 9_999, forState: 9_999, sameDisk: true },
    stateSize: 1,
    asideSize: 0,
    unfinished: false,
  },
};

/** The error with which it is refused. */
function refusal(facts: Partial<PreflightFacts>): AppError {
  try {
    planOf({ ...good, ...facts });
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('It is not refused.');
}

test('an update that did not finish is told in short sentences, however long its paths are', () => {
  const long = 'x'.repeat(4_000);
  const { code, hint } = refusal({
    ...{ unfinished: true, package: `/srv/${long}/lib/node_modules/openclaw`, state: `/home/${long}` },
  });
  expect(code).toBe('conflict');
  expect(hint).toContain('/.update-openclaw and /home/xxx');
  expect(hint?.length).toBeLessThan(1_200);
});

test('it is refused where a path holds a line break, and where OpenClaw has no exact version', () => {
  expect(refusal({ problem: 'lineBreak', package: null }).message).toContain('line break');
  expect(refusal({ version: null }).message).toContain('no version that Buoy understands');
});

describe('the facts of a server', () => {
  let server: UpdateServer;
  const begin = (name?: string) => {
    server = createUpdateServer(name);
  };
  beforeEach(() => begin());
  afterEach(() => server.remove());
  const read = () => readPreflight(server.tools(), 's1', { version: 'latest', deadlineMs: 10_000 });

  test.each([
    ['a word that is none', 'newest'],
    ['words without end', `${OLD} ${'x'.repeat(4_000)}`],
  ])('%s is no version', async (_what, version) => {
    server.write(
      '.local/openclaw/lib/node_modules/openclaw/package.json',
      `{\n  "name": "openclaw",\n  "version": "${version}"\n}\n`,
    );
    expect(await read()).toMatchObject({ byNpm: true, version: null });
  });

  test('what the update removes first counts as free', async () => {
    // Disks of 1,000 MiB.
    const df = 'df() { printf "%s\\n" "/dev/x 0 0 1024000 0% /"; }';
    server.inShell = (script) => `${df}\n${script}`;
    expect((await read()).free).toEqual({ forPackage: 1_000, forState: 1_000, sameDisk: true });
    server.run(
      'mkdir -p ~/.openclaw.failed-update ~/.local/openclaw/lib/node_modules/.update-openclaw; head -c 4194304 /dev/urandom | tee ~/.openclaw.failed-update/left >~/.local/openclaw/lib/node_modules/.update-openclaw/left',
    );
    expect((await read()).free).toEqual({ forPackage: 1_008, forState: 1_008, sameDisk: true });
  });

  test.skipIf(process.getuid?.() !== 0)('a disk in a folder whose path has spaces is seen', async () => {
    server.remove();
    begin('buoy \\update ');
    expect(await read()).toMatchObject({ owned: true, movable: true, apart: null });
    server.run('mkdir ~/.openclaw/agents');
    server.inShell = (script) =>
      [
        "unshare --mount /bin/sh -s <<'END_OF_SHELL'",
        'mount --bind ~/.openclaw/agents ~/.openclaw/agents',
        ...[script, 'END_OF_SHELL'],
      ].join('\n');
    expect((await read()).apart).toContain('.openclaw/agents');
  });
});
