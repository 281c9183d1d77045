// Examples of what the API answers, for the API reference: by the id of the schema.
import type { z } from 'zod';
import type { alert } from './alerts.ts';
import type { user } from './auth.ts';
import type { problem } from './problem.ts';
import type { execResult, server } from './servers.ts';
import type { task } from './tasks.ts';

type Examples = {
  Alert: z.output<typeof alert>;
  ExecResult: z.output<typeof execResult>;
  Problem: z.output<typeof problem>;
  Server: z.output<typeof server>;
  Task: z.output<typeof task>;
  User: z.output<typeof user>;
};

const serverId = '4Zk1vQ8sT0aB';
const morning = '2026-03-01T08:00:00.000Z';
const later = '2026-03-01T08:00:07.000Z';

export const schemaExamples: Examples = {
  Alert: {
    id: 'a1Xw9',
    serverId,
    type: 'gateway_down',
    severity: 'critical',
    status: 'firing',
    cause: 'The gateway keeps crashing; systemd stopped restarting it.',
    evidence: '',
    firstAt: morning,
    lastAt: later,
    count: 2,
    resolvedAt: null,
    snoozedUntil: null,
    readAt: null,
    noteCount: 1,
    autoRepair: { at: later, by: 'Ada', result: 'failed' },
  },
  ExecResult: {
    exitCode: 0,
    signal: null,
    stdout: ' 08:00:00 up 12 days,  3:04,  0 users,  load average: 0.08, 0.03, 0.01\n',
    stderr: '',
    truncated: false,
    durationMs: 38,
  },
  Problem: {
    error: 'The request is not valid (port): Too big: expected number to be <=65535.',
    code: 'invalid_request',
    requestId: 'hJ2mV0cQ',
    details: [{ path: 'port', message: 'Too big: expected number to be <=65535' }],
  },
  Server: {
    id: serverId,
    name: 'web',
    host: 'web.example.org',
    port: 22,
    username: 'deploy',
    authType: 'key',
    tags: ['prod'],
    jumpServerId: null,
    jumpServerRemoved: false,
    hostKey: {
      algorithm: 'ssh-ed25519',
      fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BrZ7XcR2VwWeVj3BnQ2p0sTg',
      pinnedAt: morning,
    },
    openclaw: { installed: true, version: '2026.9.6' },
    status: { state: 'up', since: morning, checkedAt: later, reasons: [] },
    role: 'owner',
    owner: { id: '123456789', name: 'Anna Smith', givenBy: null },
    version: 1,
    createdAt: morning,
    updatedAt: morning,
  },
  Task: {
    id: 't7Pq2',
    type: 'openclaw.restart',
    serverId,
    status: 'succeeded',
    steps: [
      {
        id: 'verify',
        title: 'Prove that it works',
        status: 'succeeded',
        startedAt: morning,
        finishedAt: later,
        detail: 'It answers, and says that it is healthy.',
        outputTail: '',
      },
    ],
    progress: 1,
    result: { bootId: 'b-41', pid: 4711, version: '2026.9.6', downtimeMs: 5200 },
    error: null,
    createdBy: '123456789',
    createdAt: morning,
    startedAt: morning,
    finishedAt: later,
  },
  User: {
    id: '123456789',
    username: 'anna',
    firstName: 'Anna',
    lastName: null,
    photoUrl: null,
    languageCode: 'en',
    isSuperAdmin: false,
    approved: true,
    mayAddServers: true,
    createdAt: morning,
  },
};
