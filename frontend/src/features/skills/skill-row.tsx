// One skill: purpose, state, missing requirements, switch and removal.
import type { Server, Skill } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import type { WatchedTask } from '../tasks/use-task.ts';
import { InstallMissing } from './install-missing.tsx';
import { RemoveSkill } from './remove-skill.tsx';
import { type SkillState, stateOf } from './skill-groups.ts';
import { skillsKey } from './skill-queries.ts';
import { skillsTexts } from './texts.ts';

const tones: Record<SkillState, string> = {
  ready: 'text-up',
  lacking: 'text-unreachable',
  off: 'text-muted',
};

/** @param agentId empty: the default agent */
export function SkillRow({
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
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(skillsTexts);
  const mayAct = server.role !== 'viewer';
  const state = stateOf(skill);
  const change = useMutation({
    mutationFn: (enabled: boolean) =>
      api.call('PUT /servers/:id/openclaw/skills/:name', {
        params: { id: server.id, name: skill.name },
        query: agentId === '' ? {} : { agentId },
        body: { enabled },
      }),
    onSettled: () => queries.invalidateQueries({ queryKey: [...skillsKey(server.id), 'list'] }),
  });
  return (
    <li className="py-3">
      <div className="flex items-start justify-between gap-x-4">
        <div className="min-w-0 flex-1">
          <p className="flex flex-wrap items-baseline gap-x-2">
            <span className="font-medium">
              {skill.emoji !== null && <span aria-hidden="true">{skill.emoji} </span>}
              <VisibleText text={skill.name} />
            </span>
            <span className={`text-sm font-medium ${tones[state]}`}>{t[`state_${state}`]}</span>
            <span className="text-sm text-muted">{t[`source_${skill.source}`]}</span>
          </p>
          <p className="line-clamp-2 text-sm text-muted">
            <VisibleText text={skill.description} />
          </p>
        </div>
        {mayAct && (
          <div className="shrink-0">
            <Toggle
              label={t.switchNamed(skill.name)}
              isLabelHidden
              checked={change.isPending ? change.variables : skill.enabled}
              disabled={change.isPending}
              onChange={change.mutate}
            />
          </div>
        )}
      </div>
      {skill.blockedByAgent && <p className="mt-1 text-sm text-unreachable">{t.blocked}</p>}
      {state === 'lacking' && <Missing skill={skill} />}
      {change.error !== null && <ProblemNote problem={change.error} />}
      {mayAct && (skill.removable || (state === 'lacking' && skill.installable.length > 0)) && (
        <div className="mt-2 flex flex-wrap gap-2">
          {state === 'lacking' && (
            <InstallMissing server={server} agentId={agentId} skill={skill} installation={installation} />
          )}
          {skill.removable && <RemoveSkill server={server} agentId={agentId} skill={skill} />}
        </div>
      )}
    </li>
  );
}

function Missing({ skill: { missing } }: { skill: Skill }) {
  const t = useTexts(skillsTexts);
  const lacks = [
    ...(missing.os.length > 0 ? [t.missingOs(missing.os.map(systemName).join(', '))] : []),
    ...(missing.bins.length > 0 ? [t.missingBins(missing.bins.join(', '))] : []),
    ...(missing.anyBins.length > 0 ? [t.missingAnyBin(missing.anyBins.join(', '))] : []),
    ...(missing.env.length > 0 ? [t.missingEnv(missing.env.join(', '))] : []),
    ...(missing.config.length > 0 ? [t.missingConfig(missing.config.join(', '))] : []),
  ];
  return lacks.length === 0 ? null : <p className="mt-1 text-sm">{lacks.join(' ')}</p>;
}

/** Node's word for a system, as OpenClaw uses it. */
function systemName(platform: string): string {
  if (platform === 'darwin') return 'macOS';
  return platform === 'win32' ? 'Windows' : platform;
}
