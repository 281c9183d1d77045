// Reads the public status of a link, and again each minute while somebody sees it.
import type { PublicStatus } from '@buoy/contract';
import { ApiError, createClient } from '@buoy/contract/client';
import { useEffect, useState } from 'react';
import { API_ROOT, fetchWithTimeout } from '../../api.ts';

const INTERVAL_MS = 60_000;

/** `status` stays when a later reading fails; null: there was none yet. `isGone`: the link does not work. */
export type PublicReading = { status: PublicStatus | null; hasFailed: boolean; isGone: boolean };

const nothing: PublicReading = { status: null, hasFailed: false, isGone: false };

export function usePublicStatus(token: string): PublicReading {
  const [reading, setReading] = useState(nothing);
  useEffect(() => {
    const api = createClient({ baseUrl: API_ROOT, token: () => null, fetch: fetchWithTimeout });
    const leaving = new AbortController();
    const { signal } = leaving;
    const read = async () => {
      if (document.visibilityState === 'hidden') return;
      try {
        const status = await api('GET /status/:token', { params: { token }, signal });
        setReading({ status, hasFailed: false, isGone: false });
      } catch (error) {
        if (signal.aborted) return;
        // What was seen before is for nobody's eyes any more.
        if (error instanceof ApiError && error.status === 404) setReading({ ...nothing, isGone: true });
        else setReading(({ status }) => ({ status, hasFailed: true, isGone: false }));
      }
    };
    void read();
    const timer = setInterval(() => void read(), INTERVAL_MS);
    document.addEventListener('visibilitychange', read, { signal });
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [token]);
  return reading;
}
