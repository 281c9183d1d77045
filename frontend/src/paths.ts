// Which page a path of the app shows, and the other way round. It imports nothing, so that every page may import it.

/** The pages that are not about one server. */
const pageNames = [
  'device',
  'invite',
  'control-ui',
  'alerts',
  'inbox',
  'tasks',
  'rollouts',
  'update-policies',
  'status-pages',
  'account',
  'admin',
] as const;
export type PageName = (typeof pageNames)[number];

/** The sections of a server's page, in the order of its tabs. */
export const serverSectionNames = [
  'history',
  'agents',
  'sessions',
  'channels',
  'skills',
  'cron',
  'config',
  'logs',
  'usage',
  'terminal',
  'access',
  'tasks',
  'settings',
] as const;
export type ServerSection = (typeof serverSectionNames)[number];

export type Route =
  | { kind: 'home' }
  | { kind: 'add-server' }
  | { kind: 'bulk-setup' }
  | { kind: 'server'; serverId: string; section: ServerSection | null; rest: readonly string[] }
  | { kind: 'page'; name: PageName; rest: readonly string[] }
  | { kind: 'unknown' };

/** @param path of the address bar; parts of it come decoded, so that names with any character can stand in it */
export function routeOf(path: string): Route {
  const [first = '', ...rest] = path.split('/').slice(1).map(decoded);
  if (first === '' || path === '/sign-in') return { kind: 'home' };
  if (first !== 'servers')
    return isPageName(first) ? { kind: 'page', name: first, rest } : { kind: 'unknown' };
  const [serverId = '', section, ...more] = rest;
  if (serverId === 'new' && section === undefined) return { kind: 'add-server' };
  if (path === BULK_SETUP_PATH) return { kind: 'bulk-setup' };
  if (!/^[A-Za-z0-9_-]{1,64}$/.test(serverId)) return { kind: 'unknown' };
  if (section === undefined) return { kind: 'server', serverId, section: null, rest: [] };
  return isServerSection(section) ? { kind: 'server', serverId, section, rest: more } : { kind: 'unknown' };
}

function isPageName(name: string): name is PageName {
  return (pageNames as readonly string[]).includes(name);
}

function isServerSection(name: string): name is ServerSection {
  return (serverSectionNames as readonly string[]).includes(name);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** Where several servers are added and set up together. */
export const BULK_SETUP_PATH = '/servers/new/several';

/** The token of a status page, which visitors open without the app around it; null: the path is one of the app's own. */
export function statusTokenIn(path: string): string | null {
  return /^\/status\/([\w-]{1,256})\/?$/.exec(path)?.[1] ?? null;
}

/** Where a new status page is made. */
export const NEW_STATUS_PAGE_PATH = '/status-pages/new';

export function statusPagePath(id: string): string {
  return `/status-pages/${encodeURIComponent(id.toWellFormed())}`;
}

/** Where a new update policy is made. */
export const NEW_POLICY_PATH = '/update-policies/~new';

/** The path of an update policy; a tag may hold any character, also the one that begins the place of a new policy. */
export function policyPath(tag: string): string {
  return `/update-policies/${encodeURIComponent((tag.startsWith('~') ? `~${tag}` : tag).toWellFormed())}`;
}

/** What a part of the path behind `/update-policies` names: null is a new policy. */
export function tagInPath(part: string): string | null {
  if (part === '~new') return null;
  return part.startsWith('~') ? part.slice(1) : part;
}

/** The path of a place on a server's page; its parts may hold any character. */
export function serverPath(serverId: string, section?: ServerSection, ...rest: readonly string[]): string {
  return [
    '/servers',
    serverId,
    ...(section === undefined ? [] : [section]),
    ...rest.map((part) => encodeURIComponent(part.toWellFormed())),
  ].join('/');
}
