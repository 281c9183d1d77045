// Reads the host keys of several servers before any secret is sent, a few at a time.
import { atOnce } from '@buoy/contract/at-once';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { readHostKey, type SeenHostKey } from '../servers/server-queries.ts';
import { MAX_AT_ONCE } from './bulk-run.ts';
import type { TargetPlace } from './bulk-targets.ts';

export type OfferedKeys = {
  /** By the name of the server; absent: it is being read. */
  keys: ReadonlyMap<string, SeenHostKey>;
  readAgain(place: TargetPlace): void;
};

/** @param places the same ones for as long as the component is there */
export function useOfferedKeys(places: readonly TargetPlace[]): OfferedKeys {
  const { api } = useServices();
  const [keys, setKeys] = useState<ReadonlyMap<string, SeenHostKey>>(new Map());
  const first = useRef(places);
  const leave = useRef<AbortController>(null);

  const read = async (wanted: readonly TargetPlace[], signal: AbortSignal): Promise<void> => {
    await atOnce(wanted, MAX_AT_ONCE, async ({ name, host, port, jumpServerId }) => {
      const seen = await readHostKey(api, { host, port, jumpServerId }, signal);
      setKeys((current) => new Map(current).set(name, seen));
    });
  };
  const begin = useRef(read);
  begin.current = read;

  useEffect(() => {
    const left = new AbortController();
    leave.current = left;
    begin.current(first.current, left.signal).catch(() => undefined);
    return () => left.abort();
  }, []);

  return {
    keys,
    readAgain(place) {
      const left = leave.current;
      if (left === null) return;
      setKeys((current) => new Map([...current].filter(([name]) => name !== place.name)));
      begin.current([place], left.signal).catch(() => undefined);
    },
  };
}
