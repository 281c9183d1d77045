// OpenClaw where it is installed: gateway, service, channels, host; with source and age of the data.
import type { OpenclawStatus } from '@buoy/contract';
import type { Formats } from '../../i18n/formats.ts';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { OriginNote } from '../../ui/origin-note.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import type { StatusAnswer } from './known-statuses.ts';
import { openclawTexts } from './openclaw-texts.ts';

type Words = (typeof openclawTexts)['en'];

/** @param error why it cannot be read now; null too where something else on the page says it */
export function OpenclawPanel({ answer, error }: { answer: StatusAnswer | null; error: Error | null }) {
  const t = useTexts(openclawTexts);
  return (
    <section aria-label="OpenClaw" className="space-y-4">
      {error !== null && (
        <div>
          <h2 className="mb-2 font-semibold">{t.cannotAsk}</h2>
          <ProblemNote problem={error} />
        </div>
      )}
      {answer === null && error === null && <Skeleton label={t.asking} rows={6} />}
      {answer !== null && <Status answer={answer} />}
    </section>
  );
}

function Status({ answer }: { answer: StatusAnswer }) {
  const { status } = answer;
  return (
    <div className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-3 sm:px-5">
        <h2 className="font-semibold">
          OpenClaw <VisibleText text={status.version ?? ''} />
        </h2>
        <OriginNote source={answer.source} observedAt={answer.observedAt} />
      </div>
      <Gateway answer={answer} />
      <Host status={status} />
    </div>
  );
}

function Gateway({ answer: { status, source } }: { answer: StatusAnswer }) {
  const t = useTexts(openclawTexts);
  const formats = useFormats();
  const { service, channels, gateway } = status;
  const isPast = source === 'snapshot';
  const style = gatewayStyle(gateway, t);
  return (
    <>
      <Part title={t.gateway}>
        {/* A snapshot is outdated and must not appear current. */}
        <p className={`font-medium ${isPast ? 'text-muted' : style.tone}`}>
          {isPast ? t.atThatTime(style.words) : style.words}
        </p>
        <Facts facts={gatewayFacts(status, t, formats)} />
      </Part>
      <Part title={t.service}>
        {service.startLimitHit && (
          <p className={`text-sm ${isPast ? 'text-muted' : 'text-down'}`}>{t.gaveUp}</p>
        )}
        <Facts facts={serviceFacts(service, t)} />
      </Part>
      <Part title={t.channels}>
        {channels.length === 0 ? (
          <p className="mt-2 text-sm text-muted">{gateway.ready ? t.noChannels : t.onlyReadyTells}</p>
        ) : (
          <Channels channels={channels} isPast={isPast} />
        )}
      </Part>
    </>
  );
}

function Part({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div className="border-b border-line px-4 py-4 last:border-b-0 sm:px-5">
      <h3 className="text-sm font-semibold">{title}</h3>
      {children}
    </div>
  );
}

function gatewayStyle(gateway: OpenclawStatus['gateway'], t: Words): { words: string; tone: string } {
  switch (gateway.state) {
    case 'running':
      return gateway.ready
        ? { words: t.running_ready, tone: 'text-up' }
        : { words: t.running_notReady, tone: 'text-unreachable' };
    case 'starting':
      return { words: t.starting, tone: 'text-unreachable' };
    case 'stopped':
    case 'failed':
      return { words: t[gateway.state], tone: 'text-down' };
    case 'not_installed':
      return { words: t.not_installed, tone: 'text-muted' };
  }
}

function gatewayFacts(
  { version, gateway, agents, sessions, update }: OpenclawStatus,
  t: Words,
  formats: Formats,
): Fact[] {
  const current = version ?? t.unknown;
  const { port, bind, uptimeS, rssBytes } = gateway;
  return [
    {
      term: t.version,
      value:
        update.behind === true && update.latest !== null ? t.newerIsOut(current, update.latest) : current,
    },
    {
      term: t.port,
      value: port !== null && bind !== null ? t.portOn(String(port), bind) : (port ?? bind ?? '–'),
    },
    { term: t.upFor, value: uptimeS === null ? '–' : formats.duration(uptimeS) },
    { term: t.memory, value: rssBytes === null ? '–' : formats.bytes(rssBytes) },
    { term: t.agents, value: agents === null ? t.notCounted : formats.number(agents) },
    { term: t.sessions, value: sessions === null ? t.notCounted : formats.number(sessions) },
    { term: t.signIn, value: gateway.authMode ?? '–' },
    { term: t.process, value: gateway.pid ?? '–' },
  ];
}

const managers = {
  'systemd-user': 'manager_user',
  'systemd-system': 'manager_system',
  supervised: 'manager_supervised',
  none: 'manager_none',
} as const;

function serviceFacts(service: OpenclawStatus['service'], t: Words): Fact[] {
  return [
    { term: t.manager, value: t[managers[service.manager]] },
    { term: t.unit, value: service.unit ?? '–', wide: true },
    { term: t.state, value: service.activeState ?? '–' },
    { term: t.restarts, value: service.restarts ?? '–' },
    ...(service.result === null || service.result === 'success'
      ? []
      : [{ term: t.lastResult, value: service.result }]),
  ];
}

const channelTones: Record<OpenclawStatus['channels'][number]['state'], string> = {
  connected: 'text-up',
  starting: 'text-unreachable',
  disconnected: 'text-down',
  stopped: 'text-down',
  disabled: 'text-muted',
  not_configured: 'text-muted',
};

function Channels({ channels, isPast }: { channels: OpenclawStatus['channels']; isPast: boolean }) {
  const t = useTexts(openclawTexts);
  return (
    <ul className="mt-2 space-y-1.5 text-sm">
      {channels.map(({ id, account, state, error }) => (
        <li key={`${id} ${account}`}>
          <span className="flex justify-between gap-3">
            <span>
              <VisibleText text={id} />{' '}
              <span className="text-muted">
                <VisibleText text={account} />
              </span>
            </span>
            <span className={`font-medium ${isPast ? 'text-muted' : channelTones[state]}`}>
              {t[`channel_${state}`]}
            </span>
          </span>
          {error !== null && (
            <span lang="en" className="block text-muted">
              <VisibleText text={error} />
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}

function Host({ status: { disk, memory } }: { status: OpenclawStatus }) {
  const t = useTexts(openclawTexts);
  if (disk === null && memory === null) return null;
  return (
    <Part title={t.host}>
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        {disk !== null && <Usage title={t.disk} {...disk} />}
        {memory !== null && <Usage title={t.memory} {...memory} />}
      </div>
    </Part>
  );
}

function Usage({
  title,
  totalBytes,
  availableBytes,
}: {
  title: string;
  totalBytes: number;
  availableBytes: number;
}) {
  const t = useTexts(openclawTexts);
  const formats = useFormats();
  const used = totalBytes - availableBytes;
  const share = totalBytes === 0 ? 0 : used / totalBytes;
  const warning = share >= 0.95 ? 'meter-full' : share >= 0.85 ? 'meter-high' : '';
  return (
    <div className="text-sm">
      <p className="flex justify-between gap-3">
        <span>{title}</span>
        <span className="text-muted">
          {t.freeOf(formats.bytes(availableBytes), formats.bytes(totalBytes))}
        </span>
      </p>
      <progress
        className={`meter mt-1.5 ${warning}`}
        aria-label={t.used(title, formats.percent(share))}
        max={1}
        value={share}
      />
    </div>
  );
}
