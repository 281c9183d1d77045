// What the agent is doing, with a stop button.
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { chatTexts } from './chat-texts.ts';
import type { Run } from './live-runs.ts';
import type { ConversationView } from './use-conversation.ts';

/** @param run null: something runs that this page does not know yet */
export function WorkingLine({
  run,
  stop,
  canStop,
}: {
  run: Run | null;
  stop: ConversationView['stop'];
  canStop: boolean;
}) {
  const t = useTexts(chatTexts);
  const tool = run?.tools.findLast(({ state }) => state === 'running');
  const words =
    tool !== undefined
      ? t.usingTool(tool.title ?? tool.name)
      : run !== null && run.text !== '' && run.phase === null
        ? t.writing
        : t.working;
  return (
    <div className="space-y-2">
      {stop.error !== null && <ProblemNote problem={stop.error} />}
      <div className="flex min-h-11 items-center justify-between gap-3 text-sm">
        <p className="flex min-w-0 items-center gap-2">
          <span aria-hidden="true" className="text-link motion-safe:animate-pulse">
            ●
          </span>
          <span className="min-w-0 truncate">
            {words}
            {run?.phase != null && (
              <span className="text-muted" lang="en">
                {' '}
                {t.phase(run.phase.replaceAll('_', ' '))}
              </span>
            )}
          </span>
        </p>
        {canStop && (
          <Button disabled={stop.isPending} onClick={() => stop.mutate()}>
            {stop.isPending ? t.stopping : t.stop}
          </Button>
        )}
      </div>
    </div>
  );
}
