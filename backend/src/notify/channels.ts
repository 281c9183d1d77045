// Notification channels: where each person is told of alerts, and whether anything would reach them. The entry point for routes.
import { randomInt } from 'node:crypto';
import type {
  Contract,
  NewNotificationChannel,
  NotificationChannel,
  NotificationChannelType,
  ParsedRequestOf,
  User,
} from '@buoy/contract';
import type { AuditRecorder } from '../audit/audit-recorder.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId, sha256 } from '../lib/ids.ts';
import type { Caller } from '../users/caller.ts';
import type { Vault } from '../vault/vault.ts';
import { isOpen, presentChannel } from './channel.presenter.ts';
import { sealSettings, settingsHash, settingsOf, targetOf } from './channel-settings.ts';
import type { ChannelRow, ChannelStore } from './channels.store.ts';
import { languageOf, type SendToChannel } from './send-to-channel.ts';
import type { Language, Senders, SendResult } from './sender.ts';

/** Of one person. */
const MAX_CHANNELS = 10;
/** Milliseconds for which a mailed code works, and wrong ones that may be tried. */
const CODE_MS = 30 * 60_000;
const MAX_ATTEMPTS = 5;

type Change = ParsedRequestOf<Contract['PUT /me/notification-channels/:id']>['body'];
type TestResult = { delivered: boolean; error: string | null };

export type NotificationChannels = ReturnType<typeof createNotificationChannels>;

export function createNotificationChannels(parts: {
  store: ChannelStore;
  senders: Senders;
  send: SendToChannel;
  /** null: this Buoy sends no e-mail. */
  sendCode: ((address: string, code: string, language: Language) => Promise<SendResult>) | null;
  /** Throws an AppError with a sentence for the person unless they run that group or channel of Telegram. */
  checkChat: ((userId: string, chatId: string, signal: AbortSignal) => Promise<void>) | null;
  webPushKey: string;
  vault: Vault;
  clock: Clock;
}) {
  const { store, senders, send, sendCode, checkChat, webPushKey, vault, clock } = parts;
  const now = (afterMs = 0) => isoTime(clock.now() + afterMs);

  const findRow = async ({ user }: Caller, id: string): Promise<ChannelRow> => {
    const row = await store.find(user.id, id);
    if (row === undefined) throw noSuchChannel();
    return row;
  };

  const newRow = (caller: Caller, body: NewNotificationChannel): { row: ChannelRow; secret?: string } => {
    const id = newId('nch');
    const settings = settingsOf(body);
    const target = targetOf(settings);
    return {
      row: {
        ...{ id, userId: caller.user.id, type: body.type, label: body.label ?? target, target },
        sessionId: body.type === 'webpush' ? caller.sessionId : null,
        settings: sealSettings(vault, id, settings),
        settingsHash: settingsHash(settings),
        ...{ enabled: 1, minSeverity: 'warning', mutedTypes: '[]' },
        state: body.type === 'email' ? 'unconfirmed' : 'ok',
        ...{ lastError: null, lastSentAt: null, codeHash: null, codeUntil: null, codeAttempts: 0 },
        ...{ failures: 0, retryAt: null, busyUntil: null, createdAt: now() },
      },
      ...(settings.type === 'webhook' ? { secret: settings.secret } : {}),
    };
  };

  /** What was found out about a channel by a test counts as for an alert; a channel that takes it is open again. */
  const testRow = async (row: ChannelRow, { user }: Caller, signal: AbortSignal): Promise<TestResult> => {
    if (row.state === 'unconfirmed')
      return { delivered: false, error: 'Enter the code that was mailed to this address first.' };
    const result = await send(
      row,
      {
        ...{ id: newId('ntf'), kind: 'test', at: now(), alerts: [], message: null },
        ...{ language: languageOf(user.languageCode), timezone: 'UTC' },
      },
      signal,
    );
    if (result.outcome === 'sent') {
      const well = { state: 'ok', lastError: null, lastSentAt: now(), failures: 0, retryAt: null };
      await store.update(row, well);
      return { delivered: true, error: null };
    }
    const error = result.outcome === 'skipped' ? 'This kind of channel has no test.' : result.error;
    if (result.outcome === 'blocked') await store.block(row.id, error);
    else
      await store.update(row, { state: row.state === 'blocked' ? 'blocked' : 'failing', lastError: error });
    return { delivered: false, error };
  };

  return {
    async list({
      user,
    }: Caller): Promise<{ channels: NotificationChannel[]; reachable: boolean; nextCursor: null }> {
      const channels = (await store.list(user.id)).map(presentChannel);
      return { channels, reachable: channels.some(isOpen), nextCursor: null };
    },

    /**
     * Adds a channel of the caller. An e-mail address takes nothing until the code that is mailed to it comes back.
     * @returns the secret of a webhook once
     * @throws AppError `unsupported` where this Buoy is not set up for it, `forbidden` for a chat that the caller does not run,
     * `duplicate`, `conflict` for too many, `refused` when the code cannot be mailed
     */
    async create(
      caller: Caller,
      body: NewNotificationChannel,
      { signal, audit }: { signal: AbortSignal; audit?: AuditRecorder },
    ): Promise<{ channel: NotificationChannel; secret?: string }> {
      if (senders[body.type] === null) throw notSetUp(body.type);
      if (body.type === 'telegram') await checkChat?.(caller.user.id, body.chatId, signal);
      const { row, ...secret } = newRow(caller, body);
      const note = { target: `${row.type} ${row.target}` };
      const code = body.type === 'email' ? String(randomInt(1_000_000)).padStart(6, '0') : null;
      if (code !== null) Object.assign(row, { codeHash: hashOf(row.id, code), codeUntil: now(CODE_MS) });
      const outcome = await store.insert(row, MAX_CHANNELS, audit?.change(note));
      if (outcome === 'full') throw tooMany();
      if (outcome === 'duplicate') throw isThere();
      if (body.type === 'email' && code !== null) {
        const sent = await sendCode?.(body.address, code, languageOf(caller.user.languageCode));
        if (sent?.outcome !== 'sent') {
          await store.remove(row);
          throw notMailed(sent !== undefined && 'error' in sent ? sent.error : '');
        }
      }
      return { channel: presentChannel(row), ...secret };
    },

    /** Changes the caller's own; what is absent stays. Throws `not_found`. */
    async update(
      caller: Caller,
      id: string,
      change: Change,
      audit?: AuditRecorder,
    ): Promise<NotificationChannel> {
      const row = await findRow(caller, id);
      const { label, enabled, minSeverity, mutedTypes } = change;
      const changed = {
        label: label ?? row.label,
        enabled: enabled === undefined ? row.enabled : Number(enabled),
        minSeverity: minSeverity ?? row.minSeverity,
        mutedTypes: mutedTypes === undefined ? row.mutedTypes : JSON.stringify([...new Set(mutedTypes)]),
      };
      if (!(await store.update(row, changed, audit?.routine(noteOf(row))))) throw noSuchChannel();
      return presentChannel({ ...row, ...changed });
    },

    /** Throws `not_found`. */
    async remove(caller: Caller, id: string, audit?: AuditRecorder): Promise<void> {
      const row = await findRow(caller, id);
      if (!(await store.remove(row, audit?.change(noteOf(row))))) throw noSuchChannel();
    },

    /** Throws `not_found`, `conflict` for a code that is wrong or no longer works. */
    async confirm(
      caller: Caller,
      id: string,
      code: string,
      audit?: AuditRecorder,
    ): Promise<NotificationChannel> {
      const row = await findRow(caller, id);
      if (row.codeHash === null) {
        audit?.unchanged(noteOf(row));
        return presentChannel(row);
      }
      const isOver = row.codeUntil === null || Date.parse(row.codeUntil) <= clock.now();
      if (isOver || !(await store.countAttempt(row, MAX_ATTEMPTS))) throw codeIsOver();
      if (hashOf(row.id, code.replace(/\s/g, '')) !== row.codeHash) throw wrongCode();
      const confirmed = { state: 'ok', codeHash: null, codeUntil: null, codeAttempts: 0 };
      if (!(await store.update(row, confirmed, audit?.change(noteOf(row))))) throw noSuchChannel();
      return presentChannel({ ...row, ...confirmed });
    },

    /** Sends a test, whatever mutes and quiet hours say. Throws `not_found`. */
    async test(
      caller: Caller,
      id: string,
      { signal, audit }: { signal: AbortSignal; audit?: AuditRecorder },
    ): Promise<TestResult> {
      const row = await findRow(caller, id);
      audit?.unchanged(noteOf(row));
      return testRow(row, caller, signal);
    },

    /** The same for all channels of the caller that are switched on. */
    async testAll(
      caller: Caller,
      { signal, audit }: { signal: AbortSignal; audit?: AuditRecorder },
    ): Promise<Array<TestResult & { channelId: string; type: NotificationChannelType }>> {
      audit?.unchanged({ target: caller.user.id });
      const rows = (await store.list(caller.user.id)).filter(({ enabled }) => enabled === 1);
      return Promise.all(
        rows.map(async (row) => {
          const { id: channelId, type } = presentChannel(row);
          return { channelId, type, ...(await testRow(row, caller, signal)) };
        }),
      );
    },

    webPushKey: () => ({ publicKey: webPushKey }),

    /** The private chat with the bot, once its person has written there: it is added, or opened again where the bot was blocked. */
    async openPrivateChat(user: User): Promise<void> {
      if (senders.telegram === null) return;
      const body = { type: 'telegram', chatId: user.id, label: 'Telegram' } as const;
      const { row } = newRow({ user, sessionId: null, apiToken: null }, body);
      if ((await store.insert(row, MAX_CHANNELS)) !== 'duplicate') return;
      const own = (await store.list(user.id)).find(({ settingsHash }) => settingsHash === row.settingsHash);
      if (own?.state === 'blocked')
        await store.update(own, { state: 'ok', lastError: null, failures: 0, retryAt: null });
    },

    /** Its person has blocked the bot. */
    async blockPrivateChat(userId: string): Promise<void> {
      const hash = settingsHash({ type: 'telegram', chatId: userId, threadId: null });
      const own = (await store.list(userId)).find((row) => row.settingsHash === hash);
      if (own !== undefined) await store.block(own.id, 'You have blocked the bot in Telegram.');
    },
  };
}

function noteOf({ id, type, target }: ChannelRow) {
  return { target: `${type} ${target}`, details: { channel: id } };
}

/** Six digits alone would be found in the hash by trying all of them; the id only makes each hash another one. */
function hashOf(id: string, code: string): string {
  return sha256(`${id} ${code}`);
}

function noSuchChannel(): AppError {
  return new AppError('not_found', 'You have no such notification channel.');
}

const settingsOfType: Record<NotificationChannelType, string> = {
  telegram: 'Set TELEGRAM_BOT_TOKEN.',
  webpush: 'Ask the person who runs this Buoy.',
  email: 'Set SMTP_URL and SMTP_FROM.',
  webhook: 'Ask the person who runs this Buoy.',
};

function notSetUp(type: NotificationChannelType): AppError {
  return new AppError('unsupported', `This Buoy is not set up for notifications by ${namesOfTypes[type]}.`, {
    hint: settingsOfType[type],
  });
}

const namesOfTypes: Record<NotificationChannelType, string> = {
  ...{ telegram: 'Telegram', webpush: 'web push', email: 'e-mail', webhook: 'webhook' },
};

function tooMany(): AppError {
  return new AppError('conflict', `You have ${MAX_CHANNELS} notification channels, which is the limit.`, {
    hint: 'Remove one that you do not need.',
  });
}

function isThere(): AppError {
  return new AppError('duplicate', 'You have this notification channel already.');
}

function notMailed(error: string): AppError {
  return new AppError('refused', 'The code could not be mailed to this address.', {
    hint: 'Check the address.',
    ...(error === '' ? {} : { details: { serverSays: error } }),
  });
}

function wrongCode(): AppError {
  return new AppError('conflict', 'This is not the code that was mailed.');
}

function codeIsOver(): AppError {
  return new AppError('conflict', 'The code no longer works.', {
    hint: 'Remove the address and add it again: then another code is mailed.',
  });
}
