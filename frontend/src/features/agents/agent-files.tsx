// The files that OpenClaw reads for an agent, including missing ones.
import { useQuery } from '@tanstack/react-query';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { useServices } from '../../services.ts';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { useDraft } from '../../ui/use-draft.ts';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { agentPath, fileDraftKey, type PartProps } from './agent-paths.ts';
import { agentFilesQuery } from './agent-queries.ts';
import { agentFileTexts } from './file-texts.ts';
import { agentTexts } from './texts.ts';

/** Milliseconds: ages are told in minutes at least. */
const CLOCK_MS = 30_000;

export function AgentFiles({ server, agent }: PartProps) {
  const { api } = useServices();
  const t = useTexts(agentFileTexts);
  const formats = useFormats();
  const now = useNow(CLOCK_MS);
  const files = useQuery(agentFilesQuery(api, server.id, agent.id));
  return (
    <ReadPanel title={t.files} loading={t.loadingFile} rows={4} query={files}>
      {(answer) =>
        answer.files.length === 0 ? (
          <EmptyNote title={t.noFiles} />
        ) : (
          <>
            <p className="text-sm text-muted">{t.filesHint}</p>
            <ul aria-label={t.files} className="-mb-4 divide-y divide-line border-t border-line">
              {answer.files.map(({ name, size, updatedAt, missing }) => (
                <li key={name}>
                  <a
                    {...linkTo(agentPath(server.id, agent.id, 'files', name))}
                    className="-mx-2 flex min-h-12 flex-wrap items-center justify-between gap-x-4 rounded-md px-2 py-2 no-underline hover:bg-inset"
                  >
                    <span className="font-mono text-sm">
                      <VisibleText text={name} />
                    </span>
                    <span className="text-sm text-muted">
                      <UnsavedMark draftKey={fileDraftKey(server.id, agent.id, name)} />
                      {missing
                        ? t.missing
                        : [
                            size === null ? null : formats.bytes(size),
                            updatedAt === null ? null : formats.age(updatedAt, now),
                          ]
                            .filter((fact) => fact !== null)
                            .join(' · ')}
                    </span>
                  </a>
                </li>
              ))}
            </ul>
          </>
        )
      }
    </ReadPanel>
  );
}

function UnsavedMark({ draftKey }: { draftKey: readonly string[] }) {
  const t = useTexts(agentTexts);
  const [draft] = useDraft(draftKey);
  return draft === null ? null : <span className="mr-2 font-medium text-unreachable">{t.unsaved}</span>;
}
