// Which unit is the service of a gateway where both managers have one: the real script in this machine's /bin/sh, with a made-up systemctl.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { inspectScript } from './scripts.ts';

type Unit = `${'active' | 'failed' | 'inactive'} ${'enabled' | 'disabled'}`;

function managerOf(units: { user: Unit; system: Unit }): string | undefined {
  const home = mkdtempSync(path.join(tmpdir(), 'buoy-unit-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  const facts = (unit: Unit) => {
    const [state, fileState] = unit.split(' ');
    return `printf '%s\\n' LoadState=loaded ActiveState=${state} UnitFileState=${fileState} MainPID=0`;
  };
  const answers = [
    `*--user*) ${facts(units.user)} ;;`,
    `*openclaw-gateway.service*) ${facts(units.system)} ;;`,
    '*) echo LoadState=not-found ;;',
  ];
  writeFileSync(path.join(home, 'systemctl'), `#!/bin/sh\ncase $* in\n${answers.join('\n')}\nesac\n`, {
    mode: 0o755,
  });
  expect(inspectScript).toContain('[ -d /run/systemd/system ]');
  const printed = execFileSync('/bin/sh', ['-s', 'service'], {
    input: inspectScript.replace('[ -d /run/systemd/system ]', 'true'),
    ...{ encoding: 'utf8', cwd: '/', env: { PATH: `${home}:/usr/bin:/bin`, HOME: home } },
  });
  return /^manager=(.*)$/m.exec(printed)?.[1];
}

test.each<[Unit, Unit, string]>([
  ['active enabled', 'active enabled', 'systemd-user'],
  ['inactive enabled', 'active enabled', 'systemd-system'],
  ['inactive disabled', 'active enabled', 'systemd-system'],
  ['inactive disabled', 'inactive enabled', 'systemd-system'],
  ['inactive disabled', 'failed enabled', 'systemd-system'],
  ['inactive enabled', 'inactive enabled', 'systemd-user'],
  ['inactive enabled', 'inactive disabled', 'systemd-user'],
  ['inactive disabled', 'inactive disabled', 'systemd-user'],
])('with a user unit that is %s and a system unit that is %s, the service is %s', (user, system, manager) => {
  expect(managerOf({ user, system })).toBe(manager);
});
