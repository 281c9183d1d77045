// What inspect.sh prints of a host whose gateway runs, its config aside.

export const runningHost: Readonly<Record<string, string | number>> = {
  manager: 'systemd-user',
  unit: 'openclaw-gateway.service',
  'unit.ActiveState': 'active',
  'unit.SubState': 'running',
  'unit.Result': 'success',
  'unit.NRestarts': 0,
  'unit.Restart': 'always',
  pid: 76,
  rssKiB: 700_000,
  uptimeS: 600,
  binary: '/opt/node24/bin/openclaw',
  node: '/opt/node24/bin/node',
  version: '2026.9.6',
  configPath: '/home/deploy/.openclaw/openclaw.json',
  diskKiB: 100,
  diskFreeKiB: 40,
  memoryKiB: 200,
  memoryFreeKiB: 90,
};
