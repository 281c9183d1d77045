// The findings of OpenClaw's security audit, worst first, each with its fix.
import type { SecurityAudit, Server } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { securityAuditQuery } from './channel-queries.ts';
import { channelsTexts } from './texts.ts';

type Finding = SecurityAudit['findings'][number];

const severities = ['critical', 'warn', 'info'] as const satisfies Finding['severity'][];
const tones: Record<Finding['severity'], string> = {
  critical: 'text-down',
  warn: 'text-unreachable',
  info: 'text-muted',
};

export function SecurityPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(channelsTexts);
  const wanted = securityAuditQuery(api, server.id);
  const query = useQuery(wanted);
  const again = useMutation({
    mutationFn: () =>
      api.call('GET /servers/:id/openclaw/security-audit', {
        params: { id: server.id },
        query: { fresh: 'true' },
      }),
    onSuccess: (answer) => queries.setQueryData(wanted.queryKey, answer),
  });
  const isChecking = again.isPending || query.isPending;
  return (
    <ReadPanel title={t.security} loading={t.loadingAudit} isSlow rows={3} query={query}>
      {({ audit }) => (
        <>
          <div className="flex flex-wrap items-center justify-between gap-2">
            <p role="status" className="text-sm">
              {again.isPending
                ? t.loadingAudit
                : t.auditSummary(audit.summary.critical, audit.summary.warn, audit.summary.info)}
            </p>
            <Button disabled={isChecking} onClick={() => again.mutate()}>
              {t.auditAgain}
            </Button>
          </div>
          {again.error !== null && <ProblemNote problem={again.error} />}
          {severities.map((severity) => (
            <Findings
              key={severity}
              severity={severity}
              findings={audit.findings.filter((finding) => finding.severity === severity)}
            />
          ))}
          <p className="text-sm text-muted">
            {t.auditHint}{' '}
            <a {...linkTo(serverPath(server.id, 'config'))} className="text-link underline">
              {t.toConfig}
            </a>
          </p>
        </>
      )}
    </ReadPanel>
  );
}

function Findings({ severity, findings }: { severity: Finding['severity']; findings: readonly Finding[] }) {
  const t = useTexts(channelsTexts);
  if (findings.length === 0) return null;
  return (
    <section>
      <h3 className={`text-sm font-semibold ${tones[severity]}`}>{t[`severity_${severity}`]}</h3>
      <ul className="mt-2 space-y-3">
        {findings.map((finding) => (
          <li
            key={`${finding.id} ${finding.title} ${finding.detail}`}
            className="border-l-2 border-line pl-3 text-sm"
          >
            <p lang="en" className="font-medium">
              <VisibleText text={finding.title} />
            </p>
            <p lang="en" className="mt-0.5 whitespace-pre-line text-muted">
              <VisibleText text={finding.detail} />
            </p>
            {finding.fix !== null && (
              <p className="mt-1">
                <span className="font-medium">{t.fix}:</span>{' '}
                <span lang="en">
                  <VisibleText text={finding.fix} />
                </span>
              </p>
            )}
            <p className="mt-0.5 font-mono text-xs text-muted">
              <VisibleText text={finding.id} />
            </p>
          </li>
        ))}
      </ul>
    </section>
  );
}
