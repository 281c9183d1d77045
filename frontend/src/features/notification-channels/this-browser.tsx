// Adds this browser to the notification channels, or says why it cannot be added.
import type { NotificationChannel } from '@buoy/contract';
import { ApiError } from '@buoy/contract/client';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { useDecisionKey } from '../../use-decision-key.ts';
import { programName } from '../account/program-name.ts';
import { addTexts } from './add-texts.ts';
import { refetchChannels } from './channel-queries.ts';
import { addOwnChannel, localStorageOf, ownChannelIds } from './own-channels.ts';
import { endpointQuery, subscribe } from './web-push.ts';
import { browserFacts, webPushProblem } from './web-push-problem.ts';

/** Characters of a label. */
const MAX_LABEL = 60;

export function ThisBrowser({ channels }: { channels: readonly NotificationChannel[] }) {
  const { telegram } = useServices();
  const t = useTexts(addTexts);
  const problem = webPushProblem(browserFacts(telegram !== null));
  const { data: endpoint, isPending } = useQuery({ ...endpointQuery(), enabled: problem === null });
  if (problem !== null) return <p className="text-muted">{t[`problem_${problem}`]}</p>;
  const ownIds = endpoint == null ? [] : ownChannelIds(localStorageOf(window), endpoint);
  if (channels.some(({ id }) => ownIds.includes(id))) return <p>{t.browserIsAdded}</p>;
  return <AddBrowser isReady={!isPending} />;
}

/** @param isReady whether it is known that this browser is not added yet */
function AddBrowser({ isReady }: { isReady: boolean }) {
  const { api } = useServices();
  const queries = useQueryClient();
  const t = useTexts(addTexts);
  const decision = useDecisionKey();
  const add = useMutation({
    mutationFn: async () => {
      const subscription = await subscribe(async () => (await api.call('GET /me/webpush-key')).publicKey);
      const label = programName(navigator.userAgent).slice(0, MAX_LABEL).trim();
      const { channel } = await api.call('POST /me/notification-channels', {
        headers: decision.headers(),
        body: { type: 'webpush', subscription, label },
      });
      addOwnChannel(localStorageOf(window), subscription.endpoint, channel.id);
    },
    onSuccess: decision.renew,
    onError: decision.onError,
    onSettled: () => refetchChannels(queries),
    meta: { done: t.added },
  });
  return (
    <div className="space-y-3">
      <p className="text-muted">{t.browserHint}</p>
      {add.error !== null && <BrowserProblem problem={add.error} />}
      <Button disabled={!isReady || add.isPending} onClick={() => add.mutate()}>
        {add.isPending ? t.addingBrowser : t.addBrowser}
      </Button>
    </div>
  );
}

function BrowserProblem({ problem }: { problem: Error }) {
  const t = useTexts(addTexts);
  if (problem instanceof ApiError) return <ProblemNote problem={problem} />;
  return (
    <p role="alert" className="rounded-md border border-line bg-inset px-4 py-3">
      {t[problemText(problem)]}
    </p>
  );
}

/** https://www.w3.org/TR/push-api/#subscribe-method */
function problemText({ name }: Error) {
  if (name === 'AbortError') return 'noPushService';
  if (name !== 'NotAllowedError') return 'notAdded';
  // A browser that was told "no" does not ask again.
  return Notification.permission === 'denied' ? 'problem_denied' : 'notAllowed';
}
