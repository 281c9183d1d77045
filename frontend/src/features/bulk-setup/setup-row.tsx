// One server of a bulk setup: how far it has come, and why it stopped.
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { addressOf } from '../servers/address-of.ts';
import type { BulkRow } from './bulk-run.ts';
import { progressTexts } from './progress-texts.ts';
import type { RowProgress, RowState } from './row-progress.ts';

const active = { mark: '◐', tone: 'text-link' };
const open = { mark: '○', tone: 'text-muted' };
const done = { mark: '✓', tone: 'text-up' };
const failed = { mark: '✕', tone: 'text-down' };
const ended = { mark: '–', tone: 'text-muted' };

const stateStyles: Record<RowState, { mark: string; tone: string }> = {
  ...{ waiting: open, adding: active, testing: active, starting: active },
  ...{ queued: open, running: active, succeeded: done, present: done },
  ...{ not_set_up: open, failed, stopped: ended, cancelled: ended, interrupted: failed },
};

/** @param isChosen whether it is among those that are tried next; null: it cannot be */
export function SetupRow({
  row,
  progress: { state, step, share, failure, taskId },
  isChosen,
  onChoose,
}: {
  row: BulkRow;
  progress: RowProgress;
  isChosen: boolean | null;
  onChoose: (isChosen: boolean) => void;
}) {
  const t = useTexts(progressTexts);
  const { mark, tone } = stateStyles[state];
  const { name, server, username } = row;
  return (
    <li className="px-4 py-2 text-sm">
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <div className="flex min-w-0 items-center gap-3">
          {isChosen !== null && (
            <label className="-ml-2 flex min-h-11 min-w-11 shrink-0 cursor-pointer items-center justify-center">
              <input
                type="checkbox"
                className="size-5 accent-accent"
                checked={isChosen}
                onChange={(event) => onChoose(event.target.checked)}
              />
              <span className="sr-only">{t.select(name)}</span>
            </label>
          )}
          {server === null ? (
            <span className="min-w-0 py-3 font-medium">
              <VisibleText text={name} />
            </span>
          ) : (
            <a
              {...linkTo(serverPath(server.id))}
              className="inline-flex min-h-11 min-w-0 items-center font-medium text-link underline"
            >
              <span className="min-w-0">
                <VisibleText text={name} />
              </span>
            </a>
          )}
        </div>
        <span className={`font-medium ${tone}`}>
          <span aria-hidden="true">{mark}</span> {t[`state_${state}`]}
        </span>
      </div>
      <div className="flex flex-wrap items-center justify-between gap-x-4">
        <p className="min-w-0 text-muted">
          <span className="font-mono text-xs">
            <VisibleText text={`${username}@${addressOf(row)}`} />
          </span>
          {step !== null && (
            <>
              {' · '}
              <span lang="en">
                <VisibleText text={t.step(step.title, step.number, step.count)} />
              </span>
            </>
          )}
        </p>
        {taskId !== null && (
          <a {...linkTo(`/tasks/${taskId}`)} className={`${buttonClass('quiet')} -mr-4`}>
            <span>
              {t.openTask} <span className="sr-only">{t.ofServer(name)}</span>
            </span>
          </a>
        )}
      </div>
      {share !== null && (
        <progress className="meter mb-1 block" aria-label={t.progress(name)} max={1} value={share} />
      )}
      {state === 'present' && <p className="pb-1 text-muted">{t.presentHint}</p>}
      {failure !== null && (
        <div className="py-1">
          <ProblemWords code={failure.code} message={failure.message} hint={failure.hint} />
        </div>
      )}
    </li>
  );
}
