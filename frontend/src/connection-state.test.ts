import { ApiError } from '@buoy/contract/client';
import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { createConnectionState } from './connection-state.ts';

function fixture() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
  const target = new EventTarget();
  const page = Object.assign(target, { navigator: { onLine: true } }) as unknown as Window & {
    navigator: { onLine: boolean };
  };
  const connectionState = createConnectionState(queries.getQueryCache(), page);
  const notified: string[] = [];
  const leave = connectionState.subscribe(() => notified.push(connectionState.connection().state));
  return {
    connectionState,
    notified,
    leave,
    network(onLine: boolean) {
      page.navigator.onLine = onLine;
      target.dispatchEvent(new Event(onLine ? 'online' : 'offline'));
    },
    answers: () => queries.fetchQuery({ queryKey: ['x'], queryFn: () => 1, staleTime: 0 }),
    fails: (status: number) =>
      queries
        .fetchQuery({
          queryKey: ['x'],
          queryFn: () => Promise.reject(new ApiError(status, { error: 'no' })),
          staleTime: 0,
        })
        .catch(() => undefined),
  };
}

describe('connection state', () => {
  it('reports silence with the time of the last answer, and recovery', async () => {
    const { connectionState, notified, answers, fails } = fixture();
    await answers();
    await fails(0);
    expect(connectionState.connection()).toEqual({
      state: 'silent',
      answeredAt: expect.stringMatching(/^20.*Z$/),
    });
    await answers();
    expect(notified).toEqual(['silent', 'reached']);
  });

  it('stays reachable after an error response', async () => {
    const { notified, fails } = fixture();
    await fails(503);
    expect(notified).toEqual([]);
  });

  it('becomes reachable again after an error response', async () => {
    const { notified, fails } = fixture();
    await fails(0);
    await fails(404);
    expect(notified).toEqual(['silent', 'reached']);
  });

  it('has no answer time before the first answer', async () => {
    const { connectionState, fails } = fixture();
    await fails(0);
    expect(connectionState.connection().answeredAt).toBeNull();
  });

  it('follows the browser’s online state', () => {
    const { notified, network } = fixture();
    network(false);
    network(true);
    expect(notified).toEqual(['offline', 'reached']);
  });

  it('stops probing after the page is left', async () => {
    const { notified, leave, fails } = fixture();
    leave();
    await fails(0);
    expect(notified).toEqual([]);
  });
});
