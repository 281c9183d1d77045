// Every read of OpenClaw in the contract, with what a test asks of it and where its answer may come from.
import type { EndpointKey } from '@buoy/contract';

/** The session that the reads of one session are about. */
export const EXAMPLE_SESSION = 'agent:main:read-while-down';

export type ReadKey = Extract<EndpointKey, `GET /servers/:id/openclaw/${string}`>;
/** The path and query of each endpoint, on top of the server's id. */
export type Row = {
  params?: Record<string, string>;
  query?: Record<string, string>;
  /** A stopped gateway's host knows it now; elsewhere the last known state will do. */
  onHost?: true;
};

/** Reviewed by hand; a string is the reason why the endpoint is not read here. */
export const rows: Record<ReadKey, Row | string> = {
  'GET /servers/:id/openclaw/status': {},
  'GET /servers/:id/openclaw/repair': 'what Buoy would run, not a state of OpenClaw',
  'GET /servers/:id/openclaw/agents': { onHost: true },
  'GET /servers/:id/openclaw/agents/:agentId': { params: { agentId: 'main' }, onHost: true },
  'GET /servers/:id/openclaw/agents/:agentId/files': { params: { agentId: 'main' }, onHost: true },
  'GET /servers/:id/openclaw/agents/:agentId/files/:name': {
    params: { agentId: 'main', name: 'AGENTS.md' },
    onHost: true,
  },
  'GET /servers/:id/openclaw/agents/:agentId/skills': { params: { agentId: 'main' }, onHost: true },
  'GET /servers/:id/openclaw/agents/:agentId/bindings': { params: { agentId: 'main' }, onHost: true },
  'GET /servers/:id/openclaw/agents/:agentId/keys': { params: { agentId: 'main' } },
  'GET /servers/:id/openclaw/agents/:agentId/keys/:provider': {
    params: { agentId: 'main', provider: 'fake' },
  },
  'GET /servers/:id/openclaw/sessions': {},
  'GET /servers/:id/openclaw/sessions/:key': { params: { key: EXAMPLE_SESSION } },
  'GET /servers/:id/openclaw/sessions/:key/messages': { params: { key: EXAMPLE_SESSION } },
  'GET /servers/:id/openclaw/events': 'a stream',
  'GET /servers/:id/openclaw/skills': {},
  'GET /servers/:id/openclaw/skills/search': 'it asks the internet',
  'GET /servers/:id/openclaw/config': {},
  'GET /servers/:id/openclaw/config/schema': { query: { path: 'agents.defaults' } },
  'GET /servers/:id/openclaw/config/history': "Buoy's own",
  'GET /servers/:id/openclaw/config/history/:rev/diff': "Buoy's own",
  'GET /servers/:id/openclaw/models': {},
  'GET /servers/:id/openclaw/channels': {},
  'GET /servers/:id/openclaw/pairing': {},
  'GET /servers/:id/openclaw/approvals': {},
  'GET /servers/:id/openclaw/exec-policy': {},
  'GET /servers/:id/openclaw/cron': {},
  'GET /servers/:id/openclaw/cron/:jobId/runs': { params: { jobId: '' } },
  'GET /servers/:id/openclaw/logs': { query: { lines: '20' } },
  'GET /servers/:id/openclaw/logs/stream': 'a stream',
  'GET /servers/:id/openclaw/usage': {},
  'GET /servers/:id/openclaw/security-audit': {},
  'GET /servers/:id/openclaw/dashboard-url': 'a link is made for a gateway that runs',
};

export const isRead = (key: string) => /^GET \/servers\/:id\/openclaw\//.test(key);
export const reads = (Object.keys(rows) as ReadKey[]).filter((key) => typeof rows[key] !== 'string');

/** Read by the command on the host even while the gateway runs, which has no call for them. */
export const byCommand: readonly ReadKey[] = ['GET /servers/:id/openclaw/security-audit'];
