// Records one call as one audit entry, in the transaction of its change if it makes one.
import type { AuditResult } from '@buoy/contract';
import type { TransactionHook } from '../db/transaction-hook.ts';

/** Facts that the feature knows and authorization does not. */
export type Note = {
  /** Who acted, where the call itself signs somebody in. */
  userId?: string;
  serverId?: string | null;
  /** A name that people recognize, such as a server name or a user id. */
  target?: string | null;
  details?: Record<string, unknown>;
};

export type AuditRecorder = {
  /** For the store that makes the change: adds the entry in the same transaction. */
  change(note?: Note): TransactionHook;
  /**
   * For the store that changes what anybody may change without end, or that found nothing to change: adds the entry in the same transaction,
   * or counts the call where it repeats one of this minute.
   */
  routine(note?: Note): TransactionHook;
  /** For a call that succeeds and stores nothing: counts it when it has succeeded where it repeats one of this minute, as `routine` does. */
  unchanged(note?: Note): void;
  /** For the store that ends something because the call is refused: adds the denial in the same transaction. */
  denial(note?: Note): TransactionHook;
  /** Adds to the entry that is written when the call has succeeded. */
  note(note: Note): void;
  /** Writes at once that it begins: for what must not happen without an entry, even if Buoy ends in its middle. */
  begin(note?: Note): Promise<void>;
};

/** The recorder as its maker sees it. */
export type CallAuditRecorder = AuditRecorder & {
  /** Whether there is an entry of it already: of a change, of a denial, or that it begins. */
  hasEntry(): boolean;
  succeed(): Promise<void>;
  end(result: Extract<AuditResult, 'denied' | 'failed'>, note: Note): Promise<void>;
};

/** How often the caller may still do what leaves an entry. */
export type EntryLimits = {
  /** Called in the transaction of a change, before its entry. @throws AppError `rate_limited` */
  beforeChange(): void;
  /** Called when an entry of a call that has ended was written. */
  wrote(): void;
};

/** For what Buoy does by itself. */
export const unlimited: EntryLimits = { beforeChange: () => {}, wrote: () => {} };

export type AuditContext = {
  action: string;
  userId: string | null;
  serverId: string | null;
  target: string | null;
  ip: string | null;
  requestId: string | null;
  details: Record<string, unknown>;
};

/**
 * @param adding makes the writer of one entry, as the audit store does
 * @param add runs such a writer in a transaction of its own
 * @param fold writes the entry of a call that anybody can repeat, or counts the call
 * @param limits are not asked for what begins, which has limits of its own
 */
export function createAuditRecorder(
  start: AuditContext,
  adding: (entry: AuditContext & { result: AuditResult }) => TransactionHook,
  add: (write: TransactionHook) => Promise<void>,
  fold: (known: AuditContext, write: () => Promise<void>) => Promise<void>,
  limits: EntryLimits,
): CallAuditRecorder {
  let known = start;
  let written = false;
  let begun = false;
  let denied = false;
  let isRoutine = false;

  const learn = ({ details, ...rest }: Note): void => {
    known = { ...known, ...rest, details: { ...known.details, ...details } };
  };
  const entry = (result: AuditResult): TransactionHook => adding({ ...known, result });

  return {
    change(note = {}) {
      learn(note);
      return async (trx) => {
        limits.beforeChange();
        await entry('ok')(trx);
        written = true;
        limits.wrote();
      };
    },
    routine(note = {}) {
      learn(note);
      return async (trx) => {
        await fold(known, () => entry('ok')(trx));
        written = true;
      };
    },
    unchanged(note = {}) {
      learn(note);
      isRoutine = true;
    },
    denial(note = {}) {
      return async (trx) => {
        learn(note);
        await entry('denied')(trx);
        denied = true;
      };
    },
    note: learn,
    hasEntry: () => written || begun || denied,
    async begin(note = {}) {
      learn(note);
      await add(entry('started'));
      begun = true;
    },
    async succeed() {
      if (written) return;
      const write = () => add(entry('ok'));
      if (isRoutine) return fold(known, write);
      await write();
      if (!begun) limits.wrote();
    },
    async end(result, note) {
      if (denied) return;
      learn(note);
      await add(entry(result));
      if (!begun) limits.wrote();
    },
  };
}
