// An error in words: what failed, what to do next, and the id that finds it in Buoy's log.
import { ApiError } from '@buoy/contract/client';
import { useRef, useState } from 'react';

export function ProblemNote({ problem }: { problem: Error }) {
  const { hint, requestId } = problem instanceof ApiError ? problem : { hint: null, requestId: null };
  return (
    <div role="alert" className="rounded-md border border-down/40 bg-down/8 px-4 py-3 text-sm">
      <p className="font-medium text-ink">{problem.message}</p>
      {hint !== null && <p className="mt-1 text-muted">{hint}</p>}
      {requestId !== null && <RequestId value={requestId} />}
    </div>
  );
}

function RequestId({ value }: { value: string }) {
  const text = useRef<HTMLElement>(null);
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(value);
      setCopied(true);
    } catch {
      // Pages opened by plain http have no clipboard: the text is marked for the person to copy.
      if (text.current !== null) window.getSelection()?.selectAllChildren(text.current);
    }
  };
  return (
    <p className="mt-1 flex flex-wrap items-center gap-x-2 text-xs text-muted">
      Request{' '}
      <code ref={text} className="font-mono select-all">
        {value}
      </code>
      <button type="button" onClick={() => void copy()} className="-my-2 min-h-11 px-2 text-link underline">
        {copied ? 'Copied' : 'Copy request id'}
      </button>
    </p>
  );
}
