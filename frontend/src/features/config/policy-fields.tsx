// The fields of the rules about commands.
import type { ExecPolicy } from '@buoy/contract';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { Select } from '../../ui/select.tsx';
import type { AgentRules } from './policy-form.ts';
import { policyTexts } from './policy-texts.ts';

type Rules = ExecPolicy['defaults'];

const securities = ['deny', 'allowlist', 'full'] as const;
const asks = ['off', 'on-miss', 'always'] as const;

export function RulesFields({ rules, onChange }: { rules: Rules; onChange: (rules: Rules) => void }) {
  const t = useTexts(policyTexts);
  return (
    <div className="grid gap-5 sm:grid-cols-2">
      <Field label={t.security}>
        {(control) => (
          <Select
            {...control}
            value={rules.security ?? ''}
            onChange={(value) =>
              onChange({ ...rules, security: securities.find((one) => one === value) ?? null })
            }
            options={['' as const, ...securities].map((value) => ({ value, title: t[`security_${value}`] }))}
          />
        )}
      </Field>
      <Field label={t.ask}>
        {(control) => (
          <Select
            {...control}
            value={rules.ask ?? ''}
            onChange={(value) => onChange({ ...rules, ask: asks.find((one) => one === value) ?? null })}
            options={['' as const, ...asks].map((value) => ({ value, title: t[`ask_${value}`] }))}
          />
        )}
      </Field>
    </div>
  );
}

export function AgentRulesFields({
  rules,
  onChange,
}: {
  rules: AgentRules;
  onChange: (rules: AgentRules) => void;
}) {
  const t = useTexts(policyTexts);
  return (
    <fieldset className="space-y-4 rounded-md border border-line px-4 pt-1 pb-4">
      <legend className="px-1 font-mono text-sm font-semibold">{rules.agentId}</legend>
      <RulesFields rules={rules} onChange={(changed) => onChange({ ...rules, ...changed })} />
      <Field label={t.allowlist} hint={t.allowlistHint}>
        {(control) => (
          <textarea
            {...control}
            rows={4}
            spellCheck={false}
            autoCapitalize="none"
            className={`${controlClass} font-mono text-sm`}
            value={rules.allowlist}
            onChange={(event) => onChange({ ...rules, allowlist: event.target.value })}
          />
        )}
      </Field>
    </fieldset>
  );
}

export function AddAgentRules({
  agentIds,
  onAdd,
}: {
  agentIds: readonly string[];
  onAdd: (agentId: string) => void;
}) {
  const t = useTexts(policyTexts);
  const [chosen, setChosen] = useState('');
  const first = agentIds[0];
  if (first === undefined) return null;
  const agentId = agentIds.includes(chosen) ? chosen : first;
  return (
    <div className="flex flex-wrap items-end gap-3">
      <div className="min-w-0 flex-1 basis-48">
        <Field label={t.agent}>
          {(control) => (
            <Select
              {...control}
              value={agentId}
              onChange={setChosen}
              options={agentIds.map((id) => ({ value: id, title: id }))}
            />
          )}
        </Field>
      </div>
      <Button onClick={() => onAdd(agentId)}>{t.addAgent}</Button>
    </div>
  );
}
