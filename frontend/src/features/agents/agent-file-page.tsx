// One file of an agent in the editor. A conflicting edit loses neither text.
import type { AgentFile, MAX_AGENT_FILE_BYTES } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { CodeEditor } from '../../ui/code-editor.tsx';
import { MainButton } from '../../ui/main-button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { agentPath, fileDraftKey, type PartProps } from './agent-paths.ts';
import { agentFileQuery, agentFilesQuery } from './agent-queries.ts';
import { FileConflict } from './file-conflict.tsx';
import { openedText, savedText } from './file-text.ts';
import { agentFileTexts } from './file-texts.ts';
import { agentTexts } from './texts.ts';

const MAX_BYTES: typeof MAX_AGENT_FILE_BYTES = 256 * 1024;

/** What was typed, and the hash of the file that it was typed into. */
type Draft = { text: string; hash: string | null };

export function AgentFilePage({ server, agent, name }: PartProps & { name: string }) {
  const { api } = useServices();
  const t = useTexts(agentFileTexts);
  const file = useQuery(agentFileQuery(api, server.id, agent.id, name));
  return (
    <>
      <a {...linkTo(agentPath(server.id, agent.id, 'files'))} className={`${buttonClass('quiet')} -ml-4`}>
        ← {t.allFiles}
      </a>
      <ReadPanel title={name} loading={t.loadingFile} rows={5} query={file}>
        {(answer) => (
          <FileEditor
            server={server}
            agentId={agent.id}
            file={answer.file}
            isReadOnly={server.role === 'viewer'}
          />
        )}
      </ReadPanel>
    </>
  );
}

function FileEditor({
  server,
  agentId,
  file,
  isReadOnly,
}: {
  server: PartProps['server'];
  agentId: string;
  file: AgentFile;
  isReadOnly: boolean;
}) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(agentFileTexts);
  const words = useTexts(agentTexts);
  const formats = useFormats();
  const { name } = file;
  const draftKey = fileDraftKey(server.id, agentId, name);
  const [draft, setDraft] = useDraft<Draft>(draftKey);
  const [kept, setKept] = useDraft<string>([...draftKey, 'kept']);
  const [theirs, setTheirs] = useState<AgentFile | null>(null);
  const opened = openedText(file.content);
  const text = draft?.text ?? opened.text;
  const params = { id: server.id, agentId, name };
  const { queryKey } = agentFileQuery(api, server.id, agentId, name);
  const isTooLarge = new TextEncoder().encode(savedText({ ...opened, text })).length > MAX_BYTES;

  const save = useMutation({
    mutationFn: async (wanted: Draft) =>
      api.call('PUT /servers/:id/openclaw/agents/:agentId/files/:name', {
        params,
        body: { content: savedText({ ...opened, text: wanted.text }), hash: wanted.hash },
      }),
    onSuccess: ({ file: saved }, wanted) => {
      queries.setQueryData(queryKey, {
        file: saved,
        source: 'gateway',
        observedAt: new Date().toISOString(),
      });
      setTheirs(null);
      // What was typed while it was being saved stays.
      setDraft((now) =>
        now === null || now.text === wanted.text ? null : { text: now.text, hash: saved.hash },
      );
      void queries.invalidateQueries({
        queryKey: agentFilesQuery(api, server.id, agentId).queryKey,
        exact: true,
      });
    },
    onError: async (error) => {
      if (!(error instanceof ApiError) || error.code !== 'stale_version') return;
      const answer = await api.call('GET /servers/:id/openclaw/agents/:agentId/files/:name', { params });
      setTheirs(answer.file);
    },
    meta: { done: true },
  });
  const type = (typed: string) => {
    const hash = theirs?.hash ?? draft?.hash ?? file.hash;
    setDraft(typed === opened.text && theirs === null ? null : { text: typed, hash });
  };
  const takeTheirs = (file: AgentFile) => {
    setKept(text);
    setDraft(null);
    setTheirs(null);
    save.reset();
    queries.setQueryData(queryKey, { file, source: 'gateway', observedAt: new Date().toISOString() });
  };

  if (theirs !== null)
    return (
      <FileConflict
        theirs={theirs}
        text={text}
        problem={save.error instanceof ApiError && save.error.code === 'stale_version' ? null : save.error}
        isSaving={save.isPending}
        onChange={type}
        onSave={() => save.mutate({ text, hash: theirs.hash })}
        onTakeTheirs={() => takeTheirs(theirs)}
      />
    );
  return (
    <>
      {file.missing && <p className="text-sm text-muted">{t.fileMissing}</p>}
      {kept !== null && (
        <div className="flex flex-wrap items-center gap-2 rounded-md border border-line bg-inset px-4 py-2 text-sm">
          <p className="min-w-0 flex-1 basis-60">{t.keptMine}</p>
          <Button
            onClick={() => {
              type(kept);
              setKept(null);
            }}
          >
            {t.bringBack}
          </Button>
          <Button variant="quiet" onClick={() => setKept(null)}>
            {t.forget}
          </Button>
        </div>
      )}
      <CodeEditor
        label={t.fileLabel(name)}
        language="markdown"
        value={text}
        onChange={isReadOnly ? undefined : type}
      />
      {save.error !== null && <ProblemNote problem={save.error} />}
      {isTooLarge && (
        <p role="alert" className="text-sm text-down">
          {t.tooLarge(formats.bytes(MAX_BYTES))}
        </p>
      )}
      {!isReadOnly && (
        <div className="flex flex-wrap items-center gap-2">
          <MainButton
            text={save.isPending ? words.saving : words.save}
            isEnabled={(draft !== null || file.missing) && !isTooLarge}
            isBusy={save.isPending}
            onPress={() => save.mutate({ text, hash: draft?.hash ?? file.hash })}
          />
          {draft !== null && !save.isPending && (
            <SecondaryButton text={words.discard} onPress={() => setDraft(null)} />
          )}
          <p role="status" className="text-sm text-muted">
            {draft !== null ? words.unsaved : save.isSuccess && words.saved}
          </p>
        </div>
      )}
    </>
  );
}
