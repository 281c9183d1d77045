// What demo, bench and tests do with a running Buoy again and again, through its API alone.
import type { Contract, NewServer, ResponseOf, Server } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import type { BuoyProcess } from './buoy-process.ts';
import { until } from './until.ts';

type ServerInput = Pick<NewServer, 'name' | 'host' | 'username' | 'authType'> & Partial<NewServer>;

/** Signs in by the printed link and answers the token. Throws when none was printed. */
export async function signInByLink(buoy: Pick<BuoyProcess, 'url' | 'signInCode'>): Promise<string> {
  if (buoy.signInCode === null) throw new Error('This Buoy printed no sign-in link.');
  const response = await fetch(`${buoy.url}/api/auth/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code: buoy.signInCode }),
  });
  const body = (await response.json()) as { token?: string; error?: string };
  if (body.token === undefined) throw new Error(`Sign-in failed: ${body.error}`);
  return body.token;
}

export async function addServer(api: Client, input: ServerInput): Promise<Server> {
  return (await api('POST /servers', { body: input })).server;
}

type StatusAnswer = ResponseOf<Contract['GET /servers/:id/openclaw/status']>;

/** Asks until the gateway runs and is ready, and the list shows the server as up. */
export async function untilUp(api: Client, id: string, deadlineMs = 120_000): Promise<StatusAnswer> {
  return until(deadlineMs, async () => {
    const answer = await api('GET /servers/:id/openclaw/status', { params: { id } }).catch(
      (error: unknown) => {
        if (error instanceof ApiError && error.status >= 500) return null;
        throw error;
      },
    );
    if (answer === null || answer.source !== 'gateway' || !answer.status.gateway.ready) return null;
    const { server } = await api('GET /servers/:id', { params: { id } });
    return server.status.state === 'up' ? answer : null;
  });
}
