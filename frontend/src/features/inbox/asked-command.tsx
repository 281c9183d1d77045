// A command that an agent wants to run: its full text, where it runs, and what is risky about it.
import type { ExecApproval } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { VisibleText, WholeCommand } from '../../ui/visible-text.tsx';
import { factsOf } from './command-facts.ts';
import { inboxTexts } from './texts.ts';

export function agentName({ agentId }: ExecApproval, t: (typeof inboxTexts)['en']): string {
  return agentId === null ? t.someAgent : t.agentNamed(agentId);
}

export function AskedCommand({ approval, serverId }: { approval: ExecApproval; serverId: string }) {
  const t = useTexts(inboxTexts);
  const { command, warning, sessionKey } = approval;
  const facts = factsOf(approval, t);
  return (
    <div className="mt-3 space-y-2 text-sm">
      <WholeCommand command={command} />
      {warning !== null && (
        <p className="rounded-md border border-unreachable/40 bg-unreachable/8 px-3 py-2">
          <span className="font-medium">{t.warning}:</span>{' '}
          <span lang="en">
            <VisibleText text={warning} />
          </span>
        </p>
      )}
      {facts.length > 0 && (
        <dl className="flex flex-wrap gap-x-6 gap-y-1">
          {facts.map(({ term, value }) => (
            <div key={term} className="flex flex-wrap gap-x-2">
              <dt className="text-muted">{term}</dt>
              <dd dir="auto" className="min-w-0 wrap-anywhere">
                <VisibleText text={value} kind="command" />
              </dd>
            </div>
          ))}
        </dl>
      )}
      {sessionKey !== null && (
        <a
          {...linkTo(serverPath(serverId, 'sessions', sessionKey))}
          className="inline-flex min-h-11 items-center text-link underline"
        >
          {t.openSession}
        </a>
      )}
    </div>
  );
}
