// Sign-in and the signed-in user.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { id, idParams, text, time } from './scalars.ts';

export const user = z
  .object({
    id: z.string(),
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    photoUrl: z.string().nullable(),
    languageCode: z.string().nullable(),
    isSuperAdmin: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof user>;

const signedIn = z.object({ token: z.string(), user }).meta({ id: 'SignedIn' });

export const session = z
  .object({
    id,
    kind: z.enum(['telegram', 'link']),
    current: z.boolean(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof session>;

export const auth = {
  'POST /auth/telegram': {
    summary: 'Sign in with the initData of a Telegram Mini App',
    body: z.strictObject({ initData: text(16_384), launchKey: text(128).optional() }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/link': {
    summary: 'Sign in with the code of a one-time link',
    body: z.strictObject({ code: text(256) }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/refresh': {
    summary: 'A new token for the web app, from its HttpOnly cookie; the only route that reads a cookie',
    status: 200,
    response: signedIn,
  },
  'POST /auth/logout': { summary: 'End this session; its tokens are dead at once', status: 204 },
  'GET /me': { summary: 'The signed-in user', status: 200, response: z.object({ user }) },
  'GET /me/sessions': {
    summary: 'Where this user is signed in',
    status: 200,
    response: z.object({ sessions: z.array(session), nextCursor: z.string().nullable() }),
  },
  'DELETE /me/sessions/:id': {
    summary: 'Sign a device out; its tokens are dead at once',
    params: idParams,
    status: 204,
  },
} as const satisfies Endpoints;
