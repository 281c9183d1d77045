// Counts answers of the API, and of those the sign-ins and the denials.
import { Counter, Histogram, type Registry } from 'prom-client';

/** One answer: `route` is the template from the contract such as "/servers/:id". */
type Answer = {
  method: string;
  route: string;
  status: number;
  /** null for streams, which stay open. */
  durationMs: number | null;
  denied: boolean;
};

/** Seconds. Most answers take milliseconds; a command may take two minutes. */
const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 30, 120];

/** Where people sign in; a device asks again and again until it is approved, and those questions are no sign-ins. */
const signInRoutes: Record<string, string> = {
  '/auth/telegram': 'telegram',
  '/auth/link': 'link',
  '/auth/device/token': 'device',
};

export function createHttpMetrics(registry: Registry): (answer: Answer) => void {
  const registers = [registry];
  const requests = new Counter({
    name: 'buoy_http_requests_total',
    help: 'Requests that were answered, by method, route and status; status 499: the client went away first.',
    labelNames: ['method', 'route', 'status'],
    registers,
  });
  const durations = new Histogram({
    name: 'buoy_http_request_duration_seconds',
    help: 'Time from a request to the end of its answer; streams are left out.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers,
  });
  const denials = new Counter({
    name: 'buoy_denied_calls_total',
    help: 'Calls refused by authorization: 401 nobody is signed in, 403 not allowed, 404 not visible to the caller.',
    labelNames: ['status'],
    registers,
  });
  const signIns = new Counter({
    name: 'buoy_sign_ins_total',
    help: 'Sign-ins by method and outcome.',
    labelNames: ['kind', 'result'],
    registers,
  });

  // A rate over a counter misses its first step when the counter was not there before.
  for (const status of [401, 403, 404]) denials.inc({ status }, 0);
  for (const kind of Object.values(signInRoutes))
    for (const result of ['ok', 'refused']) signIns.inc({ kind, result }, 0);

  return ({ method, route, status, durationMs, denied }) => {
    requests.inc({ method, route, status });
    if (durationMs !== null) durations.observe({ method, route, status }, durationMs / 1000);
    if (denied) denials.inc({ status });
    const kind = method === 'POST' ? signInRoutes[route] : undefined;
    const result = status === 200 ? 'ok' : status === 400 || status === 401 ? 'refused' : null;
    if (kind !== undefined && result !== null) signIns.inc({ kind, result });
  };
}
