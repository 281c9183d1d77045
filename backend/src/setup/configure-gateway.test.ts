// What the script that configures the gateway gives to OpenClaw: in a shell of this machine, with a command that keeps the patch.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { gatewayChange } from '@buoy/contract';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { runInLocalShell } from '../openclaw/testing/local-shell.ts';
import { createConfigureGatewayStep } from './configure-gateway.ts';
import type { InstallTools } from './install-step.ts';
import type { ProbeGateway } from './until-ready.ts';

describe('a change of the gateway', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-configure-'));
    const bin = path.join(home, '.local/openclaw/bin');
    mkdirSync(bin, { recursive: true });
    mkdirSync(path.join(home, '.openclaw'));
    symlinkSync(process.execPath, path.join(bin, 'node'));
    writeFileSync(path.join(bin, 'openclaw'), '#!/bin/sh\ncat >"$HOME/patch"\n');
    chmodSync(path.join(bin, 'openclaw'), 0o755);
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** What OpenClaw was told to change. */
  function patchFor(config: object, change: { rotateToken?: boolean } = {}): unknown {
    writeFileSync(path.join(home, '.openclaw/openclaw.json'), JSON.stringify(config));
    // Its script alone is looked at.
    const step = createConfigureGatewayStep<object>({} as InstallTools & { probeGateway: ProbeGateway }, () =>
      gatewayChange.parse({ port: 18_790, ...change }),
    );
    const script = `NEW_TOKEN=0123abcd SUDO_PASSWORD=\n${step.preview?.({})}`;
    const { exitCode, stderr } = runInLocalShell(script, [], { env: { HOME: home, PATH: '/usr/bin:/bin' } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return JSON.parse(readFileSync(path.join(home, 'patch'), 'utf8'));
  }

  test('of its port keeps the token that clients use', () => {
    expect(patchFor({ gateway: { port: 18_789, auth: { mode: 'token', token: 'old' } } })).toEqual({
      gateway: { mode: 'local', port: 18_790, bind: 'loopback', auth: { mode: 'token' } },
    });
  });

  test('makes a token where there is none', () => {
    expect(patchFor({ gateway: { port: 18_789 } })).toMatchObject({
      gateway: { auth: { mode: 'token', token: '0123abcd' } },
    });
  });

  test('replaces the token where a new one is asked for', () => {
    expect(patchFor({ gateway: { auth: { token: 'old' } } }, { rotateToken: true })).toMatchObject({
      gateway: { auth: { mode: 'token', token: '0123abcd' } },
    });
  });
});
