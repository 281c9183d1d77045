// Actions on an alert: open the repair, acknowledge, snooze, check again.
import type { Alert, Server } from '@buoy/contract';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { useServices } from '../../services.ts';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field } from '../../ui/field.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Select } from '../../ui/select.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { ALERTS } from './alert-queries.ts';
import { alertsTexts } from './texts.ts';
import { alertTypeTexts } from './type-texts.ts';

const spans = ['60', '480', '1440', '10080'] as const;

export function AlertActions({ alert, server }: { alert: Alert; server: Server }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(alertsTexts);
  const kind = useTexts(alertTypeTexts)[`alert_${alert.type}`];
  const [isSnoozing, setSnoozing] = useState(false);
  const [minutes, setMinutes] = useState<string>(spans[0]);
  const decision = useDecisionKey();
  const params = { id: alert.id };
  const refetch = () => queries.invalidateQueries({ queryKey: [ALERTS] });
  const acknowledge = useMutation({
    mutationFn: () => api.call('POST /alerts/:id/ack', { params, headers: decision.headers() }),
    onError: decision.onError,
    onSettled: refetch,
    meta: { done: t.acknowledgedDone },
  });
  const snooze = useMutation({
    mutationFn: () =>
      api.call('POST /alerts/:id/snooze', {
        params,
        body: { minutes: Number(minutes) },
        headers: decision.headers(),
      }),
    onSuccess: () => setSnoozing(false),
    onError: decision.onError,
    onSettled: refetch,
    meta: { done: t.snoozedDone },
  });
  const check = useMutation({
    mutationFn: () => api.call('POST /servers/:id/check', { params: { id: server.id } }),
    onSettled: refetch,
    meta: { done: t.checkedDone(server.name) },
  });
  const problem = acknowledge.error ?? check.error;
  return (
    <>
      {problem !== null && (
        <div className="mt-3">
          <ProblemNote problem={problem} />
        </div>
      )}
      <div className="mt-3 flex flex-wrap gap-2">
        <a
          {...linkTo(serverPath(server.id))}
          className={buttonClass(alert.status === 'firing' ? 'primary' : 'plain')}
        >
          <span aria-hidden="true">{t.open}</span>
          <span className="sr-only">{t.openNamed(server.name)}</span>
        </a>
        {server.role !== 'viewer' && (
          <>
            {alert.status !== 'acknowledged' && (
              <Button
                aria-label={t.acknowledgeNamed(kind, server.name)}
                disabled={acknowledge.isPending}
                onClick={() => {
                  decision.renew();
                  acknowledge.mutate();
                }}
              >
                {t.acknowledge}
              </Button>
            )}
            {alert.status === 'firing' && (
              <Button
                aria-label={t.snoozeNamed(kind, server.name)}
                onClick={() => {
                  decision.renew();
                  snooze.reset();
                  setSnoozing(true);
                }}
              >
                {t.snooze}
              </Button>
            )}
            <Button
              variant="quiet"
              aria-label={t.checkNamed(server.name)}
              disabled={check.isPending}
              onClick={() => check.mutate()}
            >
              {check.isPending ? t.checking : t.check}
            </Button>
          </>
        )}
      </div>
      {isSnoozing && (
        <Confirm
          title={t.snoozeTitle(kind, server.name)}
          action={snooze.isPending ? t.snoozing : t.snoozeAction}
          isPending={snooze.isPending}
          problem={snooze.error}
          onConfirm={() => snooze.mutate()}
          onClose={() => setSnoozing(false)}
        >
          <Field label={t.snoozeFor}>
            {(control) => (
              <Select
                {...control}
                value={minutes}
                options={spans.map((value) => ({ value, title: t[`minutes_${value}`] }))}
                onChange={setMinutes}
              />
            )}
          </Field>
          <p className="text-muted">{t.snoozeEffect}</p>
        </Confirm>
      )}
    </>
  );
}
