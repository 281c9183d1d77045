// A render on the server has no error boundaries, but replaces what fails in a Suspense: that stands here for what React does in a browser.
import type { InboxItem } from '@buoy/contract';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createElement, Suspense } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { languages } from '../../i18n/languages.ts';
import { LanguageContext } from '../../i18n/use-texts.ts';
import { type Services, ServicesContext } from '../../services.ts';
import { FailureBoundary } from '../../ui/page-boundary.tsx';
import { InboxList } from './inbox-list.tsx';
import { inboxTexts } from './texts.ts';
import type { Asked } from './with-decided.ts';

beforeEach(() => {
  const { render } = FailureBoundary.prototype;
  vi.spyOn(FailureBoundary.prototype, 'render').mockImplementation(function (this: FailureBoundary) {
    const failed = new FailureBoundary(this.props);
    failed.state = { ...failed.state, ...FailureBoundary.getDerivedStateFromError() };
    return createElement(Suspense, { fallback: render.call(failed) }, this.props.children);
  });
});
afterEach(() => vi.restoreAllMocks());

const command = (id: string, part: object = {}): InboxItem => ({
  type: 'approval',
  serverId: 'srv_1',
  serverName: 'one',
  approval: {
    ...{ id, command: `expr ${id}`, cwd: null, env: [], host: null, node: null, agentId: null },
    ...{ sessionKey: null, warning: null, allowedDecisions: ['deny'], requestedAt: null, expiresAt: null },
    status: 'pending',
    ...part,
  },
});

function shown(items: readonly Asked[], language: (typeof languages)[number] = 'en'): string {
  const services = { api: {}, telegram: null } as unknown as Services;
  const list = createElement(InboxList, { items, label: 'Waiting', namesServer: true, empty: null });
  const client = new QueryClient();
  return renderToString(
    createElement(
      LanguageContext,
      { value: language },
      createElement(
        ServicesContext,
        { value: services },
        createElement(QueryClientProvider, { client }, list),
      ),
    ),
  ).replaceAll('&#x27;', "'");
}

describe('a request that cannot be shown', () => {
  /** No list of names: whatever a card fails on. */
  const broken = command('broken', { env: null });

  it.each(languages)('says so in %s, and takes no other request away', (language) => {
    const page = shown([command('before'), broken, command('after')], language);
    expect(page).toContain('expr before');
    expect(page).toContain('expr after');
    expect(page).not.toContain('expr broken');
    expect(page.split(inboxTexts[language].failedTitle)).toHaveLength(2);
    expect(page.match(/<li/g)).toHaveLength(3);
    expect(page).toContain('buoy inbox deny');
  });

  it('is tried again once it is another one, and not while it stays the same', () => {
    const seen: string[] = [];
    vi.spyOn(FailureBoundary.prototype, 'render').mockImplementation(function (this: FailureBoundary) {
      seen.push(this.props.subject);
      return null;
    });
    for (const item of [broken, { ...broken }, command('broken')]) shown([item]);
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[0]);
  });
});

it('lists requests for access among the others, in the order of their times', () => {
  const asked: Asked[] = [
    command('first', { requestedAt: '2026-01-01T10:00:00.000Z' }),
    {
      type: 'access',
      request: { userId: '666', name: 'Mallory', requestedAt: '2026-01-01T11:00:00.000Z' },
    },
    command('last', { requestedAt: '2026-01-01T12:00:00.000Z' }),
  ];
  expect(shown(asked)).toMatch(/expr first.*Mallory.*expr last/s);
});

it('links to the conversation of a command, whatever its key holds', () => {
  const page = shown([command('a', { sessionKey: 'agent:main:\ud800' })]);
  expect(page).toContain('href="/servers/srv_1/sessions/agent%3Amain%3A%EF%BF%BD"');
});
