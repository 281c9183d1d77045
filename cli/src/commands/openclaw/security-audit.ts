// The security audit of OpenClaw's own setup.
import type { SecurityAudit } from '@buoy/contract';
import { type Args, type Command, type Context, command, type Flags, isSet } from '../../command.ts';
import { ago } from '../../output/ago.ts';
import { indented } from '../../output/indented.ts';
import type { Colour } from '../../output/output.ts';
import { serverIn } from '../../resolve-server.ts';

const colours: Record<SecurityAudit['findings'][number]['severity'], Colour> = {
  critical: 'red',
  warn: 'yellow',
  info: 'dim',
};

/** Exits with 1 for a critical finding, so that a script can stop. */
async function securityAudit(
  context: Context & Args<'server'> & Flags<'fresh'>,
): Promise<number | undefined> {
  const { output, terminal } = context;
  const { api, id } = await serverIn(context);
  const answer = await api('GET /servers/:id/openclaw/security-audit', {
    params: { id },
    query: { fresh: isSet(context, 'fresh') ? 'true' : 'false' },
  });
  const { summary, findings, checkedAt } = answer.audit;
  output.result(answer, () => {
    for (const { severity, title, detail, fix } of findings) {
      output.line(`${output.colour(colours[severity], severity)}: ${title}`);
      output.line(indented(detail));
      if (fix !== null) output.line(indented(`Fix: ${fix}`));
    }
    output.line(
      `Critical: ${summary.critical}, warnings: ${summary.warn}, notes: ${summary.info}; checked ${ago(checkedAt, terminal.now())}.`,
    );
  });
  return summary.critical > 0 ? 1 : undefined;
}

export const securityAuditCommands: readonly Command[] = [
  command({
    name: 'openclaw security-audit',
    summary: 'Show what OpenClaw finds unsafe in its setup; exits with 1 if a finding is critical',
    args: ['server'],
    options: {
      fresh: {
        type: 'boolean',
        summary: 'Run the audit again instead of reusing a result of the last 10 minutes',
      },
    },
    run: securityAudit,
  }),
];
