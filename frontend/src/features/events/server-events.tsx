// One event stream for a server's page. Sections refetch what an event reports as changed, instead of polling.
import {
  createContext,
  type ReactNode,
  useContext,
  useEffect,
  useRef,
  useState,
  useSyncExternalStore,
} from 'react';
import { useServices } from '../../services.ts';
import type { ServerEvent } from './server-event.ts';
import { createServerFeed, type Gateway, type ServerFeed } from './server-feed.ts';
import { StreamStateNote } from './stream-state-note.tsx';
import { usePageIsSeen } from './use-page-is-seen.ts';

/** Milliseconds; Buoy remembers the events of a server for two minutes after its last reader. */
const HIDDEN_MS = 60_000;

const FeedContext = createContext<ServerFeed | null>(null);

/**
 * Holds one stream of the server's events open while the page is there: taken up again where it broke, with growing pauses, and
 * with words above `children` while it is lost; let go when the page is hidden for long, and taken up when it is seen again.
 *
 * @param onLost called when it breaks or is refused, which may mean that the reader lost their access
 */
export function ServerEventsProvider({
  serverId,
  onLost,
  children,
}: {
  serverId: string;
  onLost: () => void;
  children: ReactNode;
}) {
  const { api } = useServices();
  const [feed] = useState(() => createServerFeed(api, serverId));
  const isSeen = usePageIsSeen(HIDDEN_MS);
  useEffect(() => (isSeen ? feed.open() : undefined), [feed, isSeen]);
  useEffect(() => {
    const tryNow = () => {
      if (document.visibilityState === 'visible') feed.tryNow();
    };
    window.addEventListener('online', tryNow);
    document.addEventListener('visibilitychange', tryNow);
    return () => {
      window.removeEventListener('online', tryNow);
      document.removeEventListener('visibilitychange', tryNow);
    };
  }, [feed]);
  const streamState = useSyncExternalStore(feed.subscribe, feed.state);
  const reportLost = useRef(onLost);
  reportLost.current = onLost;
  useEffect(() => {
    if (streamState.state === 'lost' || streamState.state === 'refused') reportLost.current();
  }, [streamState.state]);
  return (
    <FeedContext value={feed}>
      <StreamStateNote stream={streamState} onTry={feed.tryNow} />
      {children}
    </FeedContext>
  );
}

/**
 * Calls `listener` with each event of this server, always the one of the last render; subscribing costs nothing. Typical use:
 *
 *     useServerEvent(({ event, data }) => {
 *       if (event === 'channel' || requiresRefetch({ event, data })) void queries.invalidateQueries({ queryKey: ['channels', server.id] });
 *     });
 *
 * After a pause events may be missing: see `requiresRefetch`. Throws outside of a `ServerEventsProvider`.
 */
export function useServerEvent(listener: (event: ServerEvent) => void): void {
  const feed = useFeed();
  const current = useRef(listener);
  current.current = listener;
  useEffect(() => feed.onEvent((event) => current.current(event)), [feed]);
}

/** How the way from Buoy to the gateway is; null before the stream's first word. */
export function useGateway(): Gateway | null {
  const feed = useFeed();
  return useSyncExternalStore(feed.subscribe, feed.gateway);
}

/** What was not told while the stream or the gateway was away is only in the answers of the API: everything shown is to be read again. */
export function requiresRefetch(event: ServerEvent): boolean {
  return event.event === 'missed' || (event.event === 'gateway' && event.data.state === 'connected');
}

function useFeed(): ServerFeed {
  const feed = useContext(FeedContext);
  if (feed === null) throw new Error('There is no ServerEventsProvider around this component.');
  return feed;
}
