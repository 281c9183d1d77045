// Access: who may do what on a server, and how a person gets in.
import { z } from 'zod';
import { signedIn } from './auth.ts';
import type { Endpoints } from './endpoint.ts';
import { id, idParams, name, text, time } from './scalars.ts';
import { role, server } from './servers.ts';

/** What a person can be given; a server has one owner, and ownership moves by transfer. */
export const grantableRole = z.enum(['admin', 'viewer']);
export type GrantableRole = z.output<typeof grantableRole>;

export const member = z
  .object({
    userId: z.string(),
    /** Both null until that person first signs in. */
    username: z.string().nullable(),
    firstName: z.string().nullable(),
    role,
    grantedBy: z.string(),
    createdAt: time,
  })
  .meta({ id: 'Member' });
export type Member = z.output<typeof member>;

export const invite = z
  .object({
    id,
    role: grantableRole,
    createdBy: z.string(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: 'Invite' });
export type Invite = z.output<typeof invite>;

/** What a person is shown who holds the link and decides whether to accept. */
export const shownInvite = z
  .object({
    serverName: z.string(),
    role: grantableRole,
    /** The name of the person who made the invite; null: they have never signed in. */
    invitedBy: z.string().nullable(),
    expiresAt: time,
  })
  .meta({ id: 'ShownInvite' });
export type ShownInvite = z.output<typeof shownInvite>;

const memberParams = z.strictObject({ id, userId: id });
const oneMember = z.object({ member });

/** Hours: a week at most. */
const expiresInH = z.number().int().min(1).max(168);

export const access = {
  'GET /servers/:id/access': {
    summary: 'List members',
    params: idParams,
    status: 200,
    response: z.object({ members: z.array(member), nextCursor: z.string().nullable() }),
  },
  'POST /servers/:id/access': {
    summary: 'Grant access, also to somebody who has not signed in yet',
    params: idParams,
    body: z.strictObject({ userId: id, role: grantableRole }),
    status: 201,
    response: oneMember,
  },
  'PUT /servers/:id/access/:userId': {
    summary: 'Change role',
    params: memberParams,
    body: z.strictObject({ role: grantableRole }),
    status: 200,
    response: oneMember,
  },
  'DELETE /servers/:id/access/:userId': {
    summary: 'Revoke access, or leave with your own id; open streams end too',
    params: memberParams,
    status: 204,
  },
  'GET /servers/:id/invites': {
    summary: 'Invites that can still be accepted',
    params: idParams,
    status: 200,
    response: z.object({ invites: z.array(invite), nextCursor: z.string().nullable() }),
  },
  'POST /servers/:id/invites': {
    summary: 'Make an invite link that one person can accept once',
    params: idParams,
    body: z.strictObject({ role: grantableRole, expiresInH: expiresInH.default(24) }),
    status: 201,
    response: z.object({ invite: invite.extend({ url: z.string() }) }),
  },
  'DELETE /servers/:id/invites/:inviteId': {
    summary: 'Take an invite back',
    params: z.strictObject({ id, inviteId: id }),
    status: 204,
  },
  'POST /auth/invite/show': {
    summary: 'What an invite gives, for a person with its code',
    rateLimit: 'signIn',
    body: z.strictObject({ code: text(256) }),
    status: 200,
    response: z.object({ invite: shownInvite }),
  },
  'POST /auth/invite': {
    summary: 'Accept an invite without an account: makes one with this name and signs it in',
    rateLimit: 'signIn',
    body: z.strictObject({ code: text(256), name: name(100) }),
    status: 200,
    response: signedIn.extend({ serverId: id }),
  },
  'POST /invites/accept': {
    summary: 'Accept an invite with its code',
    body: z.strictObject({ code: text(256) }),
    status: 200,
    response: z.object({ server }),
  },
  'POST /servers/:id/transfer': {
    summary: 'Make somebody else the owner; the former owner stays as admin',
    params: idParams,
    body: z.strictObject({ userId: id }),
    status: 200,
    response: z.object({ server }),
  },
} as const satisfies Endpoints;
