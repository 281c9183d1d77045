// OpenClaw's own security audit: only its command runs it, with some 9 s of CPU and 500 MB, so it runs rarely and alone.
import { type SecurityAudit, securityAudit } from '@buoy/contract';
import { z } from 'zod';
import { type Clock, isoTime, LAST_TIME_MS } from '../../lib/clock.ts';
import { redactJson } from '../../lib/redact.ts';
import { boundedArray, cutText, nameText, wordText } from '../reads/bounded.ts';
import type { Reader } from '../reads/reader.ts';

/** Milliseconds that a caller waits for an audit, and that it may run, so that on a busy host the next caller has its answer. */
const WAIT_MS = 45_000;
const RUN_MS = 180_000;
/** Milliseconds for which an audit is cached, and for which it is cached even when a fresh one is requested. */
const HOLDS_MS = 600_000;
const FRESH_HOLDS_MS = 30_000;
/** UTF-16 units of one text of a finding. */
const MAX_TEXT = 10_000;
/** UTF-16 units of the texts of all findings, worst first; findings beyond it are kept without text. */
const MAX_WORDS = 256 * 1024;

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

const reading = z.object({ audit: securityAudit });

export type OpenclawSecurityAudit = ReturnType<typeof createOpenclawSecurityAudit>;

export function createOpenclawSecurityAudit({ reader, clock }: { reader: Reader; clock: Clock }) {
  return {
    /** Concurrent callers share one run. Throws AppError for an unreachable host without an earlier result, or a changed host key. */
    read: (serverId: string, { fresh, signal }: { fresh: boolean; signal: AbortSignal }) =>
      reader.read(
        serverId,
        {
          what: 'security-audit',
          schema: reading,
          async fromHost(call) {
            const found = await call(['security', 'audit', '--json'], commandAnswer);
            return { audit: presentAudit(found, clock.now()) };
          },
          hostAnswers: ['not_installed'],
          commandAlone: { waitMs: WAIT_MS, runMs: RUN_MS, holdsMs: fresh ? FRESH_HOLDS_MS : HOLDS_MS },
        },
        { signal },
      ),
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
