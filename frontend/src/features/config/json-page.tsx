// The whole config as JSON, secrets hidden. An edit becomes a patch, which is reviewed before it is written.
import type { Server } from '@buoy/contract';
import type { ConfigObject } from '@buoy/contract/config-patch';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { MainButton } from '../../ui/main-button.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { ChangeReview, type ConfigWriteResult } from './change-review.tsx';
import { configQuery } from './config-queries.ts';
import { ConfigState, isWritable } from './config-state.tsx';
import { editableText } from './json-patch.ts';
import { readEdit } from './read-edit.ts';
import { configTexts } from './texts.ts';
import { WrittenNote } from './written-note.tsx';

/** What was typed, and the config that it was typed into: the patch is what lies between the two. */
type Draft = { text: string; base: ConfigObject; hash: string };

export function JsonPage({ server }: { server: Server }) {
  const { api } = useServices();
  const t = useTexts(configTexts);
  const config = useQuery(configQuery(api, server.id));
  return (
    <ReadPanel title={t.whole} loading={t.loading} rows={6} query={config}>
      {(answer) => (
        <>
          <ConfigState server={server} answer={answer} />
          {answer.config === null ? (
            <p className="text-sm text-muted">{t.unreadable}</p>
          ) : server.role === 'viewer' || !isWritable(answer) ? (
            <CodeEditor label={t.editorLabel} language="json" value={editableText(answer.config)} />
          ) : (
            <JsonEditor server={server} config={answer.config} hash={answer.hash ?? ''} />
          )}
        </>
      )}
    </ReadPanel>
  );
}

function JsonEditor({ server, config, hash }: { server: Server; config: ConfigObject; hash: string }) {
  const t = useTexts(configTexts);
  const [draft, setDraft] = useDraft<Draft>([server.id, 'config', 'json']);
  const [problem, setProblem] = useState<string | null>(null);
  const [review, setReview] = useState<{ patch: ConfigObject; lineOf: (path: string) => number } | null>(
    null,
  );
  const [written, setWritten] = useState<ConfigWriteResult | null>(null);
  const opened = editableText(draft?.base ?? config);
  const type = (text: string) => {
    setProblem(null);
    setWritten(null);
    setDraft((current) => {
      const { base, hash: on } = current ?? { base: config, hash };
      return text === editableText(base) ? null : { text, base, hash: on };
    });
  };
  const check = async (edited: Draft) => {
    const { lineAt, firstMistake } = await import('./json-positions.ts');
    const outcome = readEdit(edited.base, edited.text);
    switch (outcome.kind) {
      case 'not-json': {
        const { line, column } = firstMistake(edited.text) ?? { line: 1, column: 1 };
        return setProblem(t.notJson(line, column));
      }
      case 'not-object':
        return setProblem(t.notObject);
      case 'hidden-moved':
        return setProblem(t.hiddenMoved(outcome.paths.join(', ')));
      case 'nothing':
        return setProblem(t.nothingChanged);
      case 'patch':
        return setReview({ patch: outcome.patch, lineOf: (path) => lineAt(edited.text, path) });
    }
  };
  return (
    <div className="space-y-4">
      <p className="text-sm text-muted">{t.wholeHint}</p>
      <CodeEditor label={t.editorLabel} language="json" value={draft?.text ?? opened} onChange={type} />
      <p role="alert" className="text-sm text-down empty:hidden">
        {problem}
      </p>
      <div className="flex flex-wrap items-center gap-2">
        <MainButton
          text={t.review}
          isEnabled={draft !== null}
          onPress={() => {
            if (draft !== null) void check(draft);
          }}
        />
        {draft !== null && (
          <SecondaryButton
            text={t.discard}
            onPress={() => {
              setProblem(null);
              setDraft(null);
            }}
          />
        )}
        {draft !== null && <p className="text-sm text-muted">{t.unsaved}</p>}
        <WrittenNote written={written} />
      </div>
      {review !== null && draft !== null && (
        <ChangeReview
          server={server}
          patch={review.patch}
          hash={draft.hash}
          lineOf={review.lineOf}
          onWritten={(result) => {
            setReview(null);
            setDraft(null);
            setWritten(result);
          }}
          onClose={() => setReview(null)}
        />
      )}
    </div>
  );
}
