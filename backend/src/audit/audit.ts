// The audit log: who did what to which server, and with what result. Written with the change, chained, only ever added to.
import { setImmediate as othersTurn } from 'node:timers/promises';
import type { AuditEntry, AuditResult } from '@buoy/contract';
import { auditResult } from '@buoy/contract';
import { terminalJson } from '@buoy/contract/visible-text';
import type { AuditEntryTable } from '../db/schema.ts';
import type { TransactionHook } from '../db/transaction-hook.ts';
import { AppError } from '../lib/app-error.ts';
import { type Clock, isoTime } from '../lib/clock.ts';
import { newId } from '../lib/ids.ts';
import { createTokenBuckets } from '../lib/token-bucket.ts';
import type { AuditStore, EntryFilter } from './audit.store.ts';
import {
  type AuditContext,
  type CallAuditRecorder,
  createAuditRecorder,
  type EntryLimits,
  type Note,
  unlimited,
} from './audit-recorder.ts';
import type { ChainKey } from './chain.ts';
import type { ChainAnchor } from './chain-anchor.ts';
import {
  detailsText,
  SHORT_DETAILS_BYTES,
  shortDetailsOfCommand,
  shortDetailsText,
  unparsedDetails,
} from './details-text.ts';
import { type Verification, verifyChain } from './verify-chain.ts';
import { type Command, createCommandSeal, hiddenCommandIn } from './whole-command.ts';

/** Entries read at once for an export. */
const EXPORT_PAGE = 200;
/** Entries made ready at once, some milliseconds of work; other calls get their turn in between. */
const FEW = 10;

const HOUR_MS = 3_600_000;

/** Milliseconds for which a check is believed while somebody turns pages. */
const CHECK_KEEP_MS = 60_000;

/**
 * Bytes of long details that are kept of a person: 4 MiB, and as much again each hour. Counted three times, in the memory of this process: of what
 * was done, of what begins, such as a command, and of commands that are cut to themselves.
 */
const BYTES_OF_PERSON = { capacity: 4 * 1024 * 1024, refillMs: HOUR_MS / (4 * 1024 * 1024) };

/** UTF-16 units that a page shows of details that are too long to be parsed; an export has all of them. */
const MAX_UNPARSED = 8_192;

/** UTF-16 units of what an entry was about. */
const MAX_TARGET = 200;

export type Audit = ReturnType<typeof createAudit>;

/** @param parts.key signs the chain; it must stay the same for as long as the log is kept */
export function createAudit(parts: { store: AuditStore; key: ChainKey; anchor: ChainAnchor; clock: Clock }) {
  const { store, key, anchor, clock } = parts;
  const commandSeal = createCommandSeal(key);
  const bytesOfPerson = createTokenBuckets({ ...BYTES_OF_PERSON, clock });
  const begunBytesOfPerson = createTokenBuckets({ ...BYTES_OF_PERSON, clock });
  const commandBytesOfPerson = createTokenBuckets({ ...BYTES_OF_PERSON, clock });
  let checking: Promise<Verification> | null = null;
  let checked: { verification: Verification; at: number } | null = null;

  /**
   * Of somebody who has written too much in the last hour only the beginning, and of a command that begins the command. What masks hide of that is
   * sealed beside it.
   * @throws AppError `rate_limited` for a command that can no longer be kept: it must not run then
   */
  const keptDetails = (id: string, entry: AuditContext & { result: AuditResult }): string => {
    const { userId, result, details } = entry;
    const begins = result === 'started';
    const hidden = begins ? hiddenCommandIn(details) : null;
    const sealedCommand = hidden === null ? null : commandSeal.seal(id, hidden);
    const withSealed = (text: string) =>
      sealedCommand === null ? text : JSON.stringify({ ...JSON.parse(text), sealedCommand });
    const text = withSealed(detailsText(details, result === 'denied' || result === 'failed'));
    const bytes = Buffer.byteLength(text);
    if (userId === null || bytes <= SHORT_DETAILS_BYTES) return text;
    // A thief of an API token uses up nothing of its person, who is there with a device.
    const person = JSON.stringify([userId, details.apiTokenId === undefined ? 'devices' : 'tokens']);
    if ((begins ? begunBytesOfPerson : bytesOfPerson).take(person, bytes).granted) return text;
    if (!begins) return shortDetailsText(text);
    const command = withSealed(shortDetailsOfCommand(text));
    const { granted, retryAfterMs } = commandBytesOfPerson.take(person, Buffer.byteLength(command));
    if (!granted) throw tooLongCommands(retryAfterMs);
    return command;
  };

  const adding = (entry: AuditContext & { result: AuditResult }): TransactionHook => {
    const id = newId('aud');
    return store.adding(
      key,
      {
        ...entry,
        id,
        at: isoTime(clock.now()),
        // A hostile server names what is changed on it.
        target: entry.target == null ? null : storable(entry.target),
        details: keptDetails(id, entry),
      },
      anchor.advance,
    );
  };

  /** Reads the whole log; callers at the same time share one reading. */
  const verify = (): Promise<Verification> => {
    checking ??= (async () => {
      const verification = await verifyChain(store, key, await anchor.read());
      checked = { verification, at: clock.now() };
      return verification;
    })().finally(() => {
      checking = null;
    });
    return checking;
  };

  /** Who turns pages has just been told; 100,000 entries take a second to read. */
  const verifyForPage = async (isFirst: boolean): Promise<Verification> =>
    !isFirst && checked !== null && clock.now() - checked.at < CHECK_KEEP_MS
      ? checked.verification
      : verify();

  return {
    verify,

    /** The audit recorder of one call. @param fold counts calls that anybody can repeat, where somebody does */
    recorder: (
      start: AuditContext,
      fold: Parameters<typeof createAuditRecorder>[3] = (_known, write) => write(),
      limits: EntryLimits = unlimited,
    ): CallAuditRecorder => createAuditRecorder(start, adding, store.add, fold, limits),

    /** An entry for what Buoy did without being called, such as a daily backup. */
    async record(action: string, result: AuditResult, note: Note = {}): Promise<void> {
      await store.add(
        adding({
          action,
          result,
          userId: note.userId ?? null,
          serverId: note.serverId ?? null,
          target: note.target ?? null,
          ip: null,
          requestId: null,
          details: note.details ?? {},
        }),
      );
    },

    /**
     * One page, newest first; the whole log is checked with the first one.
     * @throws AppError `invalid_request` for a cursor that is none
     */
    async list(query: EntryFilter & { limit: number; cursor?: string | undefined }): Promise<{
      entries: AuditEntry[];
      nextCursor: string | null;
      chainOk: boolean;
      chainProblem: string | null;
    }> {
      const { limit, cursor, ...filter } = query;
      const before = cursor === undefined ? null : sequenceIn(cursor);
      const rows = await store.preceding(before, limit + 1, filter);
      const page = rows.slice(0, limit);
      const { problem } = await verifyForPage(before === null);
      return {
        entries: await presentAll(page),
        nextCursor: rows.length > limit ? String(page.at(-1)?.seq) : null,
        chainOk: problem === null,
        chainProblem: problem,
      };
    },

    /**
     * The command of an entry as it was sent.
     * @throws AppError `not_found` for an entry that is not there, `conflict` for one that hides nothing
     */
    async wholeCommand(entryId: string): Promise<Command> {
      const row = await store.find(entryId);
      if (row === undefined)
        throw new AppError('not_found', 'The audit log has no entry with this id.', {
          hint: 'Copy the id of an entry from the log.',
        });
      const { sealedCommand } = parsedDetails(row.details);
      if (typeof sealedCommand !== 'string')
        throw new AppError('conflict', 'Nothing of a command is masked in this entry.', {
          hint: 'What a command reads from its input is not recorded.',
        });
      return commandSeal.open(entryId, sealedCommand);
    },

    /** JSON lines, oldest first, as they are asked for. A command prints them to the terminal of root, and others chose words in them. */
    async *exportLines(filter: EntryFilter): AsyncGenerator<string> {
      for (let seq = 0; ; ) {
        const rows = await store.following(seq, EXPORT_PAGE, filter);
        for (const [index, row] of rows.entries()) {
          // SQLite answers without ever leaving the event loop, and so does a reader that takes line after line.
          if (index % FEW === 0) await othersTurn();
          yield `${terminalJson({ seq: row.seq, ...present(row, Number.POSITIVE_INFINITY), mac: row.mac })}\n`;
        }
        const last = rows.at(-1);
        if (last === undefined) return;
        seq = last.seq;
      }
    },
  };
}

function tooLongCommands(retryAfterMs: number): AppError {
  const retryAfterS = Math.ceil(retryAfterMs / 1_000);
  return new AppError(
    'rate_limited',
    'Your commands of the last hours are so long together that the audit log keeps no further one yet.',
    {
      hint: `Wait ${retryAfterS} s, or put what is long into a file on the server and run that.`,
      details: { retryAfterS },
    },
  );
}

async function presentAll(rows: readonly AuditEntryTable[]): Promise<AuditEntry[]> {
  const entries: AuditEntry[] = [];
  for (const row of rows) {
    if (entries.length % FEW === 0) await othersTurn();
    entries.push(withoutSealed(present(row, MAX_UNPARSED)));
  }
  return entries;
}

/** @param maxUnparsed UTF-16 units of details that are too long to be parsed */
/** PostgreSQL keeps no zero in a text, and an entry that cannot be stored would be missing. */
function storable(target: string): string {
  return target.slice(0, MAX_TARGET).replaceAll('\0', '\ufffd').toWellFormed();
}

function present(row: AuditEntryTable, maxUnparsed: number): AuditEntry {
  const { id, at, userId, action, serverId, target, ip, requestId } = row;
  return {
    id,
    at,
    userId,
    action,
    serverId,
    target,
    result: auditResult.catch('failed').parse(row.result),
    ip,
    requestId,
    details: unparsedDetails(row.details, maxUnparsed) ?? parsedDetails(row.details),
  };
}

/** A page says only that there is a sealed command: nobody can read it there. */
function withoutSealed(entry: AuditEntry): AuditEntry {
  const { sealedCommand, ...details } = entry.details;
  return sealedCommand === undefined ? entry : { ...entry, details: { ...details, commandIsSealed: true } };
}

/** Somebody may have written anything there: the log must still be shown. */
function parsedDetails(text: string): AuditEntry['details'] {
  try {
    const details: unknown = JSON.parse(text);
    const isRecord = typeof details === 'object' && details !== null && !Array.isArray(details);
    return isRecord ? (details as AuditEntry['details']) : {};
  } catch {
    return {};
  }
}

function sequenceIn(cursor: string): number {
  if (!/^\d{1,10}$/.test(cursor))
    throw new AppError('invalid_request', 'This cursor is not from the audit log.', {
      details: [{ path: 'cursor', message: 'must be a nextCursor of this list' }],
    });
  return Number(cursor);
}
