// The real script that makes the gateway a service, in this machine's /bin/sh, with programs in place of OpenClaw and the service managers.
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
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
    const folder = manager === 'supervised' ? '.local/openclaw/supervisor' : '.config/systemd/user';
    const told = readFileSync(path.join(home, folder, 'openclaw-gateway.service'), 'utf8');
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
      for (const folder of ['.local/openclaw/supervisor', '.config/systemd/user'])
        expect(existsSync(path.join(home, folder, 'openclaw-gateway.service'))).toBe(false);
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

/**
 * Keeps what is enabled and active in $HOME/units. With a file refuses-SCOPE in the home, a unit of that scope is not started; with a file fails-SCOPE,
 * it ends at once, and systemd starts it again.
 */
const SYSTEMCTL = `#!/bin/sh
echo "systemctl $*" >>"$HOME/called"
scope=system now=no unit='' order=''
for word; do
  case $word in
    --user) scope=user ;;
    --now) now=yes ;;
    *.service) unit=$word ;;
    --* | -*) ;;
    *) [ -n "$order" ] || order=$word ;;
  esac
done
for property; do :; done
if [ "$scope" = user ] && [ -f "$HOME/no-user-manager" ]; then echo 'Failed to connect to bus' >&2; exit 1; fi
state=$HOME/units/$scope/$unit
start() {
  rm -f "$state/fails"
  if [ -f "$HOME/refuses-$scope" ]; then return 1; fi
  if [ -f "$HOME/fails-$scope" ]; then touch "$state/fails"; else touch "$state/active"; fi
}
case $order in
  show)
    case $property in
      User) cat "$state/User" 2>/dev/null | sed 's/^/User=/' ;;
      ActiveState) if [ -f "$state/active" ]; then echo ActiveState=active; elif [ -f "$state/fails" ]; then echo ActiveState=activating; else echo ActiveState=inactive; fi ;;
      UnitFileState) if [ -f "$HOME/says" ] && [ $scope = user ]; then echo "UnitFileState=$(cat "$HOME/says")"; elif [ -f "$state/enabled" ]; then echo UnitFileState=enabled; elif [ -d "$state" ]; then echo UnitFileState=disabled; fi ;;
      NRestarts) echo NRestarts=0 ;;
    esac ;;
  enable) mkdir -p "$state" && touch "$state/enabled" && if [ $now = yes ]; then start; fi ;;
  disable) if [ -f "$HOME/refuses-disable-$scope" ]; then exit 1; fi; rm -f "$state/enabled"; if [ $now = yes ]; then rm -f "$state/active" "$state/fails"; fi ;;
  start) start ;;
  stop) [ -f "$HOME/ignores-stop" ] || rm -f "$state/active" "$state/fails" ;;
  kill) rm -f "$state/active" "$state/fails" ;;
esac
`;

describe('a change of the manager', () => {
  const UNIT = 'openclaw-gateway.service';
  const other = { user: 'system', system: 'user' } as const;
  let home: string;
  const at = (file: string) => path.join(home, file);
  beforeEach(() => {
    home = mkdtempSync(path.join(tmpdir(), 'buoy-service-'));
    const bin = at('.local/openclaw/bin');
    mkdirSync(bin, { recursive: true });
    symlinkSync(process.execPath, path.join(bin, 'node'));
    for (const [name, text] of Object.entries({
      openclaw: PROGRAM,
      systemctl: SYSTEMCTL,
      sudo: '#!/bin/sh\n[ ! -f "$HOME/no-sudo" ] || exit 1\n[ "$1" != -n ] || shift\nexec "$@"\n',
      // A login that is not root, wherever the test runs.
      id: '#!/bin/sh\ncase $1 in -un) echo deploy ;; *) echo 1000 ;; esac\n',
      sleep: '#!/bin/sh\n[ ! -f "$HOME/is-cancelled" ] || kill -s TERM "$PPID"\n',
    }))
      writeFileSync(path.join(bin, name), text, { mode: 0o755 });
    mkdirSync(at('etc'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));

  /** A unit that is there, with these marks. */
  function unit(
    scope: 'user' | 'system',
    marks: readonly string[],
    { name = UNIT, account = 'deploy' } = {},
  ) {
    const folder = at(`units/${scope}/${name}`);
    mkdirSync(folder, { recursive: true });
    for (const mark of marks) writeFileSync(path.join(folder, mark), '');
    if (scope === 'system') writeFileSync(path.join(folder, 'User'), `${account}\n`);
  }
  /** What is known of each unit that runs or starts at boot. */
  function used(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const scope of ['user', 'system'])
      for (const name of existsSync(at(`units/${scope}`)) ? readdirSync(at(`units/${scope}`)) : []) {
        const marks = readdirSync(at(`units/${scope}/${name}`)).filter((mark) => mark !== 'User');
        if (marks.length > 0) found[`${scope}/${name}`] = marks.sort().join(' ');
      }
    return found;
  }
  function install(manager: 'auto' | 'systemd-user' | 'systemd-system') {
    const variables = { MANAGER: manager, GATEWAY_PORT: '18789', SUPERVISOR: '', SUDO_PASSWORD: '' };
    const local = withVariables(script, variables)
      .replaceAll('/run/systemd/system', '$HOME')
      .replaceAll('/etc/systemd/system', '$HOME/etc')
      .replaceAll('/var/lib/systemd/linger/$account', '$HOME');
    const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', local], {
      ...{ encoding: 'utf8', env: { HOME: home, PATH: '/usr/bin:/bin' } },
    });
    return { status, said: stdout + stderr };
  }
  const both = 'active enabled';

  test.each(['user', 'system'] as const)(
    'to a %s service leaves that one alone enabled and active',
    (scope) => {
      unit(other[scope], ['active', 'enabled']);
      expect(install(`systemd-${scope}`)).toMatchObject({ status: 0 });
      expect(used()).toEqual({ [`${scope}/${UNIT}`]: both });
    },
  );

  test('stops and disables the old service before the new one is enabled', () => {
    unit('user', ['active', 'enabled']);
    install('systemd-system');
    const orders = readFileSync(at('called'), 'utf8').split('\n');
    const disabled = orders.indexOf(`systemctl --user disable --now ${UNIT}`);
    expect(disabled).toBeGreaterThanOrEqual(0);
    expect(disabled).toBeLessThan(orders.indexOf(`systemctl enable --now ${UNIT}`));
  });

  test.each([
    ['user', 'etc'],
    ['system', '.config/systemd/user'],
  ] as const)(
    'to a %s service renames the file of the old one, and puts it back where that fails',
    (scope, folder) => {
      mkdirSync(at(folder), { recursive: true });
      writeFileSync(at(`${folder}/${UNIT}`), 'old');
      unit(other[scope], ['active', 'enabled']);
      writeFileSync(at(`fails-${scope}`), '');
      expect(install(`systemd-${scope}`)).toMatchObject({ status: 44 });
      expect(readFileSync(at(`${folder}/${UNIT}`), 'utf8')).toBe('old');
      expect(existsSync(at(`etc/${UNIT}`))).toBe(folder === 'etc');
      rmSync(at(`fails-${scope}`));
      expect(install(`systemd-${scope}`)).toMatchObject({ status: 0 });
      expect([`${UNIT}`, `${UNIT}.replaced`].map((name) => existsSync(at(`${folder}/${name}`)))).toEqual([
        false,
        true,
      ]);
      expect(used()).toEqual({ [`${scope}/${UNIT}`]: both });
    },
  );

  test('leaves one service where two were enabled', () => {
    unit('user', ['active', 'enabled']);
    unit('system', ['enabled']);
    unit('system', ['active', 'enabled'], { name: 'openclaw.service' });
    expect(install('systemd-user')).toMatchObject({ status: 0 });
    expect(used()).toEqual({ [`user/${UNIT}`]: both });
  });

  test('leaves the service of another account as it is', () => {
    unit('system', ['active', 'enabled'], { account: 'claw' });
    unit('system', ['active', 'enabled'], { name: 'openclaw.service', account: '1001' });
    expect(install('systemd-user')).toMatchObject({ status: 0 });
    expect(used()).toEqual({
      [`user/${UNIT}`]: both,
      [`system/${UNIT}`]: both,
      'system/openclaw.service': both,
    });
  });

  test.each([
    ['user', 'refuses'],
    ['user', 'fails'],
    ['system', 'refuses'],
    ['system', 'fails'],
  ] as const)('puts the old service back where the new %s service %s to run', (scope, how) => {
    unit(other[scope], ['active', 'enabled']);
    writeFileSync(at(`${how}-${scope}`), '');
    const { status, said } = install(`systemd-${scope}`);
    expect(status).toBe(44);
    expect(said).toContain('The old service was put back.');
    expect(used()).toEqual({ [`${other[scope]}/${UNIT}`]: both });
  });

  test('puts the old service back where it is cancelled', () => {
    unit('user', ['active', 'enabled']);
    writeFileSync(at('is-cancelled'), '');
    expect(install('systemd-system').said).toContain('The change was stopped.');
    expect(used()).toEqual({ [`user/${UNIT}`]: both });
  });

  test('kills a new service that does not stop in time, so that the old one is back before the cancelled script is killed', () => {
    unit('user', ['active', 'enabled']);
    writeFileSync(at('fails-system'), '');
    writeFileSync(at('ignores-stop'), '');
    expect(install('systemd-system')).toMatchObject({ status: 44 });
    expect(used()).toEqual({ [`user/${UNIT}`]: both });
  });

  test('puts the old service back also where the server was switched off in the middle of the change', () => {
    unit('user', []);
    mkdirSync(at('.config/systemd/user'), { recursive: true });
    writeFileSync(at(`.config/systemd/user/${UNIT}.replaced`), 'old');
    writeFileSync(at('.local/openclaw/services-replaced'), `user/${UNIT}/enabled/active\n`);
    writeFileSync(at('fails-system'), '');
    expect(install('systemd-system')).toMatchObject({ status: 44 });
    expect(used()).toEqual({ [`user/${UNIT}`]: both });
    expect(readFileSync(at(`.config/systemd/user/${UNIT}`), 'utf8')).toBe('old');
    expect(existsSync(at('.local/openclaw/services-replaced'))).toBe(false);
  });

  test('does not put a unit of long ago in the place of the one that is there', () => {
    unit('user', ['active', 'enabled']);
    mkdirSync(at('.config/systemd/user'), { recursive: true });
    writeFileSync(at(`.config/systemd/user/${UNIT}`), 'now');
    writeFileSync(at(`.config/systemd/user/${UNIT}.replaced`), 'long ago');
    writeFileSync(at('refuses-disable-user'), '');
    expect(install('systemd-system')).toMatchObject({ status: 44 });
    expect(readFileSync(at(`.config/systemd/user/${UNIT}`), 'utf8')).toBe('now');
  });

  test('to a system service is refused where that unit is of another account', () => {
    unit('user', ['active', 'enabled']);
    unit('system', ['active', 'enabled'], { account: 'claw' });
    writeFileSync(at(`etc/${UNIT}`), 'of claw');
    const { status, said } = install('systemd-system');
    expect(status).toBe(42);
    expect(said).toContain('is the service of another account');
    expect(readFileSync(at(`etc/${UNIT}`), 'utf8')).toBe('of claw');
    expect(used()).toEqual({ [`user/${UNIT}`]: both, [`system/${UNIT}`]: both });
  });

  test('takes no word for another unit from a manager that the account may have replaced', () => {
    unit('user', ['active', 'enabled'], {});
    writeFileSync(at('says'), 'enabled system/ufw.service/enabled/active');
    install('systemd-system');
    expect(readFileSync(at('called'), 'utf8')).not.toContain('ufw');
  });

  test('leaves an old service stopped that was stopped before', () => {
    unit('user', ['enabled']);
    writeFileSync(at('fails-system'), '');
    expect(install('systemd-system')).toMatchObject({ status: 44 });
    expect(used()).toEqual({ [`user/${UNIT}`]: 'enabled' });
  });

  test('names the command where the old service does not start again', () => {
    unit('user', ['active', 'enabled']);
    writeFileSync(at('fails-system'), '');
    writeFileSync(at('refuses-user'), '');
    const { status, said } = install('systemd-system');
    expect(status).toBe(45);
    expect(said).toContain(`systemctl --user enable --now ${UNIT}`);
    expect(used()).toEqual({ [`user/${UNIT}`]: 'enabled' });
  });

  test.each(['user', 'system'] as const)('to a %s service changes nothing where sudo is refused', (scope) => {
    unit(other[scope], ['active', 'enabled']);
    writeFileSync(at('no-sudo'), '');
    expect(install(`systemd-${scope}`)).toMatchObject({ status: 41 });
    expect(used()).toEqual({ [`${other[scope]}/${UNIT}`]: both });
  });

  test('is refused where a user service starts at login whose manager does not answer', () => {
    const folder = at('.config/systemd/user/default.target.wants');
    mkdirSync(folder, { recursive: true });
    symlinkSync(`../${UNIT}`, path.join(folder, UNIT));
    writeFileSync(at('no-user-manager'), '');
    const { status, said } = install('systemd-system');
    expect(status).toBe(42);
    expect(said).toContain(`systemctl --user disable --now ${UNIT}`);
    expect(used()).toEqual({});
  });

  test('needs no user manager where there is no user service', () => {
    writeFileSync(at('no-user-manager'), '');
    expect(install('systemd-system')).toMatchObject({ status: 0 });
    expect(used()).toEqual({ [`system/${UNIT}`]: both });
  });

  test.each([
    ['user', '.config/systemd/user'],
    ['system', 'etc'],
  ] as const)(
    'to a %s service puts the unit that a person had there back where it fails',
    (scope, folder) => {
      mkdirSync(at(folder), { recursive: true });
      writeFileSync(at(`${folder}/${UNIT}`), 'by hand');
      unit(scope, []);
      unit(other[scope], ['active', 'enabled']);
      writeFileSync(at(`fails-${scope}`), '');
      expect(install(`systemd-${scope}`)).toMatchObject({ status: 44 });
      expect(readFileSync(at(`${folder}/${UNIT}`), 'utf8')).toBe('by hand');
      rmSync(at(`fails-${scope}`));
      expect(install(`systemd-${scope}`)).toMatchObject({ status: 0 });
      expect(readFileSync(at(`${folder}/${UNIT}.bak`), 'utf8')).toBe('by hand');
    },
  );

  test('to a user service leaves the unit of a person there where the old service does not stop', () => {
    mkdirSync(at('.config/systemd/user'), { recursive: true });
    writeFileSync(at(`.config/systemd/user/${UNIT}`), 'by hand');
    unit('system', ['active', 'enabled']);
    writeFileSync(at('refuses-disable-system'), '');
    expect(install('systemd-user')).toMatchObject({ status: 44 });
    expect(readFileSync(at(`.config/systemd/user/${UNIT}`), 'utf8')).toBe('by hand');
  });

  test('is not made where nobody asks for a manager', () => {
    unit('system', ['enabled']);
    expect(install('auto')).toMatchObject({ status: 0 });
    expect(used()).toEqual({ [`system/${UNIT}`]: both });
  });
});
