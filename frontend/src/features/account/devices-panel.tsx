// Where this person is signed in, this device first, and the way to end the others.
import type { Session } from '@buoy/contract';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Panel } from '../../ui/panel.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { devicesQuery } from './account-queries.ts';
import { programName } from './program-name.ts';
import { accountTexts } from './texts.ts';

export function DevicesPanel() {
  const { api } = useServices();
  const t = useTexts(accountTexts);
  const { data, error } = useQuery(devicesQuery(api));
  const [unwanted, setUnwanted] = useState<readonly Session[]>([]);
  const others = data?.filter(({ current }) => !current) ?? [];
  const shown = [...(data?.filter(({ current }) => current) ?? []), ...others];
  return (
    <>
      <p className="text-sm text-muted">{t.devicesHint}</p>
      {error !== null && <ProblemNote problem={error} />}
      {data === undefined && error === null && <Skeleton label={t.loadingDevices} rows={2} />}
      {data !== undefined && (
        <Panel
          title={t.devices}
          aside={
            others.length > 1 && (
              <Button variant="danger" onClick={() => setUnwanted(others)}>
                {t.signOutOthers}
              </Button>
            )
          }
        >
          <ul aria-label={t.devices} className="divide-y divide-line">
            {shown.map((device) => (
              <DeviceRow key={device.id} device={device} onSignOut={() => setUnwanted([device])} />
            ))}
          </ul>
          {others.length === 0 && <p className="mt-3 text-sm text-muted">{t.onlyThis}</p>}
        </Panel>
      )}
      {unwanted.length > 0 && <SignOut devices={unwanted} onClose={() => setUnwanted([])} />}
    </>
  );
}

function DeviceRow({ device, onSignOut }: { device: Session; onSignOut: () => void }) {
  const t = useTexts(accountTexts);
  const formats = useFormats();
  const now = useNow();
  const kind = t[`kind_${device.kind}`];
  const program = device.userAgent === null ? t.unnamedProgram : programName(device.userAgent);
  return (
    <li className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-3 first:pt-0 last:pb-0">
      <div className="min-w-0 flex-1 basis-60 text-sm">
        <p>
          <span className="font-medium">{kind}</span>
          {device.current && (
            <span className="ml-2 rounded whitespace-nowrap border border-up px-1.5 text-xs text-up">
              {t.thisOne}
            </span>
          )}
        </p>
        <p className="text-muted">{program}</p>
        <p className="mt-0.5 text-xs text-muted">
          {[
            t.lastUsed(formats.age(device.lastUsedAt, now)),
            t.signedInAt(formats.moment(device.createdAt)),
            ...(device.ip === null ? [] : [t.from_ip(device.ip)]),
          ].join(' · ')}
        </p>
      </div>
      {!device.current && (
        <Button aria-label={t.signOutDeviceOf(`${kind}, ${program}`)} onClick={onSignOut}>
          {t.signOutDevice}
        </Button>
      )}
    </li>
  );
}

function SignOut({ devices, onClose }: { devices: readonly Session[]; onClose: () => void }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(accountTexts);
  const [only] = devices.length === 1 ? devices : [];
  const signOut = useMutation({
    mutationFn: async () => {
      for (const { id } of devices) await api.call('DELETE /me/sessions/:id', { params: { id } });
    },
    onSuccess: onClose,
    meta: { done: only === undefined ? t.signedOutOthers : t.signedOut },
    onSettled: () => queries.invalidateQueries({ queryKey: ['account', 'sessions'] }),
  });
  return (
    <Confirm
      title={only === undefined ? t.signOutOthersTitle : t.signOutTitle}
      action={only === undefined ? t.signOutOthers : t.signOutDevice}
      isDestructive
      isPending={signOut.isPending}
      problem={signOut.error}
      onConfirm={() => signOut.mutate()}
      onClose={onClose}
    >
      {only === undefined ? (
        <p>{t.signOutOthersWhat}</p>
      ) : (
        <>
          <p className="text-muted">
            {only.userAgent === null ? t.unnamedProgram : programName(only.userAgent)}
          </p>
          <p>{t.signOutWhat}</p>
        </>
      )}
    </Confirm>
  );
}
