// One notification channel: where it leads, its state, its switch, a test, and which alerts it gets.
import type { NotificationChannel } from '@buoy/contract';
import { type Dispatch, type SetStateAction, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Toggle } from '../../ui/toggle.tsx';
import { useNow } from '../../ui/use-now.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { AlertFilterFields } from '../alerts/alert-filter-fields.tsx';
import { type ChannelState, channelState } from './channel-state.ts';
import { ConfirmCode } from './confirm-code.tsx';
import { channelsTexts } from './texts.ts';
import { useChangeChannel } from './use-change-channel.ts';
import { type TestResult, type TestResults, useSendTest } from './use-send-test.ts';

const toneClasses: Record<ChannelState['tone'], string> = {
  good: 'text-up',
  bad: 'text-down',
  quiet: 'text-muted',
};

export function NotificationChannelRow({
  channel,
  result,
  setResults,
  onRemove,
}: {
  channel: NotificationChannel;
  /** Of the last test; null: none was sent since the page was opened. */
  result: TestResult | null;
  setResults: Dispatch<SetStateAction<TestResults>>;
  onRemove: () => void;
}) {
  const t = useTexts(channelsTexts);
  const change = useChangeChannel(channel.id);
  const test = useSendTest(channel.id, setResults);
  const { label, enabled, state } = channel;
  const problem = change.problem ?? test.error;
  return (
    <li className="py-3 first:pt-0 last:pb-0">
      <div className="flex items-start justify-between gap-4">
        <ChannelFacts channel={channel} />
        <Toggle
          label={t.enabledOf(label)}
          isLabelHidden
          checked={enabled}
          onChange={(wanted) => change.send({ enabled: wanted })}
        />
      </div>
      {state === 'unconfirmed' && <ConfirmCode channelId={channel.id} />}
      {problem !== null && (
        <div className="mt-3">
          <ProblemNote problem={problem} />
        </div>
      )}
      {/* There before the test: only then a screen reader hears what came of it. */}
      <p role="status" className={result === null ? '' : 'mt-1'}>
        {result !== null && <TestWords result={result} />}
      </p>
      <div className="mt-2 flex flex-wrap gap-2">
        {state !== 'unconfirmed' && (
          <Button aria-label={t.testOf(label)} disabled={test.isPending} onClick={() => test.mutate()}>
            {test.isPending ? t.testing : t.test}
          </Button>
        )}
        <Button variant="danger" aria-label={t.removeOf(label)} onClick={onRemove}>
          {t.remove}
        </Button>
      </div>
      <ChannelFilter channel={channel} onChange={change.send} />
    </li>
  );
}

function ChannelFacts({ channel }: { channel: NotificationChannel }) {
  const t = useTexts(channelsTexts);
  const formats = useFormats();
  const now = useNow();
  const { type, label, target, lastSentAt } = channel;
  const { words, tone, error } = channelState(channel, t);
  return (
    <div className="min-w-0 flex-1">
      <p>
        <span className="font-medium">
          <VisibleText text={label} kind="name" />
        </span>{' '}
        <span className="text-muted">{t[`type_${type}`]}</span>
      </p>
      {target !== label && (
        <p className="text-muted">
          <VisibleText text={target} kind="name" />
        </p>
      )}
      <p className={toneClasses[tone]}>{words}</p>
      {error !== null && (
        <p lang="en">
          <VisibleText text={error} />
        </p>
      )}
      <p className="mt-0.5 text-xs text-muted">
        {lastSentAt === null ? t.neverSent : t.lastSent(formats.age(lastSentAt, now))}
      </p>
    </div>
  );
}

function TestWords({ result: { delivered, error } }: { result: TestResult }) {
  const t = useTexts(channelsTexts);
  if (delivered) return <span className="text-up">{t.testSent}</span>;
  return (
    <>
      <span className="text-down">{t.testFailed}</span>{' '}
      <span lang="en">
        <VisibleText text={error ?? ''} />
      </span>
    </>
  );
}

function ChannelFilter({
  channel: { label, minSeverity, mutedTypes },
  onChange,
}: {
  channel: NotificationChannel;
  onChange: ReturnType<typeof useChangeChannel>['send'];
}) {
  const t = useTexts(channelsTexts);
  const [isOpen, setIsOpen] = useState(false);
  return (
    <details onToggle={(event) => setIsOpen(event.currentTarget.open)}>
      <summary aria-label={t.filterOf(label)} className="min-h-11 content-center text-muted">
        {t.filter}
      </summary>
      {isOpen && (
        <AlertFilterFields {...{ minSeverity, mutedTypes }} hint={t.filterHint} onChange={onChange} />
      )}
    </details>
  );
}
