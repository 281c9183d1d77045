// An error message: what failed, what to do next, and the request id for Buoy's log.
import { ApiError } from '@buoy/contract/client';
import { useTexts } from '../i18n/use-texts.ts';
import { Copyable } from './copyable.tsx';
import { ProblemWords } from './problem-words.tsx';
import { uiTexts } from './texts.ts';

export function ProblemNote({ problem }: { problem: Error }) {
  const t = useTexts(uiTexts);
  const { code, hint, requestId } =
    problem instanceof ApiError ? problem : { code: null, hint: null, requestId: null };
  return (
    <div role="alert">
      <ProblemWords code={code} message={problem.message} hint={hint}>
        {requestId !== null && (
          <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-muted">
            {t.request} <Copyable value={requestId} label={t.copyRequestId} />
          </p>
        )}
      </ProblemWords>
    </div>
  );
}
