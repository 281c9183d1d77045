// OpenClaw on a server that is set up, for tests of what is left to do.
import type { OpenclawStatus } from '@buoy/contract';

export const runningOpenclaw: OpenclawStatus = {
  ...{ installed: true, version: '2026.9.6', channels: [], agents: 1, sessions: 0, disk: null, memory: null },
  gateway: {
    ...{ state: 'running', ready: true, pid: 10, uptimeS: 60, port: 18_789, bind: 'loopback' },
    ...{ authMode: 'token', rssBytes: null },
  },
  service: {
    ...{ manager: 'systemd-user', unit: 'openclaw-gateway.service', activeState: 'active' },
    ...{ result: 'success', restarts: 0, startLimitHit: false },
  },
  update: { current: '2026.9.6', latest: null, behind: null },
};
