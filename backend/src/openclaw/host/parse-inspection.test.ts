// What systemd 257 showed on real hosts, as facts.
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

test('a running unit', () => {
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

test('a crash loop that systemd gave up: Result still names the crash', () => {
  const service = parseService(values([...crashed, 'unit.NRestarts=10', 'unit.ExecMainStatus=203']));
  expect(service).toMatchObject({
    activeState: 'failed',
    result: 'exit-code',
    startLimitHit: true,
    pid: null,
  });
});

test('an exit that must not be restarted is no start limit', () => {
  const service = parseService(values([...crashed, 'unit.NRestarts=1', 'unit.ExecMainStatus=78']));
  expect(service).toMatchObject({ startLimitHit: false, execMainStatus: 78 });
});

test('a stop that failed is no start limit', () => {
  const lines = [
    ...unit,
    'unit.ActiveState=failed',
    'unit.Result=timeout',
    'unit.NRestarts=0',
    'unit.ExecMainStatus=9',
  ];
  expect(parseService(values(lines)).startLimitHit).toBe(false);
});

test('a host without systemd degrades to unknowns', () => {
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

test('odd values become null instead of nonsense', () => {
  const service = parseService(values(['manager=launchd', 'unit.NRestarts=-1', 'pid=12x', 'rssKiB=']));
  expect(service).toMatchObject({ manager: 'none', restarts: null, pid: null, rssBytes: null });
});

test('the port of the unit wins over that of the config', () => {
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

test('the config file is parsed once, also where many things are read out of it', () => {
  const parse = vi.spyOn(JSON5, 'parse');
  const config = Buffer.from('{gateway:{port:1},agents:{entries:{a:{},b:{}}}}').toString('base64');
  const { inspection } = parseInspection(values([...unit, `config64=${config}`, 'configPath=/c']), 5);
  expect(inspection).toMatchObject({ installation: { port: 1 }, agentsInConfig: 2 });
  expect(parse).toHaveBeenCalledTimes(1);
  parse.mockRestore();
});
