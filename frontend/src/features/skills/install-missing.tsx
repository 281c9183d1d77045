// Gets a program that a skill needs, as a task, after saying what is installed where.
import type { Server, Skill } from '@buoy/contract';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { randomKey } from '../../random-key.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { hasEnded } from '../tasks/task-view.ts';
import type { WatchedTask } from '../tasks/use-task.ts';
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
  const [asked, setAsked] = useState<{ way: Skill['installable'][number]; key: string } | null>(null);
  const install = useInstall(server.id, installation, () => setAsked(null));
  const isBusy = installation.view !== null && !hasEnded(installation.view.task);
  return (
    <>
      {skill.installable.map((way) => (
        <Button
          key={way.installId}
          lang="en"
          look="quiet"
          className="-ml-4"
          disabled={isBusy}
          onClick={() => {
            install.reset();
            setAsked({ way, key: randomKey() });
          }}
        >
          {way.label}
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
              installation: {
                source: 'dependency',
                name: skill.name,
                installId: asked.way.installId,
                ...(agentId === '' ? {} : { agentId }),
              },
              key: asked.key,
            })
          }
          onClose={() => setAsked(null)}
        >
          <p>{t.installMissingEffect(asked.way.bins.join(', ') || asked.way.label, asked.way.kind)}</p>
        </Confirm>
      )}
    </>
  );
}
