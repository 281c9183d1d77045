// Uploads a skill: chosen or dropped, scanned by Buoy, installed.
import type { Contract, ResponseOf, Server } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { EmptyNote } from '../../ui/empty-note.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { WorkingBar } from '../../ui/working-bar.tsx';
import { AgentChoice } from './agent-choice.tsx';
import { FileDrop } from './file-drop.tsx';
import { Findings } from './findings.tsx';
import { InstallAnyway } from './install-anyway.tsx';
import { skillsKey } from './skill-queries.ts';
import { skillsTexts } from './texts.ts';
import { uploadType } from './upload-file.ts';

type Outcome = ResponseOf<Contract['POST /servers/:id/openclaw/skills/upload']>;

/** What the person has agreed to. */
type UploadConsent = { confirm: boolean; replace: boolean };

export function UploadPanel({ server }: { server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(skillsTexts);
  const formats = useFormats();
  const [file, setFile] = useState<File | null>(null);
  const [agentId, setAgentId] = useState('');
  const upload = useMutation({
    mutationFn: async ({ chosen, consent }: { chosen: File; consent: UploadConsent }): Promise<Outcome> =>
      api.call('POST /servers/:id/openclaw/skills/upload', {
        params: { id: server.id },
        query: {
          ...(agentId === '' ? {} : { agentId }),
          ...(consent.confirm ? { confirm: 'true' } : {}),
          ...(consent.replace ? { replace: 'true' } : {}),
        },
        upload: {
          type: uploadType(chosen.name) ?? 'text/markdown',
          bytes: new Uint8Array(await chosen.arrayBuffer()),
        },
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: [...skillsKey(server.id), 'list'] }),
  });
  if (server.role === 'viewer')
    return (
      <Panel title={t.upload}>
        <EmptyNote title={t.uploadForAdmins}>{t.viewer}</EmptyNote>
      </Panel>
    );

  const consent = upload.variables?.consent ?? { confirm: false, replace: false };
  const isDuplicate = upload.error instanceof ApiError && upload.error.code === 'duplicate';
  const choose = (chosen: File | null) => {
    upload.reset();
    setFile(chosen);
  };
  const another = <Button onClick={() => choose(null)}>{t.anotherFile}</Button>;
  return (
    <Panel title={t.upload}>
      <div className="space-y-4">
        {file === null ? (
          <FileDrop onChoose={choose} />
        ) : (
          <>
            <p>
              <span className="font-medium break-all">
                <VisibleText text={file.name} />
              </span>{' '}
              <span className="text-sm text-muted">{formats.bytes(file.size)}</span>
            </p>
            {upload.data?.installed !== true && (
              <AgentChoice
                server={server}
                label={t.uploadFor}
                none={t.allAgents}
                agentId={agentId}
                onChoose={(chosen) => {
                  upload.reset();
                  setAgentId(chosen);
                }}
              />
            )}
            {upload.data === undefined && !isDuplicate && (
              <>
                <p className="max-w-prose text-sm text-muted">{t.uploadEffect(server.name)}</p>
                <div className="flex flex-wrap gap-2">
                  <Button
                    variant="primary"
                    disabled={upload.isPending}
                    onClick={() =>
                      upload.mutate({ chosen: file, consent: { confirm: false, replace: false } })
                    }
                  >
                    {upload.isPending ? t.scanning : t.scanAndInstall}
                  </Button>
                  {another}
                </div>
                {upload.isPending && <WorkingBar label={t.scanning} />}
              </>
            )}
            {isDuplicate && (
              <InstallAnyway
                reason={t.duplicate}
                action={t.replace}
                title={t.replaceTitle(server.name)}
                effect={t.replaceEffect}
                isPending={upload.isPending}
                onConfirm={() => upload.mutate({ chosen: file, consent: { ...consent, replace: true } })}
              >
                {another}
              </InstallAnyway>
            )}
            {upload.error !== null && !isDuplicate && <ProblemNote problem={upload.error} />}
            {upload.data !== undefined && !upload.data.installed && (
              <>
                <Findings findings={upload.data.findings} />
                <InstallAnyway
                  reason={t.notInstalled}
                  action={t.installAnyway}
                  title={t.installAnywayTitle(file.name, server.name)}
                  effect={t.installAnywayEffect}
                  isPending={upload.isPending}
                  onConfirm={() => upload.mutate({ chosen: file, consent: { ...consent, confirm: true } })}
                >
                  {another}
                </InstallAnyway>
              </>
            )}
            {upload.data?.installed === true && (
              <>
                <p role="status" className="font-medium text-up">
                  {t.uploaded(upload.data.skill?.name ?? file.name, server.name)}
                </p>
                {upload.data.findings.length > 0 && <Findings findings={upload.data.findings} />}
                <div className="flex flex-wrap gap-2">
                  <a {...linkTo(serverPath(server.id, 'skills'))} className={buttonClass('primary')}>
                    {t.toInstalled}
                  </a>
                  {another}
                </div>
              </>
            )}
          </>
        )}
      </div>
    </Panel>
  );
}
