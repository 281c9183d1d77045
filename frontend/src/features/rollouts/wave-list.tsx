// The servers of a rollout by waves, as they are planned or as they stand.
import type { Rollout, RolloutServer } from '@buoy/contract';
import type { ReactNode } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { linkTo } from '../../navigation.ts';
import { serverPath } from '../../paths.ts';
import { buttonClass } from '../../ui/button.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { ServerStatusWord } from './rollout-status.tsx';
import { rolloutTexts } from './texts.ts';

/**
 * @param hasCanary whether the first wave is known to be the canary
 * @param children shows one server
 */
export function WaveList({
  waves,
  hasCanary = false,
  children,
}: {
  waves: Rollout['waves'];
  hasCanary?: boolean;
  children: (server: RolloutServer) => ReactNode;
}) {
  const t = useTexts(rolloutTexts);
  return waves.map((servers, index) => {
    const title = hasCanary && index === 0 ? t.canaryWave(index + 1) : t.wave(index + 1);
    return (
      <section key={servers[0]?.serverId}>
        <h2 className="mb-1.5 text-sm font-semibold text-muted">
          {title} · {servers.length}
        </h2>
        <ul
          aria-label={title}
          className="divide-y divide-line overflow-hidden rounded-lg border border-line bg-surface"
        >
          {servers.map((server) => (
            <li key={server.serverId} className="px-4 py-2 text-sm">
              {children(server)}
            </li>
          ))}
        </ul>
      </section>
    );
  });
}

/**
 * A server before anything has begun.
 * @param owner words that say whose it is; null: the reader's own
 */
export function PlannedServer({ server, owner }: { server: RolloutServer; owner: string | null }) {
  const { name, status, error } = server;
  return (
    <>
      <p className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-0.5 py-1">
        <span className="min-w-0">
          <span className="font-medium">
            <VisibleText text={name} />
          </span>
          {owner !== null && (
            <span className="block text-xs text-muted">
              <VisibleText text={owner} />
            </span>
          )}
        </span>
        {status === 'skipped' ? <ServerStatusWord status={status} /> : <Versions server={server} />}
      </p>
      {error !== null && <SkipReason error={error} />}
    </>
  );
}

/** A server of a rollout that was started, with the links to it and to its task. */
export function RolloutServerRow({ server }: { server: RolloutServer }) {
  const t = useTexts(rolloutTexts);
  const { serverId, name, status, taskId, error } = server;
  return (
    <>
      <div className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 sm:grid-cols-[minmax(0,1fr)_10rem_minmax(0,1fr)_6rem]">
        <a
          {...linkTo(serverPath(serverId))}
          className="inline-flex min-h-11 min-w-0 items-center font-medium text-link underline"
        >
          <span className="min-w-0">
            <VisibleText text={name} />
          </span>
        </a>
        <span className="max-w-36 justify-self-end sm:max-w-none sm:justify-self-start">
          <ServerStatusWord status={status} />
        </span>
        <Versions server={server} />
        {taskId !== null && (
          <a {...linkTo(`/tasks/${taskId}`)} className={`${buttonClass('quiet')} -mr-4 justify-self-end`}>
            <span>
              {t.task}
              <span className="sr-only">
                : <VisibleText text={name} />
              </span>
            </span>
          </a>
        )}
      </div>
      {error !== null &&
        (status === 'skipped' ? (
          <SkipReason error={error} />
        ) : (
          <div className="py-1">
            <ProblemWords code={error.code} message={error.message} hint={error.hint} />
          </div>
        ))}
    </>
  );
}

function Versions({ server: { from, to } }: { server: RolloutServer }) {
  const t = useTexts(rolloutTexts);
  return <span className="min-w-0 text-muted">{from === null ? t.toVersion(to) : t.fromTo(from, to)}</span>;
}

function SkipReason({ error: { message, hint } }: { error: NonNullable<RolloutServer['error']> }) {
  return (
    <p lang="en" className="pb-1 text-muted">
      <VisibleText text={hint === null ? message : `${message} ${hint}`} />
    </p>
  );
}
