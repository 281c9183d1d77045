// An example of each body, for the API reference.

import type { RequestOf } from './endpoint.ts';
import type { Contract, EndpointKey } from './index.ts';

type Bodies = { [K in EndpointKey]?: RequestOf<Contract[K]>['body'] };

const fingerprint = 'SHA256:uNiVztksCsDhcc0u9e8BrZ7XcR2VwWeVj3BnQ2p0sTg';

export const requestExamples: Bodies = {
  'POST /auth/telegram': { initData: 'query_id=AAH…&user=…&auth_date=1767225600&hash=…' },
  'POST /auth/link': { code: 'yJ0n5Qx2rH8vK3sT' },
  'POST /auth/telegram-login/finish': { code: 'c0de', state: 'st4te' },
  'POST /auth/passkey/verify': {
    credential: {
      id: 'S29mZm9ydGFi',
      rawId: 'S29mZm9ydGFi',
      type: 'public-key',
      response: {
        clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uZ2V0Iiw',
        authenticatorData: 'SZYN5YgOjGh0NBcPZHZgW4_krrmihjLHmVzzuoMdl2M',
        signature: 'MEUCIQDmSZ0oJ8',
        userHandle: 'dXNlcg',
      },
    },
  },
  'POST /auth/oidc/finish': { code: 'c0de', state: 'st4te', iss: 'https://id.example.org' },
  'POST /auth/invite/show': { code: 'yJ0n5Qx2rH8vK3sT' },
  'POST /auth/invite': { code: 'yJ0n5Qx2rH8vK3sT', name: 'Grace Hopper' },
  'POST /auth/device/token': { deviceCode: 'dQw4w9WgXcQ' },
  'POST /auth/device/approve': { userCode: 'WDJB-MJHT' },
  'POST /auth/refresh': { attemptKey: '5f0e7d0c' },
  'PUT /me': { displayName: 'Grace' },
  'POST /me/passkeys': {
    name: 'Phone',
    credential: {
      id: 'S29mZm9ydGFi',
      rawId: 'S29mZm9ydGFi',
      type: 'public-key',
      response: {
        clientDataJSON: 'eyJ0eXBlIjoid2ViYXV0aG4uY3JlYXRlIiw',
        attestationObject: 'o2NmbXRkbm9uZWdhdHRTdG10oGhhdXRoRGF0YQ',
        transports: ['internal'],
      },
    },
  },
  'PUT /me/passkeys/:id': { name: 'Laptop' },
  'POST /me/tokens': { name: 'deploy script', scopes: ['operate'], expiresAt: '2027-01-01T00:00:00Z' },
  'PUT /me/notification-prefs': {
    quietHours: { enabled: true, start: '22:00', end: '07:00', timezone: 'Europe/Berlin' },
    minSeverity: 'warning',
  },
  'POST /me/control-ui': { code: 'q7Zk2v' },
  'POST /servers': {
    name: 'web',
    host: 'web.example.org',
    username: 'deploy',
    authType: 'password',
    password: 'correct horse battery staple',
    tags: ['prod'],
  },
  'POST /servers/host-key': { host: 'web.example.org' },
  'PUT /servers/:id': { name: 'web-1', tags: ['prod', 'eu'] },
  'POST /servers/:id/clone': { name: 'web-2', host: 'web2.example.org' },
  'POST /servers/:id/host-key/accept': { fingerprint },
  'POST /servers/:id/exec': { command: 'uptime', timeoutS: 10 },
  'POST /servers/:id/exec/stream': { argv: ['tail', '-f', '/var/log/syslog'], timeoutS: 60 },
  'POST /servers/:id/access': { userId: '123456789', role: 'viewer' },
  'PUT /servers/:id/access/:userId': { role: 'admin' },
  'POST /servers/:id/transfer': { userId: '123456789' },
  'POST /servers/:id/invites': { role: 'viewer', expiresInH: 24 },
  'POST /invites/accept': { code: 'yJ0n5Qx2rH8vK3sT' },
  'POST /servers/:id/openclaw/model-check': { provider: 'openai' },
  'POST /servers/:id/openclaw/channels/:channelId/start': { account: 'default' },
  'POST /servers/:id/openclaw/channels/:channelId/stop': { account: 'default' },
  'POST /servers/:id/openclaw/agents': { id: 'support', name: 'Support', emoji: '🛟' },
  'PUT /servers/:id/openclaw/agents/:agentId': { name: 'Support', model: 'openai/gpt-5' },
  'PUT /servers/:id/openclaw/agents/:agentId/files/:name': { content: '# Soul\n\nFriendly and brief.\n' },
  'PUT /servers/:id/openclaw/agents/:agentId/skills': { mode: 'only', names: ['weather'] },
  'PUT /servers/:id/openclaw/agents/:agentId/bindings': { bindings: [{ channel: 'telegram' }] },
  'PUT /servers/:id/openclaw/agents/:agentId/keys/:provider': { apiKey: 'sk-…' },
  'PUT /servers/:id/openclaw/config': {
    patch: { agents: { defaults: { thinkingDefault: 'low' } } },
    hash: '9f86d081884c7d65',
    note: 'cheaper nights',
  },
  'POST /servers/:id/openclaw/config/preview': { patch: { gateway: { port: 18790 } } },
  'POST /servers/:id/openclaw/config/rollback': { rev: 11 },
  'PUT /servers/:id/openclaw/models/default': { model: 'openai/gpt-5' },
  'PUT /servers/:id/openclaw/sessions/:key': { label: 'Release notes', pinned: true },
  'POST /servers/:id/openclaw/sessions/:key/messages': { text: 'How is the disk?' },
  'POST /servers/:id/openclaw/sessions/:key/abort': { runId: 'run-1' },
  'POST /servers/:id/openclaw/cron': {
    name: 'morning',
    schedule: { kind: 'cron', expr: '0 9 * * 1-5', tz: 'Europe/Berlin' },
    message: 'What is new?',
  },
  'PUT /servers/:id/openclaw/cron/:jobId': { enabled: false },
  'POST /servers/:id/openclaw/skills/install': { source: 'clawhub', slug: 'weather' },
  'PUT /servers/:id/openclaw/skills/:name': { enabled: false },
  'POST /servers/:id/openclaw/approvals/:approvalId/resolve': { decision: 'allow-once' },
  'PUT /servers/:id/openclaw/exec-policy': { defaults: { security: 'allowlist', ask: 'on-miss' } },
  'POST /alerts/:id/snooze': { minutes: 60 },
  'POST /admin/users': { name: 'Grace Hopper', link: true },
  'PUT /admin/users/:id': { mayAddServers: false },
};
