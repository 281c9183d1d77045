// The handshake of the Control UI's WebSocket: Buoy logs in for the browser, which never holds the secret.
import { z } from 'zod';
import { AppError } from '../../lib/app-error.ts';
import { jsonExcess } from '../../lib/json-size.ts';
import type { GatewayAccess } from '../host/installation.ts';

/** Characters of the page's `connect`; the real one has 1 KB. */
const MAX_CONNECT = 64 * 1024;
/** Characters of what the gateway says until it has answered; a real `hello` has some 10 KB. */
const MAX_ANSWER = 1024 * 1024;
/** Parsed messages are serialized again, and deep nesting would exhaust the stack. */
const MAX_JSON = { depth: 64, values: 20_000 };

const connect = z.looseObject({
  type: z.literal('req'),
  id: z.string(),
  method: z.literal('connect'),
  params: z.looseObject({ client: z.looseObject({}).catch({}) }),
});

/**
 * The browser's `connect` as Buoy sends it: with the gateway's secret, and as the control plane that needs no pairing on a loopback
 * connection (as in ../gateway/frames.ts). The browser's device identity is removed: its signature does not match the changed message.
 * @returns null when the text is no `connect`, or more than one can be
 */
export function connectFor(text: string, auth: GatewayAccess['auth']): { id: string; text: string } | null {
  if (isTooMuch(text, MAX_CONNECT)) return null;
  const parsed = connect.safeParse(jsonOf(text));
  if (!parsed.success) return null;
  const { device: _device, auth: _auth, client, ...params } = parsed.data.params;
  const frame = {
    ...parsed.data,
    params: {
      ...params,
      client: { ...client, id: 'gateway-client', mode: 'backend', displayName: 'Control UI through Buoy' },
      ...(auth === null ? {} : { auth }),
    },
  };
  return { id: parsed.data.id, text: JSON.stringify(frame) };
}

const answer = z.looseObject({
  type: z.literal('res'),
  id: z.string(),
  ok: z.boolean(),
  payload: z.unknown().optional(),
});
const hello = z.looseObject({
  auth: z.looseObject({}).optional().catch(undefined),
  pluginSurfaceUrls: z.record(z.string(), z.string()).optional().catch(undefined),
});

export type ConnectAnswer = { ok: boolean; text: string };

/**
 * The gateway's answer to that `connect` as the browser gets it: without tokens of devices, and with addresses that it can reach.
 * @param base scheme, host and path of the Control UI, as in `https://control.example/s/srv_1`
 * @returns null when the text is another frame
 * @throws AppError when it is too large to be searched: the answer may be in it
 */
export function answerFor(text: string, id: string, base: string): ConnectAnswer | null {
  if (isTooMuch(text, MAX_ANSWER))
    throw new AppError('bad_gateway', 'The gateway sent too much data before its answer.');
  const parsed = answer.safeParse(jsonOf(text));
  if (!parsed.success || parsed.data.id !== id) return null;
  const payload = hello.safeParse(parsed.data.payload);
  if (!parsed.data.ok || !payload.success) return { ok: parsed.data.ok, text };
  const { auth, pluginSurfaceUrls, ...rest } = payload.data;
  const { deviceToken: _one, deviceTokens: _more, ...shown } = auth ?? {};
  const frame = {
    ...parsed.data,
    payload: {
      ...rest,
      ...(auth === undefined ? {} : { auth: shown }),
      ...(pluginSurfaceUrls === undefined
        ? {}
        : {
            pluginSurfaceUrls: Object.fromEntries(
              Object.entries(pluginSurfaceUrls).map(([name, url]) => [name, reachable(url, base)]),
            ),
          }),
    },
  };
  return { ok: true, text: JSON.stringify(frame) };
}

/** The gateway names itself by its loopback address. */
function reachable(url: string, base: string): string {
  if (!URL.canParse(url)) return url;
  const { pathname, search, hash } = new URL(url);
  return `${base}${pathname}${search}${hash}`;
}

function isTooMuch(text: string, maxLength: number): boolean {
  return text.length > maxLength || jsonExcess(text, MAX_JSON) !== null;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
