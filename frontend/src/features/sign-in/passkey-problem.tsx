// Why a passkey was not used or created: Buoy's message, or the closed browser window.
import { ApiError } from '@buoy/contract/client';
import { useTexts } from '../../i18n/use-texts.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { passkeyTexts } from './passkey-texts.ts';

export function PasskeyProblem({ problem }: { problem: Error }) {
  const t = useTexts(passkeyTexts);
  if (problem instanceof ApiError) return <ProblemNote problem={problem} />;
  const words =
    problem.name === 'InvalidStateError'
      ? t.hasOne
      : problem.name === 'SecurityError'
        ? t.otherAddress
        : t.notUsed;
  return (
    <p role="alert" className="rounded-md border border-line bg-inset px-4 py-3 text-sm">
      {words}
    </p>
  );
}
