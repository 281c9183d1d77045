// Port, address and token of a gateway, for admins of its server. Each change names its effect before it is made.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { controlClass, Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { TextInput } from '../../ui/text-input.tsx';
import { useUnsaved } from '../../ui/use-unsaved.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { OPENCLAW_STATUS } from '../servers/server-queries.ts';
import { type GatewayAct, GatewayChangeQuestion } from './gateway-change-question.tsx';
import {
  type GatewayDraft,
  gatewayBinds,
  gatewayChangeOf,
  gatewayDraftOf,
  knownBind,
} from './gateway-draft.ts';
import { gatewayTexts } from './gateway-texts.ts';
import { portOf } from './setup-draft.ts';

/** @param isBusy whether another task of the server excludes a change now */
export function GatewaySettings(props: { server: Server; status: OpenclawStatus; isBusy: boolean }) {
  const t = useTexts(gatewayTexts);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details
      className="rounded-lg border border-line bg-surface px-4 py-1 sm:px-5"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary className="min-h-11 content-center font-semibold">{t.title}</summary>
      {isOpen && <GatewayForm {...props} />}
    </details>
  );
}

function GatewayForm({ server, status, isBusy }: Parameters<typeof GatewaySettings>[0]) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(gatewayTexts);
  const current = gatewayDraftOf(status.gateway);
  const [edit, setEdit] = useState<Partial<GatewayDraft>>({});
  const [sudoPassword, setSudoPassword] = useState('');
  const [asked, setAsked] = useState<GatewayAct | null>(null);
  const draft = { ...current, ...edit };
  const isChanged = draft.port !== current.port || draft.bind !== current.bind;
  const isSystemService = status.service.manager === 'systemd-system';
  const isSettable = knownBind(current.bind) !== null;
  const decision = useDecisionKey();
  useUnsaved(isChanged);
  const change = useMutation({
    mutationFn: async (act: GatewayAct) => {
      const rotateToken = act === 'token';
      const body = gatewayChangeOf(rotateToken ? current : draft, { rotateToken, sudoPassword });
      if (body === null) throw new Error(t.otherBind(current.bind));
      return api.call('POST /servers/:id/setup/configure-gateway', {
        params: { id: server.id },
        body,
        headers: decision.headers(),
      });
    },
    onSuccess: (_answer, act) => {
      setAsked(null);
      setSudoPassword('');
      if (act === 'address') setEdit({});
    },
    onError: decision.onError,
    onSettled: () => {
      // A change that failed may have been made in part.
      for (const queryKey of [[OPENCLAW_STATUS, server.id], ['server', server.id], ['tasks']])
        void queries.invalidateQueries({ queryKey });
    },
    meta: { done: true },
  });
  const ask = (act: GatewayAct) => {
    change.reset();
    decision.renew();
    setAsked(act);
  };
  return (
    <>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          ask('address');
        }}
        autoComplete="off"
        className="space-y-5 pt-2 pb-4"
      >
        <div className="grid gap-5 sm:grid-cols-[9rem_minmax(0,1fr)]">
          <Field label={t.port}>
            {(control) => (
              <TextInput
                {...control}
                required
                inputMode="numeric"
                pattern="[0-9]{1,5}"
                value={draft.port}
                onChange={(port) => setEdit((before) => ({ ...before, port }))}
              />
            )}
          </Field>
          <Field
            label={t.bind}
            hint={
              draft.bind === 'lan' ? (
                <span className="text-unreachable">{t.lanWarning}</span>
              ) : knownBind(draft.bind) === null ? (
                t.otherBind(draft.bind)
              ) : undefined
            }
          >
            {(control) => (
              <Select
                {...control}
                value={draft.bind}
                options={gatewayBinds.map((bind) => ({ value: bind, title: t[`bind_${bind}`] }))}
                onChange={(bind) => setEdit((before) => ({ ...before, bind }))}
              />
            )}
          </Field>
        </div>
        {isSystemService && (
          <Field label={t.sudoPassword} hint={t.sudoPasswordHint}>
            {(control) => (
              <input
                {...control}
                type="password"
                autoComplete="new-password"
                className={controlClass}
                value={sudoPassword}
                onChange={(event) => setSudoPassword(event.target.value)}
              />
            )}
          </Field>
        )}
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
          <Button
            type="submit"
            disabled={!isChanged || isBusy || portOf(draft) === null || knownBind(draft.bind) === null}
          >
            {t.save}
          </Button>
          <p className="text-sm text-muted">{isBusy ? t.busy : isChanged ? '' : t.noChanges}</p>
        </div>
        <div className="flex flex-wrap items-center gap-x-4 gap-y-2 border-t border-line pt-4">
          <Button disabled={isBusy || !isSettable} onClick={() => ask('token')}>
            {t.newToken}
          </Button>
          <p className="min-w-0 max-w-prose flex-1 basis-60 text-sm text-muted">{t.newTokenHint}</p>
        </div>
        {change.data !== undefined && (
          <p role="status" className="text-sm font-medium text-up">
            {change.variables === 'token'
              ? t.tokenChanged
              : t.changed(String(change.data.gateway.port), change.data.gateway.bind)}{' '}
            {change.data.restarted ? t.restarted : t.notRestarted}
          </p>
        )}
        {/* The question shows it while it is open. */}
        {asked === null && change.error !== null && <ProblemNote problem={change.error} />}
      </form>
      {asked !== null && (
        <GatewayChangeQuestion
          act={asked}
          server={server}
          current={current}
          draft={draft}
          isPending={change.isPending}
          problem={change.error}
          onConfirm={() => change.mutate(asked)}
          onClose={() => setAsked(null)}
        />
      )}
    </>
  );
}
