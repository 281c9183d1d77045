// What the bot answers to commands about servers and alerts, as messages in Telegram's HTML.
import { type Alert, alertNames, type Server, type ServerState, stateNames } from '@buoy/contract';
import { ApiError, type Client } from '@buoy/contract/client';
import { visibleText } from '@buoy/contract/visible-text';
import type { Language } from '../notify/sender.ts';
import { escapeHtml } from '../telegram/html.ts';
import { botTexts } from './bot-texts.ts';

/** Lines of one message: a phone shows some thirty. */
const MAX_SERVERS = 40;
const MAX_ALERTS = 20;
/** Names that are offered where several match. */
const MAX_MATCHES = 10;
/** Servers whose names are looked up for a list of alerts. */
const NAMES_AT_ONCE = 200;
/** UTF-16 units of a sentence that may come from a server. */
const MAX_TEXT = 300;

const marks: Record<ServerState, string> = {
  ...{ up: '🟢', down: '🔴', unreachable: '🔴', unknown: '⚪', maintenance: '🟣', not_set_up: '⚪' },
};

export type Reader = { api: Client; language: Language };

/** Each server with its state, those with problems first. */
export async function serversAnswer({ api, language }: Reader): Promise<string> {
  const texts = botTexts[language];
  const { servers } = await api('GET /servers', { query: { limit: NAMES_AT_ONCE } });
  if (servers.length === 0) return texts.noServers;
  const isWell = ({ status }: Server) => Number(status.state === 'up');
  const sorted = servers.toSorted((one, other) => isWell(one) - isWell(other));
  const lines = sorted.slice(0, MAX_SERVERS).map((server) => lineOf(server, language));
  const rest = servers.length - lines.length;
  return [...lines, ...(rest > 0 ? [texts.moreServers(rest)] : [])].join('\n');
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
      ? escapeHtml(texts.noSuchServer(name))
      : [texts.severalServers, ...servers.map((one) => lineOf(one, language))].join('\n');
  const [{ alerts }, facts] = await Promise.all([
    api('GET /alerts', { query: { serverId: server.id, limit: MAX_ALERTS } }),
    factsOf(server, { api, language }),
  ]);
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === null);
  return [lineOf(server, language), ...facts, ...open.map((alert) => alertLine(alert, null, language))].join(
    '\n',
  );
}

/** What is not resolved on any server. */
export async function alertsAnswer({ api, language }: Reader): Promise<string> {
  const { alerts } = await api('GET /alerts', { query: { limit: MAX_ALERTS } });
  const open = alerts.filter(({ resolvedAt }) => resolvedAt === null);
  if (open.length === 0) return botTexts[language].noAlerts;
  const { servers } = await api('GET /servers', { query: { limit: NAMES_AT_ONCE } });
  const names = new Map(servers.map(({ id, name }) => [id, name]));
  return open.map((alert) => alertLine(alert, names.get(alert.serverId) ?? null, language)).join('\n');
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
  return `${marks[status.state]} <b>${shown(name)}</b> ${stateNames[language][status.state]}`;
}

function alertLine({ type, severity, cause }: Alert, serverName: string | null, language: Language): string {
  const mark = severity === 'critical' ? '🔴' : '🟠';
  const head =
    serverName === null ? alertNames[language][type] : `${shown(serverName)}: ${alertNames[language][type]}`;
  return `${mark} <b>${head}</b>\n${shown(cause)}`;
}

/** What a server may have written: on one line, with hidden characters shown, and formatting nothing. */
export function shown(text: string): string {
  const line = visibleText(text.replace(/[\r\n\t\u2028\u2029]+/g, ' '));
  return escapeHtml(line.length <= MAX_TEXT ? line : `${line.slice(0, MAX_TEXT - 1).toWellFormed()}…`);
}
