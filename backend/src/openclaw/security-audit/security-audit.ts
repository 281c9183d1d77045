// OpenClaw's own security audit: only its command runs it, with some 9 s of CPU and 500 MB, so it runs rarely and alone.
import { type SecurityAudit, type Source, securityAudit } from '@buoy/contract';
import { z } from 'zod';
import { isAppError } from '../../lib/app-error.ts';
import { type Clock, isoTime, LAST_TIME_MS } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { redactJson } from '../../lib/redact.ts';
import { withTimeout } from '../../lib/with-timeout.ts';
import { deadlineError } from '../gateway/call-limit.ts';
import type { Gateways } from '../gateway/gateways.ts';
import type { Cli } from '../host/cli.ts';
import { boundedArray, cutText, nameText, wordText } from '../reads/bounded.ts';
import { createBoundedCache } from '../reads/bounded-cache.ts';
import type { SnapshotStore } from '../reads/snapshots.store.ts';

/** Milliseconds for one audit, on a slow host. */
const RUN_MS = 45_000;
/** Milliseconds for which an audit is cached, and for which it is cached even when a fresh one is requested. */
const HOLDS_MS = 600_000;
const FRESH_HOLDS_MS = 30_000;
/** Audits of all servers that are kept in memory: an ordinary one has some 20,000 UTF-16 units of JSON. */
const MAX_KEPT = { answers: 500, length: 16 * 1024 * 1024 };
/** UTF-16 units of one text of a finding. */
const MAX_TEXT = 10_000;
/** UTF-16 units of the texts of all findings, worst first; findings beyond it are kept without text. */
const MAX_WORDS = 256 * 1024;
const SNAPSHOT = 'security-audit';

/** `openclaw security audit --json`, the same on 2026.7.35 and 2026.9.6. */
const commandAnswer = z.looseObject({
  ts: z.number().int().nonnegative().max(LAST_TIME_MS).nullish().catch(null),
  findings: boundedArray(
    z.looseObject({
      checkId: wordText,
      severity: z.enum(['critical', 'warn', 'info']).catch('info'),
      title: nameText.catch(''),
      detail: cutText(MAX_TEXT).catch(''),
      remediation: cutText(MAX_TEXT).nullish().catch(null),
    }),
    1_000,
  ),
});

const order = ['critical', 'warn', 'info'] as const;

type Answer = { audit: SecurityAudit; source: Source; observedAt: string };

export type OpenclawSecurityAudit = ReturnType<typeof createOpenclawSecurityAudit>;

export function createOpenclawSecurityAudit({
  cli,
  gateways,
  snapshots,
  clock,
  logger,
}: {
  cli: Pick<Cli, 'json'>;
  gateways: Gateways;
  snapshots: SnapshotStore;
  clock: Clock;
  logger: Logger;
}) {
  const runs = new Map<string, Promise<Answer>>();
  const kept = createBoundedCache(MAX_KEPT);

  gateways.onStateChange((serverId, state) => {
    if (state !== 'reset') return;
    runs.delete(serverId);
    kept.forget(serverId);
  });

  async function run(serverId: string): Promise<Answer> {
    const found = await cli.json(serverId, ['security', 'audit', '--json'], commandAnswer, {
      deadlineMs: RUN_MS,
    });
    const now = clock.now();
    const audit = presentAudit(found, now);
    const observedAt = isoTime(now);
    try {
      await snapshots.put(serverId, SNAPSHOT, audit, observedAt);
    } catch (error) {
      logger.warn({ serverId, err: error }, 'could not store a security audit');
    }
    return { audit, source: 'cli', observedAt };
  }

  /** One run at a time, shared by concurrent callers; it continues when they leave. */
  function share(serverId: string): Promise<Answer> {
    const before = runs.get(serverId);
    if (before !== undefined) return before;
    const running = run(serverId);
    runs.set(serverId, running);
    const end = (answer: Answer | null) => {
      // Dropped in the meantime: the server may be another host.
      if (runs.get(serverId) !== running) return;
      runs.delete(serverId);
      if (answer === null) return;
      kept.put(serverId, SNAPSHOT, { text: JSON.stringify(answer.audit), observedAt: answer.observedAt });
    };
    running.then(end, () => end(null));
    return running;
  }

  async function lastSeen(serverId: string): Promise<Answer | null> {
    const row = await snapshots.find(serverId, SNAPSHOT);
    const parsed = securityAudit.safeParse(row?.payload);
    return row !== null && parsed.success
      ? { audit: parsed.data, source: 'snapshot', observedAt: row.observedAt }
      : null;
  }

  return {
    /** Throws AppError for an unreachable host without an earlier result, or a changed host key. */
    async read(
      serverId: string,
      { fresh, signal }: { fresh: boolean; signal: AbortSignal },
    ): Promise<Answer> {
      const known = kept.find(serverId, SNAPSHOT);
      const holdsMs = fresh ? FRESH_HOLDS_MS : HOLDS_MS;
      if (known !== null && clock.now() - Date.parse(known.observedAt) < holdsMs)
        return { audit: known.value as SecurityAudit, source: 'cli', observedAt: known.observedAt };
      try {
        return await withTimeout(share(serverId), { deadlineMs: RUN_MS, signal }, clock, deadlineError);
      } catch (error) {
        if (signal.aborted || isAppError(error, 'host_key_changed', 'not_installed')) throw error;
        const last = await lastSeen(serverId);
        if (last === null) throw error;
        return last;
      }
    },
  };
}

/** The worst first; counted here, so that the sums are those of the list. */
function presentAudit({ ts, findings }: z.output<typeof commandAnswer>, nowMs: number): SecurityAudit {
  const sorted = findings.toSorted(
    (one, other) => order.indexOf(one.severity) - order.indexOf(other.severity),
  );
  const words = sorted.map(({ title, detail, remediation }) => ({ title, detail, fix: remediation ?? null }));
  const redacted = redactJson(words, { maxText: MAX_TEXT, total: MAX_WORDS }) as typeof words;
  const shown = sorted.map(({ checkId, severity }, at) => ({ id: checkId, severity, ...redacted[at]! }));
  const of = (severity: string) => shown.filter((finding) => finding.severity === severity).length;
  return {
    summary: { critical: of('critical'), warn: of('warn'), info: of('info') },
    findings: shown,
    checkedAt: isoTime(ts ?? nowMs),
  };
}
