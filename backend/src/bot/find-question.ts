// Whom `/ask` asks: what a person writes goes to a server of their own, or to one that they name.
import type { Server } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { escapeHtml } from '../telegram/html.ts';
import { type Reader, shown } from './answers.ts';
import { botTexts } from './bot-texts.ts';
import { allServers, fitting } from './lists.ts';

/** Servers that are asked for their agents: each is a call of the person, who has 120 a minute. */
const MAX_READ = 20;
/** Choices that are offered. */
const MAX_CHOICES = 10;

export type Agent = { id: string; server: { id: string; name: string } };
export type Question = { agent: Agent; text: string };

/** Where the text goes, or what to tell the person instead. */
export async function findQuestion(
  { api, language, userId }: Reader & { userId: string },
  args: string,
): Promise<Question | { answer: string }> {
  const texts = botTexts[language];
  const [, agentId = '', at, rest = ''] = /^([^\s@]+)(@?)([\s\S]*)$/.exec(args.trim()) ?? [];
  if (rest.trim() === '') return { answer: texts.howToAsk };
  const { entries: servers, isAll } = await allServers(api);
  // Anybody can give a role on a server of theirs, or the server itself, under a name and with agents of their choice.
  const isOwn = ({ owner }: Server) => owner?.id === userId && owner.givenBy === null;

  if (at === '@') {
    const named = servers.filter(({ name }) => beginsWithName(rest, name));
    const own = named.filter(isOwn);
    const [server, ...others] = own.length > 0 ? longestNames(own) : named;
    if (server === undefined) return { answer: shown(texts.noSuchServer(rest.split(/\s/, 1).join())) };
    if (others.length > 0)
      return { answer: [texts.severalServers, ...named.map(({ name }) => shown(name))].join('\n') };
    const text = rest.slice(server.name.length).trim();
    if (text === '') return { answer: texts.howToAsk };
    const [agent] = await agentsOn(api, server, agentId);
    return agent === undefined
      ? { answer: shown(texts.noSuchAgent(`${agentId}@${server.name}`)) }
      : { agent, text };
  }

  const own = await readAgents(api, servers.filter(isOwn), agentId);
  const [agent, ...others] = own.found;
  if (agent !== undefined && others.length === 0 && own.unread.length === 0 && isAll)
    return { agent, text: rest.trim() };
  const given = await readAgents(
    api,
    servers.filter((server) => !isOwn(server)),
    agentId,
  );
  const unread = [...own.unread, ...given.unread].map((server) => ({ id: agentId, server }));
  const choices = [...own.found, ...given.found, ...unread];
  if (choices.length === 0) return { answer: shown(texts.noSuchAgent(agentId)) };
  const entries = choices.map(({ id, server }) => `<code>${escapeHtml(`${id}@${server.name}`)}</code>`);
  return { answer: [texts.nameServer, ...fitting({ entries, isAll }, MAX_CHOICES, language)].join('\n') };
}

/** Names may have blanks, so that only the name tells where it ends. */
function beginsWithName(text: string, name: string): boolean {
  return (
    text.slice(0, name.length).toLowerCase() === name.toLowerCase() && !/^\S/.test(text.slice(name.length))
  );
}

function longestNames(servers: readonly Server[]): Server[] {
  const longest = Math.max(...servers.map(({ name }) => name.length));
  return servers.filter(({ name }) => name.length === longest);
}

/** @returns the agents with that id, and the servers of which it is not known whether they have one */
async function readAgents(
  api: Client,
  servers: readonly Server[],
  agentId: string,
): Promise<{ found: Agent[]; unread: Server[] }> {
  const possible = servers.filter(({ status }) => status.state !== 'not_set_up');
  const isRead = ({ status }: Server) => status.state === 'up';
  const read = possible.filter(isRead).slice(0, MAX_READ);
  const unread = possible.filter((server) => !read.includes(server));
  const found = await Promise.all(
    read.map((server) =>
      agentsOn(api, server, agentId).catch((error: unknown): Agent[] => {
        if (!(error instanceof ApiError)) throw error;
        unread.push(server);
        return [];
      }),
    ),
  );
  return { found: found.flat(), unread };
}

/** By the id alone: a server chooses the names that its agents show. */
async function agentsOn(api: Client, { id, name }: Server, agentId: string): Promise<Agent[]> {
  const { agents } = await api('GET /servers/:id/openclaw/agents', { params: { id } });
  return agents
    .filter((agent) => agent.id.toLowerCase() === agentId.toLowerCase())
    .map((agent) => ({ id: agent.id, server: { id, name } }));
}
