// The real script that makes the gateway a service, in this machine's /bin/sh, with programs in place of OpenClaw and the service managers.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withVariables } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'linger.sh', 'kept.sh', 'install-service.sh'].map(load).join('\n');
const PROGRAM = '#!/bin/sh\necho "$*" >>"$HOME/called"\n';
const MANAGERS = ['systemd-user', 'supervised'] as const;

describe('the service of a gateway', () => {
  let home: string;
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-service-'));
    const bin = path.join(home, '.local/openclaw/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, path.join(bin, 'node'));
    for (const name of ['openclaw', 'systemctl', 'loginctl', 'flock', 'setsid'])
      writeFileSync(path.join(bin, name), PROGRAM, { mode: 0o755 });
    mkdirSync(path.join(home, '.openclaw'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** The port that its unit is told. */
  function portOf(manager: (typeof MANAGERS)[number], asked: string): string | undefined {
    const variables = { MANAGER: manager, GATEWAY_PORT: asked, SUPERVISOR: PROGRAM, SUDO_PASSWORD: '' };
    const local = withVariables(script, variables)
      // Neither the systemd of this machine nor what it keeps of its accounts.
      .replaceAll('/run/systemd/system', manager === 'supervised' ? '$HOME/none' : '$HOME')
      .replaceAll('/var/lib/systemd/linger/$account', '$HOME');
    execFileSync('/bin/sh', ['-c', local], { env: { HOME: home, PATH: '/usr/bin:/bin' } });
    const unit = path.join(home, '.local/openclaw/supervisor/openclaw-gateway.service');
    const told = readFileSync(existsSync(unit) ? unit : path.join(home, 'called'), 'utf8');
    return /gateway .*--port (\S*)$/m.exec(told)?.[1];
  }

  test.each(MANAGERS)('by %s keeps the port of the config where no other one is asked for', (manager) => {
    writeFileSync(path.join(home, '.openclaw/openclaw.json'), '{"gateway":{"port":28000}}');
    expect(portOf(manager, '')).toBe('28000');
  });

  test.each(['"18789\\nUser=root"', '"1 2"', '999999', '{}'])(
    'is not installed with a port that is none: %s',
    (port) => {
      writeFileSync(path.join(home, '.openclaw/openclaw.json'), `{"gateway":{"port":${port}}}`);
      expect(() => portOf('systemd-user', '')).toThrow('The port of the gateway in its config is none.');
      expect(() => portOf('supervised', '')).toThrow();
      expect(existsSync(path.join(home, '.local/openclaw/supervisor/openclaw-gateway.service'))).toBe(false);
    },
  );

  test('keeps the port of a config with comments, as OpenClaw reads it', () => {
    const parser = path.join(home, '.local/openclaw/lib/node_modules/openclaw/node_modules/json5');
    mkdirSync(parser, { recursive: true });
    // In place of json5.
    writeFileSync(
      path.join(parser, 'index.js'),
      'exports.parse = (text) => JSON.parse(text.replace(/[/][/].*/g, ""));',
    );
    writeFileSync(path.join(home, '.openclaw/openclaw.json'), '{"gateway":{"port":28000}} // ours');
    expect(portOf('systemd-user', '')).toBe('28000');
  });

  test.each(MANAGERS)('by %s has the usual port where the config names none', (manager) => {
    expect(portOf(manager, '')).toBe('18789');
  });

  test.each(MANAGERS)('by %s has the port that is asked for', (manager) => {
    writeFileSync(path.join(home, '.openclaw/openclaw.json'), '{"gateway":{"port":28000}}');
    expect(portOf(manager, '28001')).toBe('28001');
  });
});
