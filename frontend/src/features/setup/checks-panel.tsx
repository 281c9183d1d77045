// What a server has and lacks for OpenClaw: what a person must mend first, passed checks in one line.
import type { FixableCheckId, Prerequisite } from '@buoy/contract';
import { fixableCheckIds } from '@buoy/contract/constants';
import type { UseQueryResult } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { useTimedText } from '../../ui/clock.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { type CheckGroup, groupChecks, type Prerequisites } from './check-order.ts';
import { checkTexts } from './check-texts.ts';

/** What a bare server shows beside its passed checks. */
const EXPECTED_ROWS = 3;

/** @param onFix mends what a check found; null for a person who may not */
export function ChecksPanel({
  query: { data, error, isFetching, refetch },
  onFix,
}: {
  query: Pick<UseQueryResult<Prerequisites>, 'data' | 'error' | 'isFetching'> & { refetch: () => unknown };
  onFix: ((checkId: FixableCheckId) => void) | null;
}) {
  const t = useTexts(checkTexts);
  return (
    <Panel
      title={t.checks}
      aside={
        <Button variant="quiet" className="-mr-4" disabled={isFetching} onClick={() => refetch()}>
          {/* Both words take their room, so that nothing moves. */}
          <span className="inline-grid justify-items-end">
            <span className={`col-start-1 row-start-1 ${isFetching ? 'invisible' : ''}`}>{t.checkAgain}</span>
            <span className={`col-start-1 row-start-1 ${isFetching ? '' : 'invisible'}`}>
              {t.checkingAgain}
            </span>
          </span>
        </Button>
      }
    >
      <div className="space-y-3">
        {error !== null && <ProblemNote problem={error} />}
        {data === undefined && error === null && <ChecksSkeleton />}
        {data !== undefined && <Checks answer={data} onFix={onFix} />}
      </div>
    </Panel>
  );
}

type OnFix = Parameters<typeof ChecksPanel>[0]['onFix'];

function Checks({ answer, onFix }: { answer: Prerequisites; onFix: OnFix }) {
  const t = useTexts(checkTexts);
  const formats = useFormats();
  const { passed, ...open } = groupChecks(answer);
  const age = useTimedText((now) => t.checked(formats.age(answer.observedAt, now)));
  return (
    <>
      <ul className="space-y-3 empty:hidden">
        {(['blocking', 'mended', 'warning'] as const).flatMap((group) =>
          open[group].map((check) => <Check key={check.id} check={check} group={group} onFix={onFix} />),
        )}
      </ul>
      {passed.length > 0 && (
        <details>
          <summary className="min-h-11 content-center text-sm text-muted">{t.passed(passed.length)}</summary>
          <ul className="mt-1 space-y-3">
            {passed.map((check) => (
              <Check key={check.id} check={check} group="passed" onFix={null} />
            ))}
          </ul>
        </details>
      )}
      <p className="text-xs text-muted">{age}</p>
    </>
  );
}

const styles: Record<CheckGroup, { mark: string; tone: string }> = {
  blocking: { mark: '✕', tone: 'text-down' },
  mended: { mark: '○', tone: 'text-link' },
  warning: { mark: '!', tone: 'text-unreachable' },
  passed: { mark: '✓', tone: 'text-up' },
};

function Check({
  check: { id, detail, fix },
  group,
  onFix,
}: {
  check: Prerequisite;
  group: CheckGroup;
  onFix: OnFix;
}) {
  const t = useTexts(checkTexts);
  const fixable = fix?.automatic === true ? fixableCheckIds.find((one) => one === id) : undefined;
  const { mark, tone } = styles[group];
  const isForPerson = group === 'blocking' || group === 'warning';
  return (
    <li className="flex gap-2.5 text-sm">
      <span aria-hidden="true" className={`w-4 shrink-0 text-center font-semibold ${tone}`}>
        {mark}
      </span>
      <div className="min-w-0 flex-1">
        <p>
          <span className="font-medium">{t[`check_${id}`]}</span>{' '}
          {group !== 'passed' && <span className={`text-xs ${tone}`}>{t[`group_${group}`]}</span>}
        </p>
        <p lang="en" className="wrap-anywhere text-muted">
          <VisibleText text={detail} />{' '}
          {isForPerson && fix !== null && (
            <span className="text-ink">
              <VisibleText text={fix.text} />
            </span>
          )}
        </p>
        {isForPerson && fix !== null && fix.command !== null && (
          <p className="mt-1 flex items-center justify-between gap-4 rounded-md border border-line bg-inset px-3 py-1 whitespace-nowrap">
            <Copyable
              value={fix.command}
              label={t.copy}
              name={t.copyCommand(t[`check_${id}`])}
              codeClass="min-w-0 truncate text-xs"
            />
          </p>
        )}
        {onFix !== null && fixable !== undefined && (
          <Button
            variant="quiet"
            className="-ml-4"
            aria-label={t.fixNamed(t[`check_${id}`])}
            onClick={() => onFix(fixable)}
          >
            {t.fixNow}
          </Button>
        )}
      </div>
    </li>
  );
}

function ChecksSkeleton() {
  const t = useTexts(checkTexts);
  return (
    <div role="status" aria-label={t.checking} className="space-y-3 motion-safe:animate-pulse">
      {Array.from({ length: EXPECTED_ROWS }, (_, row) => `row ${row}`).map((key) => (
        <div key={key} className="flex h-10 gap-2.5">
          <div className="mt-1 size-4 shrink-0 rounded-full bg-line" />
          <div className="flex-1">
            <div className="mt-1 h-3 w-2/5 rounded bg-line" />
            <div className="mt-2.5 h-2.5 w-4/5 rounded bg-line" />
          </div>
        </div>
      ))}
      <div className="h-15" />
    </div>
  );
}
