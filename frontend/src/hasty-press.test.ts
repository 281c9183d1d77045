// A page that somebody else's link opens may come up under a click that was meant for another page: what decides takes no press at once.
import type { AccessRequest, DeviceLogin, InboxItem, Person, Rollout, User } from '@buoy/contract';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createElement, type ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { afterEach, expect, it, vi } from 'vitest';
import { AcceptInvite } from './features/access/invite-page.tsx';
import { PersonRow } from './features/admin/person-row.tsx';
import { InboxList } from './features/inbox/inbox-list.tsx';
import { RolloutPlan } from './features/rollouts/rollout-plan.tsx';
import { DeviceRequest } from './features/sign-in/device-request.tsx';
import { SignInQuestion } from './features/sign-in/sign-in-question.tsx';
import { type Services, ServicesContext } from './services.ts';

const at = '2026-01-01T00:00:00.000Z';
const user = { id: '1', username: null, firstName: 'Anna', lastName: null } as User;
const nothing = () => undefined;

afterEach(() => void vi.unstubAllGlobals());

/** The words of the buttons that wait until the page was seen. */
function waitingButtons(
  content: ReactNode,
  known: ReadonlyArray<readonly [readonly unknown[], unknown]> = [],
) {
  const queries = new QueryClient();
  for (const [key, data] of known) queries.setQueryData(key, data);
  const state = { phase: 'signed-in', user, notice: null };
  const services = {
    ...{ api: {}, telegram: null, announcements: { say: nothing } },
    session: { state: () => state, subscribe: () => nothing },
    wantedPage: { subscribe: () => nothing, codeFor: () => 'code' },
  } as unknown as Services;
  vi.stubGlobal('window', { location: { host: 'buoy.example' } });
  const page = renderToStaticMarkup(
    createElement(
      ServicesContext,
      { value: services },
      createElement(QueryClientProvider, { client: queries }, content),
    ),
  );
  return [...page.matchAll(/<button([^>]*)>(.*?)<\/button>/gs)]
    .filter(([, head = '']) => head.includes('aria-disabled="true"'))
    .map(([, , words = '']) => words.replaceAll(/<[^>]*>/g, ''));
}

const device: DeviceLogin = {
  ...{ userCode: 'ABCD-EFGH', ip: '203.0.113.7', userAgent: 'terminal', createdAt: at, expiresAt: at },
};
const request: AccessRequest = { userId: '2', name: 'Mallory', requestedAt: at };
const command: InboxItem = {
  type: 'approval',
  serverId: 'srv_1',
  serverName: 'one',
  approval: {
    ...{ id: 'a', command: 'expr 1', cwd: null, env: [], host: null, node: null, agentId: null },
    ...{ sessionKey: null, warning: null, requestedAt: null, expiresAt: null, status: 'pending' as const },
    allowedDecisions: ['allow-once', 'allow-always', 'deny'],
  },
};
const person = {
  ...{ ...user, id: '2', firstName: 'Mallory', displayName: null, status: 'pending', isSuperAdmin: false },
  ...{ lastSeenAt: null, servers: 0, createdAt: at },
} as unknown as Person;
const plan = {
  ...{ id: 'rol_1', version: '2026.9.6', status: 'planned', nextWaveAt: null },
  waves: [
    [
      {
        ...{ serverId: 'srv_1', name: 'one', from: null, to: '2026.9.6', status: 'pending' },
        ...{ taskId: null, error: null },
      },
    ],
  ],
} as unknown as Rollout;

it.each<[string, string[], () => string[]]>([
  [
    'the sign-in of a terminal',
    ['Approve'],
    () =>
      waitingButtons(
        createElement(DeviceRequest, {
          ...{ code: 'ABCD-EFGH', onApproved: nothing, onRejected: nothing, onOtherCode: nothing },
        }),
        [[['device-login', 'ABCD-EFGH'], device]],
      ),
  ],
  [
    'a sign-in by a link',
    ['Sign in'],
    () => waitingButtons(createElement(SignInQuestion, { offer: { kind: 'link' }, kept: null })),
  ],
  ['an invite', ['Accept'], () => waitingButtons(createElement(AcceptInvite, {}))],
  [
    'a command of an agent',
    ['Allow once', 'Deny', 'Always allow…'],
    () =>
      waitingButtons(
        createElement(InboxList, { items: [command], label: '', namesServer: true, empty: null }),
      ),
  ],
  [
    'a request for access',
    ['Approve', 'Refuse'],
    () =>
      waitingButtons(
        createElement(InboxList, {
          ...{ items: [{ type: 'access', request }], label: '', namesServer: true, empty: null },
        }),
      ),
  ],
  [
    'a person who waits for approval',
    ['Approve: Mallory', 'Refuse: Mallory'],
    () => waitingButtons(createElement(PersonRow, { person })),
  ],
  [
    'the plan of a rollout',
    ['Start the rollout'],
    () =>
      waitingButtons(
        createElement(RolloutPlan, {
          ...{ plan, hasCanary: false, pauseS: 0, isStarting: false, problem: null },
          ...{ onStart: nothing, onBack: nothing },
        }),
        [[['servers'], []]],
      ),
  ],
])('%s takes no press at once', (_what, words, draw) => {
  expect(draw()).toEqual(words);
});
