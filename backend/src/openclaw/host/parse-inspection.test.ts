// Facts parsed from the output of systemd 257 on real hosts.
import JSON5 from 'json5';
import { expect, test, vi } from 'vitest';
import { readKeyValues } from './key-values.ts';
import { parseInspection, parseService } from './parse-inspection.ts';

function values(lines: string[]) {
  const stdout = [...lines, 'end=1', ''].join('\n');
  return readKeyValues({ exitCode: 0, signal: null, stdout, stderr: '', truncated: false, durationMs: 1 });
}

const unit = [
  'manager=systemd-user',
  'unit=openclaw-gateway.service',
  'unit.Restart=always',
  'unit.RestartPreventExitStatus=78',
];
const crashed = [
  ...unit,
  'unit.ActiveState=failed',
  'unit.SubState=failed',
  'unit.Result=exit-code',
  'unit.MainPID=0',
];

test('inspection › a running unit', () => {
  const lines = [
    ...unit,
    'unit.ActiveState=active',
    'unit.SubState=running',
    'unit.Result=success',
    'unit.NRestarts=2',
    'unit.ExecMainStatus=0',
    'pid=76',
    'rssKiB=677856',
    'uptimeS=600',
  ];
  expect(parseService(values(lines))).toEqual({
    manager: 'systemd-user',
    unit: 'openclaw-gateway.service',
    activeState: 'active',
    subState: 'running',
    result: 'success',
    restarts: 2,
    startLimitHit: false,
    pid: 76,
    execMainStatus: 0,
    uptimeS: 600,
    rssBytes: 694_124_544,
  });
});

test('inspection › a crash loop that hit the start limit: Result still names the crash', () => {
  const service = parseService(values([...crashed, 'unit.NRestarts=10', 'unit.ExecMainStatus=203']));
  expect(service).toMatchObject({
    activeState: 'failed',
    result: 'exit-code',
    startLimitHit: true,
    pid: null,
  });
});

test('inspection › an exit that prevents a restart is not a start limit', () => {
  const service = parseService(values([...crashed, 'unit.NRestarts=1', 'unit.ExecMainStatus=78']));
  expect(service).toMatchObject({ startLimitHit: false, execMainStatus: 78 });
});

test('inspection › a failed stop is not a start limit', () => {
  const lines = [
    ...unit,
    'unit.ActiveState=failed',
    'unit.Result=timeout',
    'unit.NRestarts=0',
    'unit.ExecMainStatus=9',
  ];
  expect(parseService(values(lines)).startLimitHit).toBe(false);
});

test('inspection › a host without systemd has unknown service facts', () => {
  expect(parseService(values(['manager=none', 'unit=', 'pid=']))).toEqual({
    manager: 'none',
    unit: null,
    activeState: null,
    subState: null,
    result: null,
    restarts: null,
    startLimitHit: false,
    pid: null,
    execMainStatus: null,
    uptimeS: null,
    rssBytes: null,
  });
});

test('inspection › invalid values become null', () => {
  const service = parseService(values(['manager=launchd', 'unit.NRestarts=-1', 'pid=12x', 'rssKiB=']));
  expect(service).toMatchObject({ manager: 'none', restarts: null, pid: null, rssBytes: null });
});

test('inspection › the port of the unit wins over that of the config', () => {
  const exec =
    '{ path=/opt/node24/bin/node ; argv[]=/opt/node24/bin/node /opt/node24/lib/node_modules/openclaw/dist/index.js gateway --port 18820 ; ignore_errors=no }';
  const config = Buffer.from('{gateway:{port:1}}').toString('base64');
  const lines = [...unit, `unit.ExecStart=${exec}`, `config64=${config}`, 'configPath=/c', 'linger=no'];
  const { inspection } = parseInspection(values(lines), 5);
  expect(inspection).toMatchObject({
    installation: { installed: true, port: 18_820, linger: false },
    disk: null,
    memory: null,
    observedAtMs: 5,
  });
});

test('inspection › the config file is parsed once for all its values', () => {
  const parse = vi.spyOn(JSON5, 'parse');
  const config = Buffer.from('{gateway:{port:1},agents:{entries:{a:{},b:{}}}}').toString('base64');
  const { inspection } = parseInspection(values([...unit, `config64=${config}`, 'configPath=/c']), 5);
  expect(inspection).toMatchObject({ installation: { port: 1 }, agentsInConfig: 2 });
  expect(parse).toHaveBeenCalledTimes(1);
  parse.mockRestore();
});

test('inspection › the account of a system unit is known, that of a user unit is the login', () => {
  const access = (...lines: string[]) =>
    parseInspection(values(['unit=openclaw.service', 'configPath=/c', ...lines]), 0).settings.access;
  expect(access('manager=systemd-system', 'unit.User=claw')).toMatchObject({
    configPath: '/c',
    account: 'claw',
  });
  expect(access('manager=systemd-system', 'unit.User=')).not.toHaveProperty('account');
  expect(access('manager=systemd-user', 'unit.User=claw')).not.toHaveProperty('account');
});
