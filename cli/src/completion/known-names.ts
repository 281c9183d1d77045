// Names from Buoy for completion, by the kind of argument or option value.
import type { Client } from '@buoy/contract/client';
import { allServers, resolveServer } from '../resolve-server.ts';
import type { Candidate } from './candidates.ts';

export type KnownNames = {
  /** Throws when not signed in. */
  api(): Client;
  profiles(): string[];
};

type CompletionContext = { command: string; args: Readonly<Record<string, string | undefined>> };

const MAX_NAMES = 200;

/** Empty for a kind without known names. */
export async function namesFor(
  kind: string,
  place: CompletionContext,
  { api, profiles }: KnownNames,
): Promise<Candidate[]> {
  if (kind === 'profile' || (kind === 'name' && place.command === 'profiles use'))
    return profiles().map((word) => ({ word }));
  switch (kind) {
    case 'server':
      return (await allServers(api())).map(({ name, status, host }) => ({
        word: name,
        what: `${status.state}, ${host}`,
      }));
    case 'tag':
      return [...new Set((await allServers(api())).flatMap(({ tags }) => tags))].map((word) => ({ word }));
    case 'task':
      return (await api()('GET /tasks', { query: { limit: MAX_NAMES } })).tasks.map(
        ({ id, type, status }) => ({
          word: id,
          what: `${type}, ${status}`,
        }),
      );
    case 'rollout':
      return (await api()('GET /rollouts', { query: { limit: MAX_NAMES } })).rollouts.flatMap(
        ({ id, version, status }) => (id === null ? [] : [{ word: id, what: `${version}, ${status}` }]),
      );
    case 'alert':
      return (await api()('GET /alerts', { query: { limit: MAX_NAMES } })).alerts.map(({ id, cause }) => ({
        word: id,
        what: cause,
      }));
    case 'token':
      return (await api()('GET /me/tokens')).tokens.map(({ id, name }) => ({ word: name, what: id }));
    case 'device':
      return (await api()('GET /me/sessions')).sessions.map(({ id, userAgent }) => ({
        word: id,
        what: userAgent ?? '',
      }));
    case 'file':
      return (await api()('GET /admin/backups')).backups.map(({ filename }) => ({ word: filename }));
    case 'user':
      return place.command.startsWith('admin ') ? people(api()) : members(api(), place);
    case 'channel':
      return place.command.startsWith('notifications ')
        ? notificationChannels(api())
        : onServer(kind, place, api());
    default:
      return onServer(kind, place, api());
  }
}

async function notificationChannels(api: Client): Promise<Candidate[]> {
  const { channels } = await api('GET /me/notification-channels');
  return channels.map(({ id, type, label }) => ({ word: id, what: `${type}, ${label}` }));
}

async function people(api: Client): Promise<Candidate[]> {
  const { users } = await api('GET /admin/users', { query: { limit: MAX_NAMES } });
  return users.map(({ id, firstName, username }) => ({ word: id, what: firstName ?? username ?? '' }));
}

async function members(api: Client, { args }: CompletionContext): Promise<Candidate[]> {
  const { id } = await resolveServer(api, args.server ?? '');
  const answer = await api('GET /servers/:id/access', { params: { id } });
  return answer.members.map(({ userId, username, firstName, role }) => ({
    word: username ?? userId,
    what: [firstName, role].filter(Boolean).join(', '),
  }));
}

/** Names on the server given earlier on the line. */
async function onServer(
  kind: string,
  { command, args }: CompletionContext,
  api: Client,
): Promise<Candidate[]> {
  if (args.server === undefined) return [];
  const { id } = await resolveServer(api, args.server);
  const params = { id };
  switch (kind) {
    case 'agent':
      // A new agent needs a new id, so nothing is offered.
      if (command === 'openclaw agents create') return [];
      return (await api('GET /servers/:id/openclaw/agents', { params })).agents.map((one) => ({
        word: one.id,
        what: one.name ?? '',
      }));
    case 'name':
      return command.startsWith('openclaw agents files') ? agentFiles(api, id, args.agent ?? '') : [];
    case 'session':
      return (
        await api('GET /servers/:id/openclaw/sessions', { params, query: { limit: MAX_NAMES } })
      ).sessions.map(({ key, title }) => ({ word: key, what: title ?? '' }));
    case 'skill':
      if (command === 'openclaw skills install') return [];
      return (await api('GET /servers/:id/openclaw/skills', { params, query: {} })).skills.map(
        ({ name, description }) => ({ word: name, what: description ?? '' }),
      );
    case 'job':
      return (await api('GET /servers/:id/openclaw/cron', { params })).jobs.map(({ name, id: jobId }) => ({
        word: name,
        what: jobId,
      }));
    case 'channel':
      return (await api('GET /servers/:id/openclaw/channels', { params })).channels.map((one) => ({
        word: one.id,
        what: one.state,
      }));
    case 'snapshot':
      return (
        await api('GET /servers/:id/setup/snapshots', { params, query: { limit: MAX_NAMES } })
      ).snapshots.map((one) => ({ word: one.id, what: `${one.version}, ${one.createdAt}` }));
    case 'model':
      return (await api('GET /servers/:id/openclaw/models', { params })).models.map((one) => ({
        word: `${one.provider}/${one.id}`,
        what: one.name ?? '',
      }));
    case 'invite':
      return (await api('GET /servers/:id/invites', { params })).invites.map((one) => ({
        word: one.id,
        what: one.role,
      }));
    default:
      return [];
  }
}

async function agentFiles(api: Client, id: string, agentId: string): Promise<Candidate[]> {
  const { files } = await api('GET /servers/:id/openclaw/agents/:agentId/files', {
    params: { id, agentId },
  });
  return files.map(({ name, missing }) => ({ word: name, what: missing ? 'not there yet' : '' }));
}
