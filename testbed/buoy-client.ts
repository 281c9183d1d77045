// API helpers for a running Buoy, shared by demo, benchmarks and tests.
import type { Contract, NewServer, ResponseOf, Server } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import type { BuoyProcess } from './buoy-process.ts';
import { until } from './until.ts';

type ServerInput = Pick<NewServer, 'name' | 'host' | 'username' | 'authType'> & Partial<NewServer>;

/** Signs in by the printed link, which works once, and answers the token. Throws when none was printed. */
export async function signInByLink(buoy: Pick<BuoyProcess, 'url' | 'signInCode'>): Promise<string> {
  if (buoy.signInCode === null) throw new Error('This Buoy printed no sign-in link.');
  return signInByCode(buoy.url, buoy.signInCode);
}

/** Signs in by a link that is made for it, and answers the token. */
export async function signInByNewLink(buoy: Pick<BuoyProcess, 'url' | 'newSignInLink'>): Promise<string> {
  return signInByCode(buoy.url, new URL(await buoy.newSignInLink()).hash.replace('#code=', ''));
}

async function signInByCode(url: string, code: string): Promise<string> {
  const response = await fetch(`${url}/api/auth/link`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  });
  const body = (await response.json()) as { token?: string; error?: string };
  if (body.token === undefined) throw new Error(`Sign-in failed: ${body.error}`);
  return body.token;
}

/** Adds a server, or answers the one that the first try of a repeated test has added. */
export async function addServer(api: Client, input: ServerInput): Promise<Server> {
  try {
    return (await api('POST /servers', { body: input })).server;
  } catch (error) {
    if (!(error instanceof ApiError && error.code === 'duplicate')) throw error;
    const { servers } = await api('GET /servers');
    const earlier = servers.find(({ name, host }) => name === input.name && host === input.host);
    if (earlier === undefined) throw error;
    return earlier;
  }
}

type StatusAnswer = ResponseOf<Contract['GET /servers/:id/openclaw/status']>;

/** Asks until the gateway runs and is ready, and the list shows the server as up. */
export async function untilUp(api: Client, id: string, deadlineMs = 60_000): Promise<StatusAnswer> {
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
