// Which agent does a job.

import type { Server } from '@buoy/contract';
import { visibleText } from '@buoy/contract/visible-text';
import { useQuery } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { controlClass, Field } from '../../ui/field.tsx';
import { agentsQuery } from '../agents/agent-queries.ts';
import type { CronDraft } from './cron-draft.ts';
import { cronFormTexts } from './form-texts.ts';
import type { SavedJob } from './job-form.tsx';

export function AgentField({
  server,
  draft,
  before,
  onChange,
}: {
  server: Server;
  draft: CronDraft;
  before: SavedJob | null;
  onChange: (change: Partial<CronDraft>) => void;
}) {
  const { api } = useServices();
  const t = useTexts(cronFormTexts);
  const { data } = useQuery(agentsQuery(api, server.id));
  const agents = data?.agents ?? [];
  // A job that names an agent cannot go back to none: OpenClaw only takes another one.
  const mayBeDefault = before === null || before.draft.agentId === '';
  const isListed = draft.agentId === '' || agents.some(({ id }) => id === draft.agentId);
  return (
    <Field label={t.agent}>
      {(control) => (
        <select
          {...control}
          value={draft.agentId}
          onChange={({ target }) => onChange({ agentId: target.value })}
          className={controlClass}
        >
          {mayBeDefault && <option value="">{t.defaultAgent}</option>}
          {!isListed && <option value={draft.agentId}>{visibleText(draft.agentId)}</option>}
          {agents.map(({ id, name }) => (
            <option key={id} value={id}>
              {visibleText(name === id ? id : `${name} (${id})`)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}
