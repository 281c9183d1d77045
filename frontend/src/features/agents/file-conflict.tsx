// An edit conflict of a file: merges both texts line by line, or takes one of them.
import type { AgentFile } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { openedText } from './file-text.ts';
import { agentFileTexts } from './file-texts.ts';
import { agentTexts } from './texts.ts';

/** @param text of the person in front of the app, as it is now */
export function FileConflict({
  theirs,
  text,
  problem,
  isSaving,
  onChange,
  onSave,
  onTakeTheirs,
}: {
  theirs: AgentFile;
  text: string;
  problem: Error | null;
  isSaving: boolean;
  onChange: (text: string) => void;
  onSave: () => void;
  onTakeTheirs: () => void;
}) {
  const t = useTexts(agentFileTexts);
  const words = useTexts(agentTexts);
  return (
    <>
      <div
        role="alert"
        className="rounded-md border border-unreachable/50 bg-unreachable/8 px-4 py-3 text-sm"
      >
        <p className="font-medium">{theirs.missing ? t.conflictGone : t.conflictTitle}</p>
        <p className="mt-1 text-muted">{t.conflictHint}</p>
      </div>
      <CodeEditor
        label={t.mergedLabel(theirs.name)}
        language="markdown"
        value={text}
        onChange={onChange}
        compareWith={openedText(theirs.content).text}
      />
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap items-center gap-2">
        <Button variant="primary" disabled={isSaving} onClick={onSave}>
          {isSaving ? words.saving : t.saveMerged}
        </Button>
        {!theirs.missing && <Button onClick={onTakeTheirs}>{t.takeTheirs}</Button>}
      </div>
    </>
  );
}
