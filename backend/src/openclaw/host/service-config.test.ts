// Whose rights read the config of a gateway that runs as a service account: the real script in this machine's /bin/sh, with a made-up systemctl.
import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { inspectScript } from './scripts.ts';

const NOBODY = 65_534;
/** The number of a login that has no name. */
const LOGIN = 54_321;

describe.skipIf(process.getuid?.() !== 0)('the config of a system unit of a service account', () => {
  let base: string;
  const at = (...names: string[]) => path.join(base, ...names);
  const program = (name: string, text: string) =>
    writeFileSync(at('tools', name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });

  beforeEach(() => {
    base = mkdtempSync(path.join(tmpdir(), 'buoy-service-'));
    chmodSync(base, 0o755);
    for (const folder of ['tools', 'home', 'service', 'other']) mkdirSync(at(folder));
    program(
      'systemctl',
      `[ "$1" != --user ] || exit 1
printf '%s\\n' LoadState=loaded ActiveState=active MainPID=0 User=nobody Environment=OPENCLAW_STATE_DIR=${at('service')}`,
    );
    for (const name of ['openclaw.json', '.env'])
      writeFileSync(at('other', name), "OPENCLAW_GATEWAY_TOKEN='of another gateway'\n", { mode: 0o600 });
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  /** What the script prints, with its base64 decoded. */
  function inspect(login: number): string {
    expect(inspectScript).toContain('[ -d /run/systemd/system ]');
    const printed = execFileSync('/bin/sh', ['-s', 'all'], {
      input: inspectScript.replace('[ -d /run/systemd/system ]', 'true'),
      ...{ encoding: 'utf8', uid: login, gid: login, cwd: '/' },
      env: { PATH: `${at('tools')}:/usr/bin:/bin`, HOME: at('home') },
    });
    expect(printed).toContain('manager=systemd-system');
    return printed.replace(
      /^(\w+)64=(.*)$/gm,
      (_line, key, value) => `${key}=${Buffer.from(value, 'base64')}`,
    );
  }
  const own = (name: string) => {
    writeFileSync(at('service', name), "OPENCLAW_OWN='of its own'\n", { mode: 0o600 });
    chownSync(at('service', name), NOBODY, NOBODY);
  };
  /** sudo as far as the script asks for it; this login cannot be root here, so it tells as whom a program would run. */
  const sudoFor = (allowed: string) =>
    program('sudo', `case "$*" in ${allowed}) echo "by sudo: $*" ;; *) exit 1 ;; esac`);

  test.each(['openclaw.json', '.env'])(
    'is not read by a login as root when its account links %s to that of another gateway',
    (name) => {
      symlinkSync(at('other', name), at('service', name));
      expect(inspect(0)).not.toContain('of another gateway');
    },
  );

  test('is read by a login as root', () => {
    own('openclaw.json');
    own('.env');
    expect(inspect(0).match(/of its own/g)).toHaveLength(2);
  });

  test('is read as its account by a login with sudo', () => {
    sudoFor('"-n -u nobody "*');
    expect(inspect(LOGIN)).toMatch(/^config=by sudo: -n -u nobody -- .* cat \S+\/service\/openclaw\.json$/m);
  });

  test('is read as its account by a login that sudo makes root alone', () => {
    sudoFor('"-n true" | "-n su "*');
    expect(inspect(LOGIN)).toMatch(
      /^config=by sudo: -n su -s \/bin\/sh -c exec "\$@" -- nobody sh .* cat \S+\/openclaw\.json$/m,
    );
  });

  test.each(['openclaw.json', '.env'])(
    'is not read by a login without sudo when its account links %s to that of the login',
    (name) => {
      sudoFor('none');
      chownSync(at('other', name), LOGIN, LOGIN);
      symlinkSync(at('other', name), at('service', name));
      expect(inspect(LOGIN)).not.toContain('of another gateway');
    },
  );

  test('is read by a login without sudo where root owns it and everybody may read it', () => {
    sudoFor('none');
    writeFileSync(at('service/openclaw.json'), "OPENCLAW_OWN='of its own'\n", { mode: 0o644 });
    expect(inspect(LOGIN)).toContain('of its own');
  });

  test('is read by a login without sudo as far as it may', () => {
    sudoFor('none');
    own('openclaw.json');
    chmodSync(at('service/openclaw.json'), 0o644);
    expect(inspect(LOGIN)).toContain('of its own');
  });
});
