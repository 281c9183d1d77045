import { ApiError } from '@buoy/contract/client';
import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it } from 'vitest';
import { createConnectionState } from './connection-state.ts';

function world() {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false, networkMode: 'always' } } });
  const target = new EventTarget();
  const page = Object.assign(target, { navigator: { onLine: true } }) as unknown as Window & {
    navigator: { onLine: boolean };
  };
  const connectionState = createConnectionState(queries.getQueryCache(), page);
  const told: string[] = [];
  const leave = connectionState.subscribe(() => told.push(connectionState.connection().state));
  return {
    connectionState,
    told,
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
    const { connectionState, told, answers, fails } = world();
    await answers();
    await fails(0);
    expect(connectionState.connection()).toEqual({
      state: 'silent',
      answeredAt: expect.stringMatching(/^20.*Z$/),
    });
    await answers();
    expect(told).toEqual(['silent', 'reached']);
  });

  it('stays reachable after an error response', async () => {
    const { told, fails } = world();
    await fails(503);
    expect(told).toEqual([]);
  });

  it('becomes reachable again after an error response', async () => {
    const { told, fails } = world();
    await fails(0);
    await fails(404);
    expect(told).toEqual(['silent', 'reached']);
  });

  it('has no answer time before the first answer', async () => {
    const { connectionState, fails } = world();
    await fails(0);
    expect(connectionState.connection().answeredAt).toBeNull();
  });

  it('follows the browser’s online state', () => {
    const { told, network } = world();
    network(false);
    network(true);
    expect(told).toEqual(['offline', 'reached']);
  });

  it('stops probing after the page is left', async () => {
    const { told, leave, fails } = world();
    leave();
    await fails(0);
    expect(told).toEqual([]);
  });
});
