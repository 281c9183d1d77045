// The policies that a route can declare.
import type { Policy, ServerOf } from './route.ts';

export const anyone = { who: 'public' } as const satisfies Policy;
export const signedIn = { who: 'user' } as const satisfies Policy;
/** Signed in, and not by an API token: a token must not make others like it, nor sign anybody in. */
export const inPerson = { who: 'user', inPerson: true } as const satisfies Policy;
/** Signed in, approved or not: all else is closed to a person whom nobody has let in. */
export const signedInOrPending = { who: 'user', pending: true } as const satisfies Policy;
export const inPersonOrPending = { who: 'user', inPerson: true, pending: true } as const satisfies Policy;
export const superAdmin = { who: 'super' } as const satisfies Policy;
/** A super-admin, and not by an API token: by a link it would become a person, who stays when it is revoked. */
export const superAdminInPerson = { who: 'super', inPerson: true } as const satisfies Policy;
/** The same, for calls with such a body alone. */
export const superAdminInPersonFor = (inPersonFor: (body: unknown) => boolean) =>
  ({ who: 'super', inPersonFor }) as const satisfies Policy;
/** A super-admin, whose API token needs the scope `metrics` and no more. */
export const metricsReader = { who: 'super', scope: 'metrics' } as const satisfies Policy;

export const viewer = (serverOf: ServerOf) => ({ who: 'viewer', serverOf }) as const satisfies Policy;
export const admin = (serverOf: ServerOf) => ({ who: 'admin', serverOf }) as const satisfies Policy;
export const owner = (serverOf: ServerOf) => ({ who: 'owner', serverOf }) as const satisfies Policy;

/** Any member, in a call by which they may leave the server. */
export const leavingMember = (serverOf: ServerOf) =>
  ({ who: 'viewer', serverOf, endsOwnRole: true }) as const satisfies Policy;

/** For paths of the form /servers/:id…: the id is the server's. */
export const serverInPath: ServerOf = (params) => Promise.resolve(params.id ?? null);
