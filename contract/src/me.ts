// The signed-in user's own things: devices, API tokens, how to be notified.
import { z } from 'zod';
import { alertSeverity, alertType } from './alerts.ts';
import { signInLink, user } from './auth.ts';
import type { Endpoints } from './endpoint.ts';
import { id, idParams, name, time, timeOfDay, timeZone } from './scalars.ts';

export const session = z
  .object({
    id,
    kind: z.enum(['telegram', 'link', 'device', 'passkey', 'oidc']),
    current: z.boolean(),
    ip: z.string().nullable(),
    userAgent: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Session' });
export type Session = z.output<typeof session>;

/** read: what a viewer may; operate: what an admin of a server may; admin: all that its person may; metrics: GET /metrics alone. */
export const scope = z.enum(['read', 'operate', 'admin', 'metrics']);
export type Scope = z.output<typeof scope>;

export const apiToken = z
  .object({
    id,
    name: z.string(),
    scopes: z.array(scope),
    createdAt: time,
    lastUsedAt: time.nullable(),
    /** null: until it is revoked. */
    expiresAt: time.nullable(),
  })
  .meta({ id: 'ApiToken' });
export type ApiToken = z.output<typeof apiToken>;

export const quietHours = z.strictObject({
  enabled: z.boolean(),
  start: timeOfDay,
  /** At or before `start`: the next morning. */
  end: timeOfDay,
  timezone: timeZone,
});

export const notificationPrefs = z
  .object({
    mutedTypes: z.array(alertType),
    quietHours,
    /** Critical alerts come through quiet hours. */
    criticalBreaksQuiet: z.boolean(),
    minSeverity: alertSeverity,
    /** Told again of alerts that nobody takes care of. */
    reminders: z.boolean(),
    /** Told only of alerts that nobody has taken care of within half an hour. */
    escalationOnly: z.boolean(),
  })
  .meta({ id: 'NotificationPrefs' });
export type NotificationPrefs = z.output<typeof notificationPrefs>;

const prefsAnswer = z.object({
  notificationPrefs,
  /** What these settings do at this moment: which alerts would be sent, and until when it is quiet. */
  now: z.object({ warning: z.boolean(), critical: z.boolean(), quietUntil: time.nullable() }),
});

export const me = {
  'GET /me': { summary: 'The signed-in user', status: 200, response: z.object({ user }) },
  'PUT /me': {
    summary: 'Change your display name; null: the name that you signed in with',
    body: z.strictObject({ displayName: name(100).nullable() }),
    status: 200,
    response: z.object({ user }),
  },
  'GET /me/sign-in-link': {
    summary: 'Whether you keep a sign-in link, and until when it works; null: you keep none',
    status: 200,
    response: z.object({ signInLink: z.object({ createdAt: time, expiresAt: time }).nullable() }),
  },
  'POST /me/sign-in-link': {
    summary: 'Make a sign-in link to keep; it works once, for a year, in place of the one before',
    status: 201,
    response: signInLink,
  },
  'DELETE /me/sign-in-link': {
    summary: 'Void the sign-in link that you keep',
    rateLimit: 'ending',
    status: 204,
  },
  'GET /me/sessions': {
    summary: 'Where this user is signed in',
    rateLimit: 'endable',
    status: 200,
    response: z.object({ sessions: z.array(session), nextCursor: z.string().nullable() }),
  },
  'DELETE /me/sessions/:id': {
    summary: 'Sign a device out; its tokens are dead at once',
    rateLimit: 'ending',
    params: idParams,
    status: 204,
  },
  'GET /me/tokens': {
    summary: 'API tokens of this user',
    rateLimit: 'endable',
    status: 200,
    response: z.object({ tokens: z.array(apiToken), nextCursor: z.string().nullable() }),
  },
  'POST /me/tokens': {
    summary: 'Make an API token; its secret is shown this once',
    rateLimit: 'token',
    body: z.strictObject({
      name: name(100),
      scopes: z
        .array(scope)
        .min(1)
        .max(4)
        .refine((scopes) => new Set(scopes).size === scopes.length, { error: 'must not repeat' }),
      expiresAt: time.nullable().optional(),
    }),
    status: 201,
    response: z.object({ token: apiToken.extend({ secret: z.string() }) }),
  },
  'DELETE /me/tokens/:id': {
    summary: 'Revoke an API token at once',
    rateLimit: 'ending',
    params: idParams,
    status: 204,
  },
  'GET /me/notification-prefs': {
    summary: 'Your mute and quiet-hours settings',
    status: 200,
    response: prefsAnswer,
  },
  'PUT /me/notification-prefs': {
    summary: 'Update your preferences; what is absent stays',
    body: z
      .strictObject({
        mutedTypes: z.array(alertType).max(alertType.options.length).optional(),
        quietHours: quietHours.partial().optional(),
        criticalBreaksQuiet: z.boolean().optional(),
        minSeverity: alertSeverity.optional(),
        reminders: z.boolean().optional(),
        escalationOnly: z.boolean().optional(),
      })
      .meta({ id: 'NotificationPrefsChange' }),
    status: 200,
    response: prefsAnswer,
  },
} as const satisfies Endpoints;
