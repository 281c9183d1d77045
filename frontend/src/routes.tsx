// Which page a path shows. Pages but the first are fetched when they are opened, so that the first load stays small.
import type { Server } from '@buoy/contract';
import type { ComponentType } from 'react';
import { lazyPage } from './ui/lazy-page.tsx';

/** What a section of a server's page is given: the server, and the rest of the path, as in `agents/main/files` → `['main', 'files']`. */
export type SectionProps = { server: Server; rest: readonly string[] };

/** The pages that are not about one server. `rest` is what stands behind the path. */
export type PageProps = { rest: readonly string[] };

type Page = { page: ComponentType<PageProps>; isForSuperAdmins?: boolean };

export const pages: Readonly<Record<string, Page>> = {
  device: { page: lazyPage(async () => (await import('./features/sign-in/device-page.tsx')).DevicePage) },
  invite: { page: lazyPage(async () => (await import('./features/access/invite-page.tsx')).InvitePage) },
  'control-ui': {
    page: lazyPage(async () => (await import('./features/dashboard/control-ui-page.tsx')).ControlUiPage),
  },
  alerts: { page: lazyPage(async () => (await import('./features/alerts/alerts-page.tsx')).AlertsPage) },
  inbox: { page: lazyPage(async () => (await import('./features/inbox/inbox-page.tsx')).InboxPage) },
  tasks: { page: lazyPage(async () => (await import('./features/tasks/tasks-page.tsx')).TasksPage) },
  account: { page: lazyPage(async () => (await import('./features/account/account-page.tsx')).AccountPage) },
  admin: {
    page: lazyPage(async () => (await import('./features/admin/admin-page.tsx')).AdminPage),
    isForSuperAdmins: true,
  },
};

/** The sections of a server's page, in the order of its tabs; `admin` are those that a viewer may not open. */
export const serverSections = {
  agents: {
    section: lazyPage(async () => (await import('./features/agents/agents-section.tsx')).AgentsSection),
  },
  sessions: {
    section: lazyPage(async () => (await import('./features/sessions/sessions-section.tsx')).SessionsSection),
  },
  channels: {
    section: lazyPage(async () => (await import('./features/channels/channels-section.tsx')).ChannelsSection),
  },
  skills: {
    section: lazyPage(async () => (await import('./features/skills/skills-section.tsx')).SkillsSection),
  },
  cron: { section: lazyPage(async () => (await import('./features/cron/cron-section.tsx')).CronSection) },
  config: {
    section: lazyPage(async () => (await import('./features/config/config-section.tsx')).ConfigSection),
  },
  logs: { section: lazyPage(async () => (await import('./features/logs/logs-section.tsx')).LogsSection) },
  usage: { section: lazyPage(async () => (await import('./features/usage/usage-section.tsx')).UsageSection) },
  terminal: {
    section: lazyPage(async () => (await import('./features/terminal/terminal-page.tsx')).TerminalPage),
    isForAdmins: true,
  },
  access: {
    section: lazyPage(async () => (await import('./features/access/access-section.tsx')).AccessSection),
    isForAdmins: true,
  },
  tasks: { section: lazyPage(async () => (await import('./features/tasks/tasks-section.tsx')).TasksSection) },
  settings: {
    section: lazyPage(async () => (await import('./features/servers/settings-section.tsx')).SettingsSection),
    isForAdmins: true,
  },
} as const satisfies Record<string, { section: ComponentType<SectionProps>; isForAdmins?: boolean }>;

export type ServerSection = keyof typeof serverSections;

export type Route =
  | { kind: 'home' }
  | { kind: 'add-server' }
  | { kind: 'server'; serverId: string; section: ServerSection | null; rest: readonly string[] }
  | { kind: 'page'; name: string; rest: readonly string[] }
  | { kind: 'unknown' };

/** @param path of the address bar; parts of it come decoded, so that names with any character can stand in it */
export function routeOf(path: string): Route {
  const [first = '', ...rest] = path.split('/').slice(1).map(decoded);
  if (first === '' || path === '/sign-in') return { kind: 'home' };
  if (first !== 'servers')
    return Object.hasOwn(pages, first) ? { kind: 'page', name: first, rest } : { kind: 'unknown' };
  const [serverId = '', section, ...more] = rest;
  if (serverId === 'new' && section === undefined) return { kind: 'add-server' };
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(serverId)) return { kind: 'unknown' };
  if (section === undefined) return { kind: 'server', serverId, section: null, rest: [] };
  return isServerSection(section) ? { kind: 'server', serverId, section, rest: more } : { kind: 'unknown' };
}

function isServerSection(name: string): name is ServerSection {
  return Object.hasOwn(serverSections, name);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** The path of a place on a server's page; its parts may hold any character. */
export function serverPath(serverId: string, section?: ServerSection, ...rest: readonly string[]): string {
  return [
    '/servers',
    serverId,
    ...(section === undefined ? [] : [section]),
    ...rest.map(encodeURIComponent),
  ].join('/');
}
