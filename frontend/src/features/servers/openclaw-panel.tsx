// OpenClaw on a server in one look: gateway, service, channels, host; where the facts come from and how old they are.
import type { Contract, OpenclawStatus, ResponseOf } from '@buoy/contract';
import { formatAge, formatDuration, formatMoment } from '../../ui/age.ts';
import { formatBytes } from '../../ui/bytes.ts';
import { type Fact, Facts } from '../../ui/facts.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { Skeleton } from '../../ui/skeleton.tsx';
import { useNow } from '../../ui/use-now.ts';

type Answer = ResponseOf<Contract['GET /servers/:id/openclaw/status']>;

export function OpenclawPanel({ answer, error }: { answer: Answer | null; error: Error | null }) {
  return (
    <section aria-label="OpenClaw" className="space-y-4">
      {error !== null && (
        <div>
          <h2 className="mb-2 font-semibold">OpenClaw cannot be asked now</h2>
          <ProblemNote problem={error} />
        </div>
      )}
      {answer === null && error === null && <Skeleton label="Asking OpenClaw" rows={3} />}
      {answer !== null && <Status answer={answer} />}
    </section>
  );
}

function Status({ answer }: { answer: Answer }) {
  const { status } = answer;
  return (
    <div className="rounded-lg border border-line bg-surface">
      <div className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1 border-b border-line px-4 py-3 sm:px-5">
        <h2 className="font-semibold">OpenClaw {status.version ?? ''}</h2>
        <Origin answer={answer} />
      </div>
      {status.installed ? <Installed answer={answer} /> : <NotInstalled />}
      <Host status={status} />
    </div>
  );
}

const sourceWords = {
  gateway: 'From the gateway',
  cli: 'From the command line',
  snapshot: 'Snapshot',
} as const;

function Origin({ answer: { source, observedAt } }: { answer: Answer }) {
  const now = useNow();
  const age = formatAge(observedAt, now);
  return source === 'snapshot' ? (
    <p className="text-xs font-medium text-unreachable">
      {sourceWords.snapshot} of {formatMoment(observedAt)} ({age}): this may have changed
    </p>
  ) : (
    <p className="text-xs text-muted">
      {sourceWords[source]}, {age}
    </p>
  );
}

function NotInstalled() {
  return (
    <p className="px-4 py-4 text-sm text-muted sm:px-5">
      OpenClaw is not installed for this login. Where it belongs to another user of the server, add the server
      with that login.
    </p>
  );
}

function Installed({ answer: { status, source } }: { answer: Answer }) {
  const { service, channels, gateway } = status;
  const isPast = source === 'snapshot';
  const look = gatewayLook(gateway);
  return (
    <>
      <Part title="Gateway">
        {/* What a snapshot says is history: it must not look like the present. */}
        <p className={`font-medium ${isPast ? 'text-muted' : look.tone}`}>
          {look.words}
          {isPast && ' at that time'}
        </p>
        <Facts facts={gatewayFacts(status)} />
      </Part>
      <Part title="Service">
        {service.startLimitHit && (
          <p className={`text-sm ${isPast ? 'text-muted' : 'text-down'}`}>
            systemd has given up: the service failed too often in a short time. A restart clears that.
          </p>
        )}
        <Facts facts={serviceFacts(service)} />
      </Part>
      <Part title="Channels">
        {channels.length === 0 ? (
          <p className="mt-2 text-sm text-muted">
            {gateway.ready ? 'No channel is set up.' : 'Only a gateway that is ready can tell.'}
          </p>
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

function gatewayLook(gateway: OpenclawStatus['gateway']): { words: string; tone: string } {
  switch (gateway.state) {
    case 'running':
      return gateway.ready
        ? { words: 'Running and ready', tone: 'text-up' }
        : { words: 'Running, but not ready', tone: 'text-unreachable' };
    case 'starting':
      return { words: 'Starting', tone: 'text-unreachable' };
    case 'stopped':
      return { words: 'Stopped', tone: 'text-down' };
    case 'failed':
      return { words: 'Failed', tone: 'text-down' };
    case 'not_installed':
      return { words: 'Not set up as a service', tone: 'text-muted' };
  }
}

function gatewayFacts({ version, gateway, agents, sessions, update }: OpenclawStatus): Fact[] {
  return [
    { term: 'Version', value: versionWords(version, update) },
    { term: 'Port', value: [gateway.port, gateway.bind].filter((part) => part !== null).join(' on ') || '–' },
    { term: 'Up for', value: gateway.uptimeS === null ? '–' : formatDuration(gateway.uptimeS) },
    { term: 'Memory', value: gateway.rssBytes === null ? '–' : formatBytes(gateway.rssBytes) },
    { term: 'Agents', value: agents ?? 'not counted' },
    { term: 'Sessions', value: sessions ?? 'not counted' },
    { term: 'Sign-in', value: gateway.authMode ?? '–' },
    { term: 'Process', value: gateway.pid ?? '–' },
  ];
}

function versionWords(version: string | null, update: OpenclawStatus['update']): string {
  const current = version ?? 'unknown';
  return update.behind === true && update.latest !== null ? `${current} (${update.latest} is out)` : current;
}

const serviceManagers = {
  'systemd-user': 'systemd (user)',
  'systemd-system': 'systemd (system)',
  none: 'none',
} as const;

function serviceFacts(service: OpenclawStatus['service']): Fact[] {
  return [
    { term: 'Manager', value: serviceManagers[service.manager] },
    { term: 'Unit', value: service.unit ?? '–', wide: true },
    { term: 'State', value: service.activeState ?? '–' },
    { term: 'Restarts', value: service.restarts ?? '–' },
    ...(service.result === null || service.result === 'success'
      ? []
      : [{ term: 'Last result', value: service.result }]),
  ];
}

const channelLooks: Record<OpenclawStatus['channels'][number]['state'], { word: string; tone: string }> = {
  connected: { word: 'Connected', tone: 'text-up' },
  starting: { word: 'Starting', tone: 'text-unreachable' },
  disconnected: { word: 'Disconnected', tone: 'text-down' },
  stopped: { word: 'Stopped', tone: 'text-down' },
  disabled: { word: 'Disabled', tone: 'text-muted' },
  not_configured: { word: 'Not configured', tone: 'text-muted' },
};

function Channels({ channels, isPast }: { channels: OpenclawStatus['channels']; isPast: boolean }) {
  return (
    <ul className="mt-2 space-y-1.5 text-sm">
      {channels.map(({ id, account, state, error }) => (
        <li key={`${id} ${account}`}>
          <span className="flex justify-between gap-3">
            <span>
              {id} <span className="text-muted">{account}</span>
            </span>
            <span className={`font-medium ${isPast ? 'text-muted' : channelLooks[state].tone}`}>
              {channelLooks[state].word}
            </span>
          </span>
          {error !== null && <span className="block text-muted">{error}</span>}
        </li>
      ))}
    </ul>
  );
}

function Host({ status: { disk, memory } }: { status: OpenclawStatus }) {
  if (disk === null && memory === null) return null;
  return (
    <Part title="Host">
      <div className="mt-3 grid gap-4 sm:grid-cols-2">
        {disk !== null && <Usage title="Disk" {...disk} />}
        {memory !== null && <Usage title="Memory" {...memory} />}
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
  const used = totalBytes - availableBytes;
  const share = totalBytes === 0 ? 0 : used / totalBytes;
  const warning = share >= 0.95 ? 'meter-full' : share >= 0.85 ? 'meter-high' : '';
  return (
    <div className="text-sm">
      <p className="flex justify-between gap-3">
        <span>{title}</span>
        <span className="text-muted">
          {formatBytes(availableBytes)} free of {formatBytes(totalBytes)}
        </span>
      </p>
      <progress
        className={`meter mt-1.5 ${warning}`}
        aria-label={`${title}: ${Math.round(share * 100)} % used`}
        max={1}
        value={share}
      />
    </div>
  );
}
