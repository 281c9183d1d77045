// Inspects hosts over SSH and caches what changes slowly, so that status reads and restarts need few commands.
import { AppError } from '../../lib/app-error.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import type { CallOptions, Ssh } from '../../ssh/ssh.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { Installations } from './installation.ts';
import { parseJournal } from './journal.ts';
import { type KeyValues, readKeyValues } from './key-values.ts';
import { type ParsedInspection, parseInspection, parseService } from './parse-inspection.ts';
import { inspectScript, journalScript } from './scripts.ts';

/** Milliseconds for which paths, version and unit are cached. An update or reinstall through Buoy calls `reset`. */
const KEEP_MS = 600_000;
/** The same when nothing is installed: it may be being installed right now. */
const KEEP_ABSENT_MS = 30_000;
/** Milliseconds of one inspection that several callers share; each caller's own deadline may be shorter. */
const SHARED_INSPECTION_MS = 15_000;
/** Bytes: the largest config file that inspect.sh sends, in base64, and room for the rest. */
const MAX_INSPECTION_BYTES = 4 * 1024 * 1024;
const MAX_SERVICE_BYTES = 64 * 1024;
/** Bytes: journal.sh sends 256 KiB at most. */
const MAX_JOURNAL_BYTES = 300 * 1024;
const MAX_JOURNAL_LINES = 1_000;

export function createInstallations({
  ssh,
  clock,
  logger,
}: {
  ssh: Ssh;
  clock: Clock;
  logger: Logger;
}): Installations {
  const kept = new Map<string, ParsedInspection>();
  const flights = new Map<string, Promise<ParsedInspection>>();

  async function inspect(serverId: string, { deadlineMs, signal }: CallOptions): Promise<ParsedInspection> {
    const result = await ssh.script(serverId, inspectScript, ['all'], {
      deadlineMs,
      signal,
      maxOutputBytes: MAX_INSPECTION_BYTES,
    });
    const parsed = parseInspection(
      understood(serverId, () => readKeyValues(result)),
      clock.now(),
    );
    kept.set(serverId, parsed);
    return parsed;
  }

  function understood(serverId: string, read: () => KeyValues): KeyValues {
    try {
      return read();
    } catch (error) {
      logger.warn({ serverId }, 'the check of a server was cut short');
      throw error;
    }
  }

  /** One inspection at a time, shared by concurrent callers. */
  function inspectOnce(serverId: string, options: CallOptions): Promise<ParsedInspection> {
    let flight = flights.get(serverId);
    if (flight === undefined) {
      const started = inspect(serverId, { deadlineMs: SHARED_INSPECTION_MS }).finally(() => {
        if (flights.get(serverId) === started) flights.delete(serverId);
      });
      flights.set(serverId, started);
      flight = started;
    }
    return withTimeout(flight, options, clock, deadlineError);
  }

  async function known(
    serverId: string,
    options: CallOptions & { fresh?: boolean },
  ): Promise<ParsedInspection> {
    const found = kept.get(serverId);
    if (found === undefined || options.fresh) return inspectOnce(serverId, options);
    const { installation, observedAtMs } = found.inspection;
    const age = clock.now() - observedAtMs;
    return age < (installation.installed ? KEEP_MS : KEEP_ABSENT_MS) ? found : inspectOnce(serverId, options);
  }

  return {
    async find(serverId, options) {
      return (await known(serverId, options)).inspection.installation;
    },

    async service(serverId, { deadlineMs, signal }) {
      const result = await ssh.script(serverId, inspectScript, ['service'], {
        deadlineMs,
        signal,
        maxOutputBytes: MAX_SERVICE_BYTES,
      });
      return parseService(understood(serverId, () => readKeyValues(result)));
    },

    async inspect(serverId, options) {
      return (await inspect(serverId, options)).inspection;
    },

    lastInspection: (serverId) => kept.get(serverId)?.inspection ?? null,

    async access(serverId, options) {
      const { inspection, settings } = await known(serverId, options);
      const { installed, configPath } = inspection.installation;
      if (!installed && configPath === null) {
        throw new AppError('not_installed', 'OpenClaw is not installed on this server.', {
          hint: 'Install it with the wizard, or check that this login is the one that runs it.',
        });
      }
      return settings.access;
    },

    async journal(serverId, { lines, sinceIso, deadlineMs, signal }) {
      const limit = Math.min(lines, MAX_JOURNAL_LINES);
      const since = sinceIso === undefined ? Number.NaN : Date.parse(sinceIso);
      const startedAt = clock.now();
      const { manager, unit } = (await known(serverId, { deadlineMs, signal })).inspection.installation;
      const result = await ssh.script(
        serverId,
        journalScript,
        [manager, unit ?? '', String(limit), Number.isNaN(since) ? '' : String(Math.floor(since / 1000))],
        {
          deadlineMs: Math.max(1, deadlineMs - (clock.now() - startedAt)),
          signal,
          maxOutputBytes: MAX_JOURNAL_BYTES,
        },
      );
      return parseJournal(result.stdout, { limit, sinceMs: Number.isNaN(since) ? null : since });
    },

    reset(serverId) {
      kept.delete(serverId);
      flights.delete(serverId);
    },
  };
}
