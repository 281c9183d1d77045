// Converts OpenClaw's three lists of pairing requests to one form: its RPC, its files (2026.7), its pending devices.
import { createHash } from 'node:crypto';
import type { PairingRequest } from '@buoy/contract';
import { z } from 'zod';
import { toldTime } from '../../lib/clock.ts';
import { boundedRecord, cut, cutText, firstOf, nameText, ownValue, wordText } from '../reads/bounded.ts';

/** Milliseconds that a person's request lives: OpenClaw's own constant, in both versions. */
const DM_LIVES_MS = 60 * 60_000;
/** Characters of a name or id that a stranger chose. */
const MAX_TEXT = 200;

/** Pending requests at a time; OpenClaw allows three for each account of a channel. */
const MAX_REQUESTS = 500;

/** Roles of a device, and its scopes; OpenClaw knows two and some ten. Nobody would read more before approving. */
const MAX_RIGHTS = 50;
/** UTF-16 units of a role or scope. */
const MAX_RIGHT = 100;
const BETWEEN_ROLES = ', ';

const word = nameText.nullish().catch(null);
/** One more than is shown, so that `asksForTooMuch` sees it. */
const rights = firstOf(cutText(MAX_RIGHT + 1), MAX_RIGHTS + 1).catch([]);

/** `channels.pairing.list` (2026.9.6). */
export const listedRequests = z.looseObject({
  requests: firstOf(
    z.looseObject({
      requestId: nameText,
      channel: nameText,
      accountId: nameText.catch('default'),
      senderId: nameText.catch(''),
      metadata: boundedRecord(z.unknown(), 100).catch({}),
      createdAt: word,
      expiresAt: word,
    }),
    MAX_REQUESTS,
  ).catch([]),
});

/** A request in `<channel>-pairing.json` (2026.7.35) and in `openclaw pairing list --json` (both). */
export const storedRequests = z.looseObject({
  requests: firstOf(
    z.looseObject({
      id: nameText,
      code: word,
      createdAt: wordText.catch(''),
      meta: boundedRecord(z.unknown(), 100).nullish().catch(null),
    }),
    MAX_REQUESTS,
  ).catch([]),
});

/** `device.pair.list`. */
export const pendingDevices = z.looseObject({
  pending: firstOf(
    z.looseObject({
      requestId: nameText,
      deviceId: nameText.catch(''),
      displayName: word,
      clientId: word,
      platform: word,
      role: word,
      /** All that it will have, `role` among them: a device that asks again has one request, with the roles and scopes of both. */
      roles: rights,
      remoteIp: word,
      scopes: rights,
      ts: z.number().nullish().catch(null),
    }),
    MAX_REQUESTS,
  ).catch([]),
});

export function fromList({ requests }: z.output<typeof listedRequests>): PairingRequest[] {
  return requests.map((request) => ({
    id: request.requestId,
    kind: 'dm',
    channel: request.channel,
    account: request.accountId,
    from: { id: cut(request.senderId, MAX_TEXT), name: nameIn(request.metadata) },
    code: null,
    device: null,
    requestedAt: time(request.createdAt),
    expiresAt: time(request.expiresAt),
  }));
}

/** Without expired requests, which stay in OpenClaw's file until OpenClaw reads it. */
export function fromStored(
  channel: string,
  { requests }: z.output<typeof storedRequests>,
  nowMs: number,
): PairingRequest[] {
  return requests.flatMap(({ id, code, createdAt, meta }): PairingRequest[] => {
    const createdMs = Date.parse(createdAt);
    if (Number.isNaN(createdMs) || nowMs - createdMs > DM_LIVES_MS) return [];
    const account = textIn(meta ?? {}, 'accountId') ?? 'default';
    return [
      {
        id: requestIdOf(channel, account, id, createdAt),
        kind: 'dm',
        channel,
        account,
        from: { id: cut(textIn(meta ?? {}, 'senderId') ?? id, MAX_TEXT), name: nameIn(meta ?? {}) },
        code: code ?? null,
        device: null,
        requestedAt: toldTime(createdMs),
        expiresAt: toldTime(createdMs + DM_LIVES_MS),
      },
    ];
  });
}

export function fromDevices({ pending }: z.output<typeof pendingDevices>): PairingRequest[] {
  return pending.map((device) => ({
    id: device.requestId,
    kind: 'device',
    channel: null,
    account: null,
    from: { id: device.deviceId, name: cut(device.displayName ?? '', MAX_TEXT) || null },
    code: null,
    device: {
      client: device.clientId ?? null,
      platform: device.platform ?? null,
      remoteIp: device.remoteIp ?? null,
      role: rolesIn(device).join(BETWEEN_ROLES) || null,
      scopes: device.scopes,
    },
    requestedAt: toldTime(device.ts),
    expiresAt: null,
  }));
}

/** The one that it asked for last comes first. */
function rolesIn({ role, roles }: { role?: string | null | undefined; roles: readonly string[] }): string[] {
  return [...new Set(role == null ? roles : [role, ...roles])];
}

/** Whether a device asks for more than is shown of it: what is not shown would be approved all the same. */
export function asksForTooMuch({ device }: PairingRequest): boolean {
  const lists = device === null ? [] : [device.role?.split(BETWEEN_ROLES) ?? [], device.scopes];
  return lists.some((list) => list.length > MAX_RIGHTS || list.some(({ length }) => length > MAX_RIGHT));
}

/** As 2026.9.6 makes it (resolveChannelPairingRequestId), so that a request keeps its id over an update. */
function requestIdOf(channel: string, account: string, sender: string, createdAt: string): string {
  return createHash('sha256')
    .update(`${channel}\0${account}\0${sender}\0${createdAt}`)
    .digest('base64url')
    .slice(0, 32);
}

/** Channels say it in several ways; Telegram: `username`, `firstName`, `lastName`. */
function nameIn(meta: Record<string, unknown>): string | null {
  const full = [textIn(meta, 'firstName'), textIn(meta, 'lastName')].filter(Boolean).join(' ');
  const username = textIn(meta, 'username') ?? textIn(meta, 'tag');
  const name = full || textIn(meta, 'name') || textIn(meta, 'displayName') || '';
  const both = [name, username === null ? '' : `@${username.replace(/^@/, '')}`].filter(Boolean).join(' ');
  return cut(both, MAX_TEXT) || null;
}

function textIn(meta: Record<string, unknown>, key: string): string | null {
  const value = ownValue(meta, key);
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function time(value: string | null | undefined): string | null {
  return toldTime(Date.parse(value ?? ''));
}
