// What inspect.sh prints of a host whose gateway runs.

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

/** openclaw.json of a host whose gateway listens on `port` and takes `right-token`. */
export const configOn = (port: number) => ({
  gateway: { port, bind: 'loopback', auth: { mode: 'token', token: 'right-token' } },
});

/** All that inspect.sh prints. @param host its facts, where it is not the one that runs */
export function inspectionOf(
  config: Record<string, unknown>,
  host: Readonly<Record<string, string | number>> = runningHost,
): string {
  const lines = Object.entries(host).map(([key, value]) => `${key}=${value}`);
  const config64 = Buffer.from(JSON.stringify(config)).toString('base64');
  return [...lines, `config64=${config64}`, 'linger=yes', 'end=1', ''].join('\n');
}
