// One terminal that asks to be signed in: who it says it is, the warning, and the two answers.
import type { DeviceLogin, User } from '@buoy/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { isRefusal } from '../../api.ts';
import { useServices } from '../../services.ts';
import { formatAge, formatDuration, formatMoment } from '../../ui/age.ts';
import { Button } from '../../ui/button.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';

export function DeviceRequest({
  code,
  onApproved,
  onRejected,
  onOtherCode,
}: {
  code: string;
  onApproved: () => void;
  onRejected: () => void;
  onOtherCode: () => void;
}) {
  const { api } = useServices();
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['device-login', code],
    queryFn: async ({ signal }) =>
      (await api.call('GET /auth/device', { query: { userCode: code }, signal })).device,
    // What was true of a code a while ago is not what one decides by.
    gcTime: 0,
  });
  const approve = useMutation({
    mutationFn: () => api.call('POST /auth/device/approve', { body: { userCode: code } }),
    onSuccess: onApproved,
  });
  const problem = approve.error ?? error;
  return (
    <div className="space-y-5">
      <div>
        <p className="text-sm text-muted">
          {error === null ? 'The code in your terminal must be' : 'The code that was asked for'}
        </p>
        <p className="mt-1 font-mono text-3xl font-semibold tracking-widest whitespace-nowrap">{code}</p>
      </div>
      {data === undefined && error === null && <Skeleton label="Looking who asks" rows={3} />}
      {data !== undefined && (
        <>
          <Asking device={data} />
          <p className="max-w-prose rounded-md border border-unreachable/50 bg-unreachable/10 px-4 py-3 text-sm">
            <strong>
              Approve only if you started this yourself, just now, and the code in your terminal is the same.
            </strong>{' '}
            Whoever sits at that terminal can then do all that you can.
          </p>
        </>
      )}
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap gap-2">
        {data !== undefined && (
          <>
            <Button look="primary" disabled={approve.isPending} onClick={() => approve.mutate()}>
              {approve.isPending ? 'Approving…' : 'Approve'}
            </Button>
            <Button disabled={approve.isPending} onClick={onRejected}>
              Not me
            </Button>
          </>
        )}
        {error !== null && data === undefined && !isRefusal(error) && (
          <Button disabled={isFetching} onClick={() => void refetch()}>
            {isFetching ? 'Looking…' : 'Try again'}
          </Button>
        )}
        {problem !== null && (
          <Button disabled={approve.isPending} onClick={onOtherCode}>
            Enter another code
          </Button>
        )}
      </div>
    </div>
  );
}

function Asking({ device }: { device: DeviceLogin }) {
  const { session } = useServices();
  const state = useSyncExternalStore(session.subscribe, session.state);
  const now = useNow();
  const secondsLeft = Math.floor((Date.parse(device.expiresAt) - now) / 1000);
  const facts: Fact[] = [
    { term: 'Asks from', value: device.ip ?? 'address not known' },
    { term: 'Asked', value: formatAge(device.createdAt, now) },
    {
      term: 'Code ends',
      // This clock may be wrong; whether the code is still good, Buoy decides.
      value: secondsLeft > 0 ? `in ${formatDuration(secondsLeft)}` : formatMoment(device.expiresAt),
    },
    { term: 'Program', value: device.userAgent ?? 'did not say', wide: true },
    ...(state.phase === 'signed-in' ? [{ term: 'It will act as', value: nameOf(state.user) }] : []),
  ];
  return <Facts facts={facts} />;
}

function nameOf({ id, username, firstName, lastName }: User): string {
  const name = [firstName, lastName].filter((part) => part !== null).join(' ');
  if (name !== '') return username === null ? name : `${name} (@${username})`;
  return username === null ? id : `@${username}`;
}
