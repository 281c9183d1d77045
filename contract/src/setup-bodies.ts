// What every POST of a setup takes besides its own: the password for sudo, and who downloads.
import { z } from 'zod';
import type { Endpoint, Endpoints } from './endpoint.ts';
import { line } from './scalars.ts';

/** Who downloads Node and OpenClaw: the server, or Buoy, which sends them to the server over SSH. */
export const downloader = z.enum(['server', 'buoy']);
export type Downloader = z.output<typeof downloader>;

/** The password for sudo where the account needs one. */
export const withSudo = { sudoPassword: line(1_024).optional() };
/** Absent: the server, and Buoy where the server has no way out. */
export const withVia = { via: downloader.optional() };
const shared = { ...withSudo, ...withVia };

type Shared = z.input<z.ZodObject<typeof shared>>;
type TakingBoth<E> = {
  [K in keyof E]: K extends `POST ${string}`
    ? E[K] extends { body: infer Body extends z.ZodObject }
      ? Omit<E[K], 'body'> & { body: z.ZodType<z.output<Body>, z.input<Body> & Shared> }
      : E[K]
    : E[K];
};

/** A client sends both to each POST; one that has no use for them never gets to see them, so that it cannot store a password. */
export function takingBoth<const E extends Endpoints>(endpoints: E): TakingBoth<E> {
  const changed = Object.entries<Endpoint>(endpoints).map(([key, endpoint]) => {
    if (!key.startsWith('POST ')) return [key, endpoint];
    if (endpoint.body === undefined) return [key, { ...endpoint, body: nothingOf.nullish() }];
    return endpoint.body instanceof z.ZodObject
      ? [key, { ...endpoint, body: withoutUnused(endpoint.body) }]
      : [key, endpoint];
  });
  return Object.fromEntries(changed) as TakingBoth<E>;
}

const nothingOf = z.strictObject(shared).transform(() => ({}));

function withoutUnused(body: z.ZodObject): z.ZodType {
  const unused = Object.entries(shared).filter(([name]) => !Object.hasOwn(body.shape, name));
  if (unused.length === 0) return body;
  const dropped = new Set(unused.map(([name]) => name));
  return body
    .safeExtend(Object.fromEntries(unused))
    .transform((given) => Object.fromEntries(Object.entries(given).filter(([name]) => !dropped.has(name))));
}
