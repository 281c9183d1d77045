// The units that setup writes for systemd, in this machine's /bin/sh: OpenClaw takes them for its own.
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { withVariables } from './install-step.ts';

const load = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');
const script = ['installer.sh', 'linger.sh', 'kept.sh', 'install-service.sh'].map(load).join('\n');
const UNIT = 'openclaw-gateway.service';

describe('the unit of a gateway', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'buoy-unit-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  function homeCalled(name: string): string {
    const home = path.join(folder, name);
    const bin = path.join(home, '.local/openclaw/bin');
    mkdirSync(bin, { recursive: true });
    mkdirSync(path.join(home, 'etc'));
    symlinkSync(process.execPath, path.join(bin, 'node'));
    for (const [program, text] of Object.entries({
      openclaw: '#!/bin/sh\n',
      // Of the unit, it knows what it starts.
      systemctl: `#!/bin/sh
case "$*" in
  *ExecStart*) sed -n 's/^ExecStart=\\([^ ]*\\) \\(.*\\)$/ExecStart={ path=\\1 ; argv[]=\\1 \\2 ; ignore_errors=no }/p' "$HOME/.config/systemd/user/${UNIT}" 2>/dev/null ;;
esac
`,
      loginctl: '#!/bin/sh\n',
      sudo: '#!/bin/sh\n[ "$1" != -n ] || shift\nexec "$@"\n',
      id: '#!/bin/sh\ncase $1 in -un) echo deploy ;; *) echo 1000 ;; esac\n',
    }))
      writeFileSync(path.join(bin, program), text, { mode: 0o755 });
    return home;
  }

  /** The text of the unit. */
  function install(
    home: string,
    {
      manager = 'systemd-user',
      environment = {},
      memoryMiB = 4_096,
      port = '18789',
    }: { manager?: string; environment?: Record<string, string>; memoryMiB?: number; port?: string } = {},
  ): string {
    writeFileSync(path.join(home, 'meminfo'), `MemTotal: ${memoryMiB * 1_024} kB\nMemFree: 1 kB\n`);
    const variables = { MANAGER: manager, GATEWAY_PORT: port, SUPERVISOR: '', SUDO_PASSWORD: '' };
    const local = withVariables(script, variables)
      .replaceAll('/run/systemd/system', '/')
      .replaceAll('/etc/systemd/system', '$HOME/etc')
      .replaceAll('/sys/fs/cgroup/memory.max', '"$HOME/none"')
      .replaceAll('/proc/meminfo', '"$HOME/meminfo"')
      .replaceAll('/var/lib/systemd/linger/$account', '/');
    execFileSync('/bin/sh', ['-c', local], { env: { HOME: home, PATH: '/usr/bin:/bin', ...environment } });
    return readFileSync(fileOf(home, manager), 'utf8');
  }
  const fileOf = (home: string, manager = 'systemd-user') =>
    path.join(home, manager === 'systemd-user' ? '.config/systemd/user' : 'etc', UNIT);

  test('is that of OpenClaw 2026.9.6, with a folder for compiled code that only its account may write', () => {
    const home = homeCalled('home');
    const prefix = `${home}/.local/openclaw`;
    expect(install(home, { environment: { NODE_EXTRA_CA_CERTS: '/etc/ssl/own.crt' } })).toBe(`[Unit]
Description=OpenClaw Gateway
After=network-online.target
Wants=network-online.target
StartLimitBurst=10
StartLimitIntervalSec=300

[Service]
ExecStart=${process.execPath} --max-old-space-size=2048 ${prefix}/lib/node_modules/openclaw/dist/index.js gateway --port 18789
Restart=always
RestartSec=5
RestartPreventExitStatus=78
TimeoutStopSec=330
TimeoutStartSec=30
SuccessExitStatus=0 143
OOMPolicy=continue
KillMode=mixed
Environment=HOME=${home}
Environment=TMPDIR=/tmp
Environment=NODE_EXTRA_CA_CERTS=/etc/ssl/own.crt
Environment=PATH=${prefix}/bin:/usr/local/bin:/usr/bin:/bin:${home}/.local/bin:${home}/.npm-global/bin:${home}/bin:${home}/.nix-profile/bin
Environment=NODE_COMPILE_CACHE=${home}/.cache/node-compile-cache
Environment=NODE_OPTIONS=
Environment=OPENCLAW_GATEWAY_PORT=18789
Environment=OPENCLAW_SYSTEMD_UNIT=openclaw-gateway.service
Environment="OPENCLAW_WINDOWS_TASK_NAME=OpenClaw Gateway"
Environment=OPENCLAW_WINDOWS_TASK_HIDDEN_LAUNCHER=1
Environment=OPENCLAW_SERVICE_MARKER=openclaw
Environment=OPENCLAW_SERVICE_KIND=gateway

[Install]
WantedBy=default.target
`);
    expect(statSync(fileOf(home)).mode & 0o777).toBe(0o600);
  });

  test('of the system names the account, and starts without a login', () => {
    const unit = install(homeCalled('home'), { manager: 'systemd-system' });
    expect(unit).toContain('[Service]\nUser=deploy\nExecStart=');
    expect(unit).toMatch(/WantedBy=multi-user\.target\n$/);
  });

  // Figures of OpenClaw's own policy (gateway-heap of 2026.9.6).
  test.each([
    [512, 384],
    [2_048, 1_536],
    [4_096, 2_048],
    [16_384, 8_192],
    [24_000, 8_192],
    [65_536, 16_384],
  ])('on a server with %d MiB of memory lets the heap grow to %d MiB', (memoryMiB, heapMiB) => {
    expect(install(homeCalled('home'), { memoryMiB })).toContain(` --max-old-space-size=${heapMiB} `);
  });

  test('quotes a home that systemd would split or expand', () => {
    const home = homeCalled('a 100%"home');
    const quoted = home.replaceAll('%', '%%').replaceAll('"', '\\"');
    const unit = install(home);
    expect(unit).toContain(`Environment="HOME=${quoted}"\n`);
    expect(unit).toContain(` "${quoted}/.local/openclaw/lib/node_modules/openclaw/dist/index.js" gateway`);
  });

  test('takes no line from the environment of the login', () => {
    const environment = { NODE_EXTRA_CA_CERTS: '/etc/x\nExecStartPre=/tmp/evil' };
    expect(install(homeCalled('home'), { environment })).not.toContain('evil');
  });

  test('that starts the same gateway already keeps what a person has changed', () => {
    const home = homeCalled('home');
    const changed = install(home).replace('RestartSec=5', 'RestartSec=60');
    writeFileSync(fileOf(home), changed);
    expect(install(home)).toBe(changed);
    expect(existsSync(`${fileOf(home)}.bak`)).toBe(false);
  });

  test.each([
    ['another form of its port', (unit: string) => unit.replace('--port 18789', '--port=18789 --verbose')],
    ['no port', (unit: string) => unit.replace(' --port 18789', '')],
  ])('that starts the same gateway with %s stays as it is', (_what, change) => {
    const home = homeCalled('home');
    const changed = change(install(home));
    writeFileSync(fileOf(home), changed);
    expect(install(home)).toBe(changed);
  });

  test('whose program is gone is replaced', () => {
    const home = homeCalled('home');
    const unit = install(home);
    writeFileSync(fileOf(home), unit.replace(process.execPath, '/usr/bin/node-that-is-gone'));
    expect(install(home)).toBe(unit);
  });

  test('of the system shows no account the password of a proxy', () => {
    const environment = { OPENCLAW_PROXY_URL: 'http://ada:hidden@proxy.example' };
    expect(install(homeCalled('user'), { environment })).toContain('hidden');
    const system = install(homeCalled('system'), { manager: 'systemd-system', environment });
    expect(system).not.toContain('hidden');
  });

  test('that starts another gateway, or on another port, is kept beside the new one', () => {
    const home = homeCalled('home');
    const old = install(home, { port: '20000' });
    expect(install(home)).toContain('--port 18789\n');
    expect(readFileSync(`${fileOf(home)}.bak`, 'utf8')).toBe(old);
  });
});
