// What the bot answers to commands about servers and alerts, as messages in Telegram's HTML.
import { type Alert, alertNames, type Server, type ServerState, stateNames } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { visibleText } from '@buoy/contract/visible-text';
import { byWeight, cut } from '../notify/message.ts';
import type { Language } from '../notify/sender.ts';
import { inertHtml } from '../telegram/html.ts';
import { botTexts } from './bot-texts.ts';
import { allServers, fitting, openAlerts } from './lists.ts';

/** Lines of one message: a phone shows some thirty. */
const MAX_SERVERS = 40;
const MAX_ALERTS = 20;
/** Names that are offered where several match. */
const MAX_MATCHES = 10;
/** UTF-16 units of a sentence that may come from a server. */
const MAX_TEXT = 300;

const marks: Record<ServerState, string> = {
  ...{ up: '🟢', down: '🔴', unreachable: '🔴', unknown: '⚪', maintenance: '🟣', not_set_up: '⚪' },
};

export type Reader = { api: Client; language: Language };

/** Each server with its state, those with problems first. */
export async function serversAnswer({ api, language }: Reader): Promise<string> {
  const { entries: servers, isAll } = await allServers(api);
  if (servers.length === 0) return botTexts[language].noServers;
  const isWell = ({ status }: Server) => Number(status.state === 'up');
  const sorted = servers.toSorted((one, other) => isWell(one) - isWell(other));
  const entries = sorted.map((server) => lineOf(server, language));
  return fitting({ entries, isAll }, MAX_SERVERS, language).join('\n');
}

/** One server: its state, what runs there, how much room is left, and its open alerts. */
export async function statusAnswer({ api, language }: Reader, name: string): Promise<string> {
  const texts = botTexts[language];
  if (name === '') return texts.whichServer;
  const { servers } = await api('GET /servers', { query: { q: name, limit: MAX_MATCHES } });
  const isCalledSo = (server: Server) => server.name.toLowerCase() === name.toLowerCase();
  const server = servers.find(isCalledSo) ?? (servers.length === 1 ? servers[0] : undefined);
  if (server === undefined)
    return servers.length === 0
      ? shown(texts.noSuchServer(name))
      : [texts.severalServers, ...servers.map((one) => lineOf(one, language))].join('\n');
  const [{ entries: open, isAll }, facts] = await Promise.all([
    openAlerts(api, server.id),
    factsOf(server, { api, language }),
  ]);
  const entries = byWeight(open.map((alert) => ({ alert, server }))).map(({ alert }) =>
    alertLines(alert, null, language),
  );
  const alerts = fitting({ entries, isAll }, MAX_ALERTS, language);
  return [lineOf(server, language), ...facts, ...alerts].join('\n');
}

/** What is not resolved on any server. */
export async function alertsAnswer({ api, language }: Reader): Promise<string> {
  const { entries: open, isAll } = await openAlerts(api);
  if (open.length === 0) return botTexts[language].noAlerts;
  const { entries: servers } = await allServers(api);
  const names = new Map(servers.map(({ id, name }) => [id, name]));
  const told = open.map((alert) => ({
    alert,
    server: { id: alert.serverId, name: names.get(alert.serverId) ?? '' },
  }));
  const entries = byWeight(told).map(({ alert, server }) => alertLines(alert, server.name, language));
  return fitting({ entries, isAll }, MAX_ALERTS, language).join('\n');
}

/** The API's own sentences, for the person. Throws what is no refusal. */
export function refusalText(error: unknown): string {
  if (!(error instanceof ApiError)) throw error;
  return [error.message, ...(error.hint === null ? [] : [error.hint])].map((text) => shown(text)).join('\n');
}

async function factsOf(
  { id, status: { state, reasons } }: Server,
  { api, language }: Reader,
): Promise<string[]> {
  const texts = botTexts[language];
  const why = reasons.map((reason) => shown(reason));
  if (state === 'unreachable' || state === 'not_set_up') return why;
  try {
    const { status } = await api('GET /servers/:id/openclaw/status', { params: { id } });
    const { version, gateway, disk, memory } = status;
    return [
      ...why,
      `OpenClaw ${shown(version ?? '?')}`,
      `${texts.gateway}: ${gateway.state}`,
      ...(disk === null ? [] : [`${texts.diskFree}: ${freeOf(disk)}`]),
      ...(memory === null ? [] : [`${texts.memoryFree}: ${freeOf(memory)}`]),
    ];
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return [...why, shown(error.message)];
  }
}

function freeOf({ totalBytes, availableBytes }: { totalBytes: number; availableBytes: number }): string {
  const share = totalBytes === 0 ? 0 : Math.floor((availableBytes / totalBytes) * 100);
  return `${share} % (${(availableBytes / 2 ** 30).toFixed(1)} GiB)`;
}

function lineOf({ name, status }: Server, language: Language): string {
  return `${marks[status.state]} ${shown(name, 'b')} ${stateNames[language][status.state]}`;
}

/** @param serverName null: the message is about that server alone */
function alertLines({ type, severity, cause }: Alert, serverName: string | null, language: Language): string {
  const mark = severity === 'critical' ? '🔴' : '🟠';
  const head = alertNames[language][type];
  return `${mark} ${shown(serverName ? `${serverName}: ${head}` : head, 'b')}\n${shown(cause)}`;
}

/** What a server may have written: on one line, with hidden characters shown, formatting nothing, and with nothing to tap on. */
export function shown(text: string, tag?: 'b'): string {
  return inertHtml(cut(visibleText(text.replace(/[\r\n\t\u2028\u2029]+/g, ' ')), MAX_TEXT), tag);
}
