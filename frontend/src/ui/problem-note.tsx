// An error in words: what failed, what to do next, and the id that finds it in Buoy's log.
import { ApiError } from '@buoy/contract/client';
import { Copyable } from './copyable.tsx';

export function ProblemNote({ problem }: { problem: Error }) {
  const { hint, requestId } = problem instanceof ApiError ? problem : { hint: null, requestId: null };
  return (
    <div role="alert" className="rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
      <p className="font-medium text-ink">{problem.message}</p>
      {hint !== null && <p className="mt-1 text-muted">{hint}</p>}
      {requestId !== null && (
        <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-muted">
          Request <Copyable value={requestId} label="Copy request id" />
        </p>
      )}
    </div>
  );
}
