// One server in the list: who it is, how it is, why, and how old that knowledge is.
import type { Server } from '@buoy/contract';
import { linkTo } from '../../navigation.ts';
import { withLocalTimes } from '../../ui/age.ts';
import { Tags } from '../../ui/tags.tsx';
import { addressOf } from './address-of.ts';
import { checkedAge, StateBadge } from './server-state.tsx';

export function ServerRow({ server, selected, now }: { server: Server; selected: boolean; now: number }) {
  const { name, tags, status } = server;
  return (
    <li className="border-b border-line last:border-b-0">
      <a
        {...linkTo(`/servers/${server.id}`)}
        aria-current={selected ? 'page' : undefined}
        className="grid grid-cols-[minmax(0,1fr)_auto] gap-x-3 px-4 py-3 hover:bg-inset focus-visible:-outline-offset-2 aria-[current=page]:bg-inset aria-[current=page]:shadow-[inset_3px_0_0_var(--accent)] @3xl:grid-cols-[minmax(0,5fr)_minmax(0,6fr)_10rem_11.5rem]"
      >
        <p className="truncate font-medium">{name}</p>
        <p className="justify-self-end @3xl:col-start-4 @3xl:row-span-2 @3xl:row-start-1 @3xl:self-center">
          <StateBadge status={status} now={now} />
        </p>
        <p className="col-span-2 truncate font-mono text-xs text-muted @3xl:col-span-1 @3xl:col-start-1 @3xl:row-start-2">
          {addressOf(server)}
        </p>
        <div className="col-span-2 mt-1 text-sm empty:hidden @3xl:col-span-1 @3xl:col-start-2 @3xl:row-span-2 @3xl:row-start-1 @3xl:mt-0 @3xl:self-center">
          {status.reasons.map((reason) => (
            <p key={reason}>{withLocalTimes(reason)}</p>
          ))}
          {tags.length > 0 && <Tags tags={tags} />}
        </div>
        <p className="col-span-2 mt-1 flex flex-wrap gap-x-2 text-xs text-muted @3xl:col-span-1 @3xl:col-start-3 @3xl:row-span-2 @3xl:row-start-1 @3xl:mt-0 @3xl:flex-col @3xl:self-center">
          <span>{openclawWords(server)}</span>
          <span>{checkedAge(status, now)}</span>
        </p>
      </a>
    </li>
  );
}

function openclawWords({ openclaw }: Server): string {
  if (openclaw.installed === null) return 'OpenClaw: not looked yet';
  return openclaw.installed ? `OpenClaw ${openclaw.version ?? '(version unknown)'}` : 'No OpenClaw';
}
