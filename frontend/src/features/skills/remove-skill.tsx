// Removes an added skill.
import type { Server, Skill } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { skillsKey } from './skill-queries.ts';
import { skillsTexts } from './texts.ts';

export function RemoveSkill({ server, agentId, skill }: { server: Server; agentId: string; skill: Skill }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(skillsTexts);
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () =>
      api.call('DELETE /servers/:id/openclaw/skills/:name', {
        params: { id: server.id, name: skill.name },
        query: agentId === '' ? {} : { agentId },
      }),
    onSuccess: () => setAsks(false),
    meta: { done: t.removed(skill.name) },
    onSettled: () => queries.invalidateQueries({ queryKey: [...skillsKey(server.id), 'list'] }),
  });
  return (
    <>
      <Button
        variant="danger"
        aria-label={t.removeNamed(skill.name)}
        onClick={() => {
          remove.reset();
          setAsks(true);
        }}
      >
        {t.remove}
      </Button>
      {asks && (
        <Confirm
          title={t.removeTitle(skill.name, server.name)}
          action={remove.isPending ? t.removing : t.remove}
          isDestructive
          isPending={remove.isPending}
          problem={remove.error}
          onConfirm={() => remove.mutate()}
          onClose={() => setAsks(false)}
        >
          <p>{t.removeEffect}</p>
        </Confirm>
      )}
    </>
  );
}
