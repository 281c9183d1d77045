// What servers, agents and strangers write may hide characters or turn text around: no page may show that raw.
import type { Channel, CronJob, OpenclawStatus, RolloutServer, Skill, Task } from '@buoy/contract';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createElement, type FunctionComponent, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import type { Api } from './api.ts';
import { AuditRow } from './features/admin/audit-row.tsx';
import { AgentKeys } from './features/agents/agent-keys.tsx';
import { AgentPage } from './features/agents/agent-page.tsx';
import { agentKeysQuery, agentsQuery } from './features/agents/agent-queries.ts';
import { AgentsList } from './features/agents/agents-list.tsx';
import { HostKeyReview } from './features/bulk-setup/host-key-review.tsx';
import { SetupRow } from './features/bulk-setup/setup-row.tsx';
import { securityAuditQuery } from './features/channels/channel-queries.ts';
import { ChannelRow } from './features/channels/channel-row.tsx';
import { SecurityPanel } from './features/channels/security-panel.tsx';
import { IssueList } from './features/config/issue-list.tsx';
import { RevisionWords } from './features/config/revision-words.tsx';
import { JobPage } from './features/cron/job-page.tsx';
import { runEffect } from './features/cron/run-effect.tsx';
import { cronTexts } from './features/cron/texts.ts';
import { LogRow } from './features/logs/log-row.tsx';
import { NotificationChannelRow } from './features/notification-channels/channel-row.tsx';
import { PlannedServer, RolloutServerRow } from './features/rollouts/wave-list.tsx';
import { OpenclawPanel } from './features/servers/openclaw-panel.tsx';
import { ProblemPanel } from './features/servers/problem-panel.tsx';
import { RowFacts } from './features/servers/row-facts.tsx';
import { serverRecord } from './features/servers/testing/server-record.ts';
import { ChatHeader } from './features/sessions/chat-header.tsx';
import { SnapshotRow, VerifyResult } from './features/setup/snapshot-row.tsx';
import { SkillRow } from './features/skills/skill-row.tsx';
import { TaskBar } from './features/tasks/task-bar.tsx';
import { TaskRow } from './features/tasks/task-row.tsx';
import { UsageTable } from './features/usage/usage-table.tsx';
import { type Services, ServicesContext } from './services.ts';
import { EmptyNote } from './ui/empty-note.tsx';
import { Panel } from './ui/panel.tsx';
import { plainTextOf } from './ui/plain-text.ts';
import { Select } from './ui/select.tsx';

/** Turned around, and one character that nobody sees. */
const hostile = 'up\u202enwod\u200b';
const at = '2026-01-01T00:00:00.000Z';
const server = serverRecord();
const read = { source: 'gateway', observedAt: at } as const;
/** Nothing is asked while a page is drawn once: what it shows is there already. */
const api = {} as Api;

/** @param known what was read before, by its key */
function shown(
  content: ReactNode,
  known: ReadonlyArray<readonly [readonly unknown[], unknown]> = [],
): string {
  const queries = new QueryClient();
  for (const [key, data] of known) queries.setQueryData(key, data);
  const services = { api, telegram: null, announcements: { say() {} } } as unknown as Services;
  return renderToStaticMarkup(
    createElement(
      ServicesContext,
      { value: services },
      createElement(QueryClientProvider, { client: queries }, content),
    ),
  );
}

/** The element with what a test means; what else the component needs is not looked at. */
function of<P extends object>(
  component: FunctionComponent<P>,
  props: Partial<{ [K in keyof P]: unknown }>,
): ReactNode {
  return createElement(component, props as P);
}

const agent = {
  id: hostile,
  name: hostile,
  emoji: null,
  isDefault: false,
  model: hostile,
  bindings: 1,
  workspace: hostile,
};
const job: CronJob = {
  id: 'job',
  name: hostile,
  enabled: true,
  agentId: hostile,
  schedule: { kind: 'cron', expr: hostile, tz: hostile },
  message: `first line\n${hostile}`,
  sessionTarget: hostile,
  delivery: { mode: 'announce', channel: hostile, to: hostile },
  nextRunAt: null,
  running: false,
  lastRun: { at, status: 'error', error: hostile, durationMs: null },
  system: false,
};
const channel: Channel = {
  id: 'telegram',
  account: hostile,
  name: `${hostile} bot`,
  enabled: true,
  configured: true,
  state: 'disconnected',
  error: hostile,
  startedAt: null,
  lastActivityAt: null,
};
const status = {
  installed: true,
  version: hostile,
  gateway: {
    state: 'running',
    ready: true,
    port: 1,
    bind: hostile,
    uptimeS: 1,
    rssBytes: 1,
    authMode: hostile,
    pid: 1,
  },
  service: {
    manager: 'systemd-user',
    unit: hostile,
    activeState: hostile,
    restarts: 0,
    result: hostile,
    startLimitHit: false,
  },
  channels: [{ id: hostile, account: hostile, state: 'disconnected', error: hostile }],
  agents: 1,
  sessions: 1,
  update: { behind: true, latest: hostile },
  disk: null,
  memory: null,
} as unknown as OpenclawStatus;
const task: Task = {
  id: 'task',
  type: hostile,
  serverId: server.id,
  status: 'running',
  steps: [
    {
      id: 'step',
      title: hostile,
      status: 'running',
      startedAt: at,
      finishedAt: null,
      detail: null,
      outputTail: '',
    },
  ],
  progress: 0,
  result: null,
  error: { code: 'failed', message: hostile, hint: null },
  createdBy: 'system',
  createdAt: at,
  startedAt: at,
  finishedAt: null,
};
const rolloutServer: RolloutServer = {
  serverId: server.id,
  name: hostile,
  from: hostile,
  to: hostile,
  status: 'failed',
  taskId: task.id,
  error: { code: 'failed', message: hostile, hint: hostile },
};
const bulkRow = { name: hostile, host: hostile, port: 22, username: hostile, jumpServerId: null, server };
const progress = {
  state: 'failed',
  step: { title: hostile, number: 1, count: 9 },
  share: null,
  failure: { code: 'failed', message: hostile, hint: hostile },
  taskId: task.id,
};
const skill = {
  name: hostile,
  description: hostile,
  emoji: null,
  enabled: true,
  eligible: false,
  blockedByAgent: false,
  source: 'personal',
  removable: false,
  missing: { os: [hostile], bins: [hostile], anyBins: [hostile], env: [hostile], config: [hostile] },
  installable: [],
} as unknown as Skill;
const figures = { tokens: 1, costUsd: 1, input: 1, output: 1, cacheRead: 1, cacheWrite: 1 };
const session = {
  agentId: hostile,
  model: hostile,
  thinking: hostile,
  tokens: { total: null },
  costUsd: null,
  title: hostile,
  key: hostile,
};

describe('hidden characters are shown as what they are', () => {
  it.each<[string, () => string]>([
    ['the title of a panel', () => shown(of(Panel, { title: hostile }))],
    ['an empty place', () => shown(of(EmptyNote, { title: hostile }))],
    [
      'a choice',
      () => shown(of(Select, { value: `${hostile} `, options: [{ value: 'a', title: hostile }] })),
    ],
    [
      'a channel',
      () => shown(of(ChannelRow, { server: serverRecord({ role: 'viewer' }), channel, isPast: false })),
    ],
    [
      'a notification channel',
      () =>
        shown(
          of(NotificationChannelRow, {
            channel: {
              ...{
                id: 'nch_1',
                type: 'email',
                label: hostile,
                target: `${hostile}@example.org`,
                enabled: true,
              },
              ...{ state: 'failing', lastError: hostile, lastSentAt: null },
            },
            result: { delivered: false, error: hostile },
          }),
        ),
    ],
    [
      'a snapshot',
      () =>
        shown(
          of(SnapshotRow, {
            server: serverRecord({ role: 'viewer' }),
            snapshot: {
              version: hostile,
              reason: 'manual',
              note: hostile,
              createdAt: at,
              sizeBytes: 1,
              verified: true,
            },
            now: 0,
          }),
        ),
    ],
    ['what a check of a snapshot found', () => shown(of(VerifyResult, { ok: false, detail: hostile }))],
    [
      'a gap in a log',
      () => shown(of(LogRow, { entry: { kind: 'gap', number: 1, message: hostile }, wanted: '' })),
    ],
    [
      'a security audit',
      () =>
        shown(of(SecurityPanel, { server }), [
          [
            securityAuditQuery(api, server.id).queryKey,
            {
              ...read,
              audit: {
                summary: { critical: 1, warn: 0, info: 0 },
                findings: [
                  { id: hostile, severity: 'critical', title: hostile, detail: hostile, fix: hostile },
                ],
                checkedAt: at,
              },
            },
          ],
        ]),
    ],
    ['a job', () => shown(of(JobPage, { server, job, showsRuns: false }))],
    ['the question before a job runs', () => shown(runEffect(job, cronTexts.en))],
    [
      'the problem of a server',
      () =>
        shown(
          of(ProblemPanel, {
            problem: {
              kind: 'channels',
              causes: [hostile],
              hint: hostile,
              names: [hostile],
              share: null,
              serviceResult: hostile,
              repair: null,
            },
            server,
            status,
          }),
        ),
    ],
    [
      'the list of servers',
      () =>
        shown(
          of(RowFacts, {
            server: serverRecord({ openclaw: { installed: true, version: hostile } }),
            known: null,
          }),
        ),
    ],
    ['the state of OpenClaw', () => shown(of(OpenclawPanel, { answer: { ...read, status }, error: null }))],
    [
      'the list of agents',
      () =>
        shown(of(AgentsList, { server }), [
          [agentsQuery(api, server.id).queryKey, { ...read, agents: [agent] }],
        ]),
    ],
    [
      'an agent',
      () =>
        shown(of(AgentPage, { server, agentId: hostile, part: 'none', rest: [] })) +
        shown(of(AgentPage, { server, agentId: hostile, part: 'keys', rest: [] }), [
          [agentsQuery(api, server.id).queryKey, { ...read, agents: [agent] }],
        ]),
    ],
    [
      'the keys of an agent',
      () =>
        shown(of(AgentKeys, { server, agent }), [
          [
            agentKeysQuery(api, server.id, agent.id).queryKey,
            { ...read, keys: [{ provider: hostile, masked: hostile, scope: 'agent', source: 'store' }] },
          ],
        ]),
    ],
    ['a skill', () => shown(of(SkillRow, { server, agentId: '', skill }))],
    [
      'the issues of a config',
      () => shown(of(IssueList, { title: '', issues: [{ path: hostile, message: hostile }] })),
    ],
    [
      'the note of another admin',
      () =>
        shown(
          of(RevisionWords, {
            revision: { at, by: null, origin: 'buoy', note: hostile, valid: true },
            personName: () => '',
          }),
        ),
    ],
    [
      'a task',
      () =>
        shown(of(TaskRow, { task, place: hostile, now: 0 })) + shown(of(TaskBar, { title: hostile, task })),
    ],
    ['a server of a bulk setup', () => shown(of(SetupRow, { row: bulkRow, progress, isChosen: true }))],
    [
      'the host keys of several servers',
      () => shown(of(HostKeyReview, { places: [bulkRow], knownCount: 0 })),
    ],
    [
      'a server of a rollout',
      () =>
        shown(of(RolloutServerRow, { server: rolloutServer })) +
        shown(of(PlannedServer, { server: { ...rolloutServer, status: 'skipped' }, owner: null })),
    ],
    [
      'the owner of a server in the plan of a rollout',
      () => {
        const plain = { ...rolloutServer, name: 'web', from: '1.0.0', to: '2.0.0', error: null };
        return shown(of(PlannedServer, { server: plain, owner: `owner: ${hostile}` }));
      },
    ],
    ['usage', () => shown(of(UsageTable, { title: '', first: '', rows: [{ name: hostile, ...figures }] }))],
    [
      'the head of a conversation',
      () =>
        shown(
          of(ChatHeader, {
            server: serverRecord({ role: 'viewer' }),
            sessionKey: hostile,
            origin: { session, ...read },
          }),
        ),
    ],
  ])('in %s', (_where, draw) => {
    const text = draw()
      .replaceAll(/ (aria-label|title|value|href|id|name)="[^"]*"/g, '')
      .replace(/<[^>]*>/g, '');
    expect(text).toMatch(/U\+202E|\\u202e/);
    expect(text).not.toMatch(/[\u202e\u200b]/);
  });
});

it('the audit log shows each blank and selector of a command, which a shell takes for something else', () => {
  const command = 'rm\u3000-rf /\ufe0f';
  const entry = {
    ...{ id: 'aud_1', at, userId: '1', action: 'POST /servers/:id/exec', serverId: 'srv_1', target: 'web' },
    ...{ result: 'ok', requestId: null, ip: null, details: { body: { command } } },
  };
  const row = shown(of(AuditRow, { entry, person: 'Anna', server: 'web' }));
  expect(row).toContain('U+3000');
  expect(row).not.toMatch(/\u3000|\ufe0f/);
});

it('the question before a job runs shows the whole message, line by line', () => {
  expect(plainTextOf(runEffect(job, cronTexts.en))).toContain('first line\nup\\u202enwod\\u200b');
  expect(plainTextOf(runEffect({ ...job, message: null }, cronTexts.en))).not.toContain(
    cronTexts.en.runMessage,
  );
});
