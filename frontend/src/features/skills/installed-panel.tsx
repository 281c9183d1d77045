// The installed skills, as an agent sees them.
import type { Server, Skill } from '@buoy/contract';
import { useQuery } from '@tanstack/react-query';
import { useDeferredValue } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass } from '../../ui/field.tsx';
import { ReadPanel } from '../../ui/read-panel.tsx';
import { useFilters } from '../../ui/use-filters.ts';
import type { WatchedTask } from '../tasks/use-task.ts';
import { AgentChoice } from './agent-choice.tsx';
import { filterSkills, groupSkills, skillStates } from './skill-groups.ts';
import { skillsQuery } from './skill-queries.ts';
import { SkillRow } from './skill-row.tsx';
import { skillsTexts } from './texts.ts';

export function InstalledPanel({ server, installation }: { server: Server; installation: WatchedTask }) {
  const { api } = useServices();
  const t = useTexts(skillsTexts);
  const [filters, setFilters] = useFilters(['agent', 'state', 'find']);
  const find = useDeferredValue(filters.find);
  const query = useQuery(skillsQuery(api, server.id, filters.agent));
  return (
    <ReadPanel title={t.installed} loading={t.loadingSkills} rows={6} query={query}>
      {({ skills }) => {
        const shown = filterSkills(skills, { state: filters.state, text: find });
        const { own, ready, lacking, off } = groupSkills(shown);
        const rows = (label: string, group: readonly Skill[]) => (
          <ul aria-label={label} className="divide-y divide-line">
            {group.map((skill) => (
              <SkillRow
                key={`${skill.source} ${skill.name}`}
                server={server}
                agentId={filters.agent}
                skill={skill}
                installation={installation}
              />
            ))}
          </ul>
        );
        const open = (label: string, group: readonly Skill[]) =>
          group.length > 0 && (
            <section>
              <h3 className="text-sm font-semibold">
                {label} <span className="font-normal text-muted">{group.length}</span>
              </h3>
              {rows(label, group)}
            </section>
          );
        const isNarrowed = filters.state !== '' || find.trim() !== '';
        return (
          <>
            <div className="grid gap-2 sm:grid-cols-[minmax(0,1fr)_12rem]">
              <input
                type="search"
                aria-label={t.find}
                placeholder={t.find}
                value={filters.find}
                onChange={({ target }) => setFilters({ find: target.value })}
                className={controlClass}
              />
              <select
                aria-label={t.state}
                value={filters.state}
                onChange={({ target }) => setFilters({ state: target.value })}
                className={controlClass}
              >
                <option value="">{t.allStates}</option>
                {skillStates.map((state) => (
                  <option key={state} value={state}>
                    {t[`only_${state}`]}
                  </option>
                ))}
              </select>
            </div>
            <AgentChoice
              server={server}
              label={t.seenBy}
              none={t.defaultAgent}
              agentId={filters.agent}
              onChoose={(agent) => setFilters({ agent })}
            />
            <p role="status" className="text-sm text-muted">
              {shown.length === 0 ? t.noneMatch : t.countOf(shown.length, skills.length)}
              {server.role === 'viewer' && ` ${t.viewer}`}
            </p>
            {open(t.own, own)}
            {open(t.brought, ready)}
            {open(t.group_off, off)}
            {lacking.length > 0 && (
              // Most bundled skills miss requirements, so that group starts folded.
              <details key={String(isNarrowed)} open={isNarrowed}>
                <summary className="min-h-11 content-center text-sm font-semibold">
                  {t.group_lacking} <span className="font-normal text-muted">{lacking.length}</span>
                </summary>
                {rows(t.group_lacking, lacking)}
              </details>
            )}
          </>
        );
      }}
    </ReadPanel>
  );
}
