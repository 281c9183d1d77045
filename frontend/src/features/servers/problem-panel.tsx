// The problems of a server with their causes and the button for the repair, on top of its page.
import type { OpenclawStatus, Server } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { ConnectionTest } from './connection-test.tsx';
import type { Problem } from './diagnosis.ts';
import { type Action, GatewayAction } from './gateway-action.tsx';
import { overviewTexts } from './overview-texts.ts';
import type { GatewayTasks } from './use-gateway-tasks.ts';

type ProblemProps = {
  problem: Problem;
  /** The worst one: its repair is what the page is for now. */
  isFirst: boolean;
  server: Server;
  status: OpenclawStatus | null;
  tasks: GatewayTasks;
  onAsk: (action: Action) => void;
};

export function ProblemPanel({ problem, isFirst, server, status, tasks, onAsk }: ProblemProps) {
  const t = useTexts(overviewTexts);
  const { kind, causes, hint, serviceResult } = problem;
  const isWarning = kind === 'starting' || kind === 'memory' || kind === 'unreachable';
  return (
    <section
      aria-label={t[`problem_${kind}`]}
      className={`rounded-lg border px-4 py-3 sm:px-5 ${isWarning ? 'border-unreachable/50 bg-unreachable/8' : 'border-down/50 bg-down/8'}`}
    >
      <h2 className={`font-semibold ${isWarning ? 'text-unreachable' : 'text-down'}`}>
        {t[`problem_${kind}`]}
      </h2>
      <div className="mt-1 space-y-1 text-sm">
        <About problem={problem} />
        {serviceResult !== null && <p>{t.serviceEnded(serviceResult)}</p>}
        {causes.map((cause) => (
          <ServerMessage key={cause} sentence={cause} />
        ))}
        {hint !== null && (
          <p lang="en" className="text-muted">
            <VisibleText text={hint} />
          </p>
        )}
      </div>
      <div className="mt-3 flex flex-wrap gap-2 empty:hidden">
        {server.role === 'viewer' && problem.repair !== 'channels' ? (
          problem.repair !== null && <p className="text-sm text-muted">{t.askAdmin}</p>
        ) : (
          <Repair {...{ problem, isFirst, server, status, tasks, onAsk }} />
        )}
        {hasLog(kind) && (
          <a {...linkTo(serverPath(server.id, 'logs'))} className={buttonClass('quiet')}>
            {t.seeLogs}
          </a>
        )}
      </div>
    </section>
  );
}

function hasLog(kind: Problem['kind']): boolean {
  return ['gaveUp', 'failed', 'stopped', 'notReady', 'starting'].includes(kind);
}

function About({ problem: { kind, names, share } }: { problem: Problem }) {
  const t = useTexts(overviewTexts);
  const formats = useFormats();
  switch (kind) {
    case 'unreachable':
    case 'hostKey':
    case 'login':
      return null;
    case 'channels':
      return <p>{t.about_channels(names.join(', '), names.length)}</p>;
    case 'disk':
    case 'memory':
      return <p>{t[`about_${kind}`](formats.percent(share ?? 1))}</p>;
    default:
      return <p>{t[`about_${kind}`]}</p>;
  }
}

function ServerMessage({ sentence }: { sentence: string }) {
  const formats = useFormats();
  return (
    <p lang="en">
      <VisibleText text={formats.localTimes(sentence)} />
    </p>
  );
}

function Repair({ problem: { repair }, isFirst, server, status, tasks, onAsk }: ProblemProps) {
  const t = useTexts(overviewTexts);
  const variant = isFirst ? 'primary' : 'plain';
  switch (repair) {
    case 'start':
    case 'restart':
      return <GatewayAction action={repair} status={status} tasks={tasks} onAsk={onAsk} variant={variant} />;
    case 'test':
      return (
        <>
          <ConnectionTest.Button serverId={server.id} variant={variant} />
          <a {...linkTo(serverPath(server.id, 'settings'))} className={buttonClass('quiet')}>
            {t.openSettings}
          </a>
        </>
      );
    case 'credential':
    case 'hostKey':
      return (
        <>
          <a {...linkTo(serverPath(server.id, 'settings'))} className={buttonClass(variant)}>
            {repair === 'hostKey' ? t.compareHostKey : t.openSettings}
          </a>
          <ConnectionTest.Button serverId={server.id} />
        </>
      );
    case 'channels':
      return (
        <a {...linkTo(serverPath(server.id, 'channels'))} className={buttonClass(variant)}>
          {t.openChannels}
        </a>
      );
    case null:
      return null;
  }
}
