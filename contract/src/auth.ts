// Sign-in and sign-out.
import { z } from 'zod';
import type { Endpoints } from './endpoint.ts';
import { text, time } from './scalars.ts';

export const user = z
  .object({
    id: z.string(),
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    lastName: z.string().nullable(),
    photoUrl: z.string().nullable(),
    languageCode: z.string().nullable(),
    isSuperAdmin: z.boolean(),
    /** False: this person has signed in, but nobody has let them in yet; most calls answer 403 `not_approved`. */
    approved: z.boolean(),
    /** May add servers of their own. */
    mayAddServers: z.boolean(),
    createdAt: time,
  })
  .meta({ id: 'User' });
export type User = z.output<typeof user>;

export const signedIn = z.object({ token: z.string(), user }).meta({ id: 'SignedIn' });

/** A link that signs a person in once; its code is shown this once. */
export const signInLink = z.object({ signInUrl: z.string(), expiresAt: time }).meta({ id: 'SignInLink' });
export type SignInLink = z.output<typeof signInLink>;

/** What a terminal shows and a person types: eight letters without those that look alike. */
const userCode = z.string().regex(/^\s*[A-Za-z]{4}[-\s]?[A-Za-z]{4}\s*$/, {
  error: 'must be the eight letters that the terminal shows',
});

export const deviceLogin = z
  .object({
    userCode: z.string(),
    /** Where the request for a sign-in came from. */
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'DeviceLogin' });
export type DeviceLogin = z.output<typeof deviceLogin>;

export const auth = {
  'GET /auth/ways': {
    summary: 'Which ways to sign in work on this Buoy, at the address that it was called by',
    status: 200,
    response: z.object({
      /** The Mini App, opened from the bot. */
      telegram: z.boolean(),
      /** “Log in with Telegram” in a browser. */
      telegramLogin: z.boolean(),
      /** False also where browsers allow none: at an IP address, and over plain http other than at localhost. */
      passkey: z.boolean(),
      /** A company's OpenID provider. */
      oidc: z.boolean(),
      link: z.boolean(),
      /** A sign-in lasts over plain http, too; on a page that came so nothing is encrypted, and it says so. */
      insecureHttp: z.boolean(),
      /** How the commands of Buoy are typed on its machine: by npm in its folder, or as its package has installed them. */
      commands: z.enum(['npm', 'buoy-server']),
    }),
  },
  'POST /auth/telegram': {
    summary: 'Sign in with the initData of a Telegram Mini App',
    rateLimit: 'signIn',
    body: z.strictObject({ initData: text(16_384), launchKey: text(128).optional() }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/link': {
    summary: 'Sign in with the code of a one-time link',
    rateLimit: 'signIn',
    body: z.strictObject({ code: text(256) }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/telegram-login': {
    summary:
      'Begin “Log in with Telegram”: the page to send the browser to; an HttpOnly cookie binds the sign-in to it',
    rateLimit: 'signIn',
    status: 200,
    response: z.object({ url: z.string() }),
  },
  'POST /auth/telegram-login/finish': {
    summary: 'Sign in with what Telegram has sent the browser back with',
    rateLimit: 'signIn',
    body: z.strictObject({ code: text(2_048), state: text(256) }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/oidc': {
    summary:
      'Begin to sign in through the OpenID provider: the page to send the browser to; an HttpOnly cookie binds the sign-in to it',
    rateLimit: 'signIn',
    status: 200,
    response: z.object({ url: z.string() }),
  },
  'POST /auth/oidc/finish': {
    summary: 'Sign in with what the OpenID provider has sent the browser back with',
    rateLimit: 'signIn',
    body: z.strictObject({ code: text(4_096), state: text(256), iss: text(512).optional() }),
    status: 200,
    response: signedIn,
  },
  'POST /auth/device': {
    summary: 'Begin a sign-in that is approved in a browser, as the command line does',
    rateLimit: 'signIn',
    status: 200,
    response: z.object({
      userCode: z.string(),
      deviceCode: z.string(),
      verificationUrl: z.string(),
      /** Seconds between two questions to POST /auth/device/token. */
      interval: z.number().int(),
      /** Seconds. */
      expiresIn: z.number().int(),
    }),
  },
  // A device polls every few seconds with a 256-bit code, which nobody guesses: the limit of all calls is enough.
  'POST /auth/device/token': {
    summary:
      'Has the sign-in been approved? 428 while it is pending; 200 also sets the HttpOnly cookie that renews it',
    body: z.strictObject({ deviceCode: text(256) }),
    status: 200,
    response: signedIn,
  },
  'GET /auth/device': {
    summary: 'Who asks to be signed in with this code',
    rateLimit: 'code',
    query: z.strictObject({ userCode }),
    status: 200,
    response: z.object({ device: deviceLogin }),
  },
  'POST /auth/device/approve': {
    summary: 'Let the device that shows this code sign in as you',
    rateLimit: 'code',
    body: z.strictObject({ userCode }),
    status: 204,
  },
  'POST /auth/refresh': {
    summary:
      'A new token for the web app or the command line, from the HttpOnly cookie; the only route that reads that cookie. The same `attemptKey` again within a minute repeats a renewal whose answer was lost; a used cookie without it ends the session',
    rateLimit: 'renewal',
    body: z.strictObject({ attemptKey: text(128).optional() }).nullish(),
    status: 200,
    response: signedIn,
  },
  'POST /auth/logout': {
    summary: 'End this session; its tokens are dead at once',
    rateLimit: 'ending',
    status: 204,
  },
} as const satisfies Endpoints;
