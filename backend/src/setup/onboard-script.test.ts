// The real script of an onboarding in this machine's /bin/sh, with a program in place of OpenClaw.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withVariables } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

describe('an onboarding', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-onboard-'));
    const bin = path.join(home, '.local/openclaw/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, path.join(bin, 'node'));
    writeFileSync(path.join(bin, 'openclaw'), '#!/bin/sh\necho "$*" >>"$HOME/called"\n', { mode: 0o755 });
    mkdirSync(path.join(home, '.openclaw'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** What OpenClaw was called with. */
  function onboard(): string {
    const script = withVariables(['installer.sh', 'kept.sh', 'onboard.sh'].map(load).join('\n'), {
      ...{ AUTH_CHOICE: 'skip', KEY_OPTION: '', PROVIDER_ID: 'skip', BASE_URL: '', MODEL: '' },
      ...{ GATEWAY_PORT: '18789', GATEWAY_BIND: 'loopback', API_KEY: '', CONFIG_PATCH: '' },
    });
    execFileSync('/bin/sh', ['-c', script], { env: { HOME: home, PATH: '/usr/bin:/bin' } });
    return readFileSync(path.join(home, 'called'), 'utf8');
  }

  test.each([
    ['without a config', '', '--gateway-port 18789 --gateway-bind loopback '],
    ['with a config that names neither', '{"gateway":{}}', '--gateway-port 18789 --gateway-bind loopback '],
    ['with a config', '{"gateway":{"port":28000,"bind":"lan"}}', '--gateway-port 28000 --gateway-bind lan '],
  ])('%s leaves port and address of the gateway as they are', (_what, config, words) => {
    if (config !== '') writeFileSync(path.join(home, '.openclaw/openclaw.json'), config);
    expect(onboard()).toContain(words);
  });
});
