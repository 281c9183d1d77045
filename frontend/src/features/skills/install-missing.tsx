// Installs a program that a skill needs, as a task, after naming the effect.
import type { Server, Skill } from '@buoy/contract';
import { hasEnded } from '@buoy/contract/constants';
import { visibleText } from '@buoy/contract/visible-text';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import type { WatchedTask } from '../tasks/use-task.ts';
import { installerEffect } from './installer-effect.ts';
import { skillsTexts } from './texts.ts';
import { useInstall } from './use-install.ts';

export function InstallMissing({
  server,
  agentId,
  skill,
  installation,
}: {
  server: Server;
  agentId: string;
  skill: Skill;
  installation: WatchedTask;
}) {
  const t = useTexts(skillsTexts);
  const [asked, setAsked] = useState<Skill['installable'][number] | null>(null);
  const install = useInstall(server.id, installation, () => setAsked(null));
  const isBusy = installation.view !== null && !hasEnded(installation.view.task);
  return (
    <>
      {skill.installable.map((way) => (
        <Button
          key={way.installId}
          lang="en"
          variant="quiet"
          className="-ml-4"
          disabled={isBusy}
          onClick={() => {
            install.reset();
            setAsked(way);
          }}
        >
          {visibleText(way.label)}
        </Button>
      ))}
      {asked !== null && (
        <Confirm
          title={t.installMissingTitle(skill.name, server.name)}
          action={install.isPending ? t.starting : t.install}
          isPending={install.isPending}
          problem={install.error}
          onConfirm={() =>
            install.mutate({
              source: 'dependency',
              name: skill.name,
              installId: asked.installId,
              ...(agentId === '' ? {} : { agentId }),
            })
          }
          onClose={() => setAsked(null)}
        >
          <p>{installerEffect(asked, t)}</p>
        </Confirm>
      )}
    </>
  );
}
