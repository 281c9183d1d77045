// The policies that a route can declare.
import type { PathParams, Policy } from './route.ts';

type ServerOf = (params: PathParams) => Promise<string | null>;

export const anyone = { who: 'public' } as const satisfies Policy;
export const signedIn = { who: 'user' } as const satisfies Policy;

export const viewer = (serverOf: ServerOf) => ({ who: 'viewer', serverOf }) as const satisfies Policy;
export const admin = (serverOf: ServerOf) => ({ who: 'admin', serverOf }) as const satisfies Policy;
export const owner = (serverOf: ServerOf) => ({ who: 'owner', serverOf }) as const satisfies Policy;

/** For paths of the form /servers/:id…: the id is the server's. */
export const serverInPath: ServerOf = (params) => Promise.resolve(params.id ?? null);
