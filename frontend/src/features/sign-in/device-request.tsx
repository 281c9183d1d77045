// One sign-in request of a terminal: its details, the warning, and the two answers.
import type { DeviceLogin } from '@buoy/contract';
import { useMutation, useQuery } from '@tanstack/react-query';
import { isRefusal } from '../../api.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { MainDecisionButton } from '../../ui/decision-button.tsx';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { personName } from '../../ui/person-name.ts';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { SecondaryButton } from '../../ui/secondary-button.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';
import { useDecisionKey } from '../../use-decision-key.ts';
import { signInTexts } from './texts.ts';
import { useUser } from './use-user.ts';

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
  const t = useTexts(signInTexts);
  const { data, error, isFetching, refetch } = useQuery({
    queryKey: ['device-login', code],
    queryFn: async ({ signal }) =>
      (await api.call('GET /auth/device', { query: { userCode: code }, signal })).device,
    // What was true of a code a while ago is not what one decides by.
    gcTime: 0,
  });
  const decision = useDecisionKey();
  const approve = useMutation({
    mutationFn: () =>
      api.call('POST /auth/device/approve', { body: { userCode: code }, headers: decision.headers() }),
    onSuccess: onApproved,
    onError: decision.onError,
    meta: { done: true },
  });
  const problem = approve.error ?? error;
  return (
    <div className="space-y-5">
      <div>
        <p className="text-sm text-muted">{error === null ? t.codeMustBe : t.codeAsked}</p>
        <p className="mt-1 font-mono text-3xl font-semibold tracking-widest whitespace-nowrap">{code}</p>
      </div>
      {data === undefined && error === null && <Skeleton label={t.loadingRequest} rows={3} />}
      {data !== undefined && (
        <>
          <Asking device={data} />
          <p className="max-w-prose rounded-md border border-unreachable/50 bg-unreachable/10 px-4 py-3 text-sm">
            <strong>{t.onlyIfYou(window.location.host)}</strong> {t.whatItMay}
          </p>
        </>
      )}
      {problem !== null && <ProblemNote problem={problem} />}
      <div className="flex flex-wrap gap-2">
        {data !== undefined && (
          <>
            <MainDecisionButton
              text={approve.isPending ? t.approving : t.approve}
              isBusy={approve.isPending}
              onPress={() => approve.mutate()}
            />
            {!approve.isPending && <SecondaryButton text={t.notMe} onPress={onRejected} />}
          </>
        )}
        {error !== null && data === undefined && !isRefusal(error) && (
          <Button disabled={isFetching} onClick={() => void refetch()}>
            {isFetching ? t.askingAgain : t.tryAgain}
          </Button>
        )}
        {problem !== null && (
          <Button disabled={approve.isPending} onClick={onOtherCode}>
            {t.otherCode}
          </Button>
        )}
      </div>
    </div>
  );
}

function Asking({ device }: { device: DeviceLogin }) {
  const user = useUser();
  const now = useNow();
  const t = useTexts(signInTexts);
  const formats = useFormats();
  const secondsLeft = Math.floor((Date.parse(device.expiresAt) - now) / 1000);
  const facts: Fact[] = [
    { term: t.asksFrom, value: device.ip ?? t.unknownAddress },
    { term: t.asked, value: formats.age(device.createdAt, now) },
    {
      term: t.codeEnds,
      // This clock may be wrong; whether the code is still good, Buoy decides.
      value: secondsLeft > 0 ? t.endsIn(formats.duration(secondsLeft)) : formats.moment(device.expiresAt),
    },
    { term: t.program, value: device.userAgent ?? t.unnamedProgram, wide: true },
    ...(user === null ? [] : [{ term: t.actsAs, value: personName(user) }]),
  ];
  return <Facts facts={facts} />;
}
