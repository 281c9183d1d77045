// The chapters of the OpenAPI document: a call belongs to the last whose pattern its path fits.

const chapters: ReadonlyArray<{ name: string; description: string; path: RegExp }> = [
  {
    name: 'Servers',
    description: 'The managed servers, commands and terminals.',
    path: /^\/(servers|history)/,
  },
  {
    name: 'Access',
    description: 'Who has which role on a server, and invites.',
    path: /^\/invites\/|^\/servers\/:id\/(access|invites|transfer)/,
  },
  {
    name: 'Alerts',
    description: 'What is wrong on the servers, who takes care of it, and when it is not told.',
    path: /^\/(alerts|maintenance|thresholds)|^\/servers\/:id\/(auto-repair|check|maintenance|thresholds)/,
  },
  {
    name: 'Status pages',
    description: 'What anybody with a link sees of some servers, without an account.',
    path: /^\/status/,
  },
  { name: 'Tasks', description: 'Longer work, as a journal of steps.', path: /^\/tasks/ },
  {
    name: 'Setup',
    description:
      'Installing OpenClaw on a server, step by step or in one task, updates of it, and snapshots.',
    path: /^\/servers\/:id\/setup\//,
  },
  {
    name: 'Rollouts',
    description: 'Updates of several servers, a few at a time, and the policies that hold for updates.',
    path: /^\/(rollouts|update-policies)/,
  },
  { name: 'Gateway', description: 'State, logs, usage and service of a gateway.', path: /\/openclaw\// },
  {
    name: 'Agents',
    description: 'The agents of a gateway, with their files, skills, bindings and keys.',
    path: /\/openclaw\/agents/,
  },
  { name: 'Sessions', description: 'Conversations with agents.', path: /\/openclaw\/sessions/ },
  {
    name: 'Configuration',
    description: "A gateway's config file and models, with history and rollback.",
    path: /\/openclaw\/(config|models)/,
  },
  { name: 'Skills', description: 'Skills of a gateway.', path: /\/openclaw\/skills/ },
  { name: 'Scheduled jobs', description: 'What agents do by the clock.', path: /\/openclaw\/cron/ },
  {
    name: 'Approvals',
    description: 'Pairing requests and commands that wait for a decision.',
    path: /^\/inbox|\/openclaw\/(pairing|approvals|exec-policy)/,
  },
  {
    name: 'Account',
    description: 'The signed-in person: devices, API tokens, notifications.',
    path: /^\/me(\/|$)/,
  },
  {
    name: 'Control UI',
    description: "OpenClaw's own web page, passed through by Buoy.",
    path: /\/(control-ui|dashboard-url)$/,
  },
  {
    name: 'Sign-in',
    description: 'Ways to get a token. Scripts use an API token and need none of these calls.',
    path: /^\/auth\//,
  },
  {
    name: 'Administration',
    description: 'People, backups and the audit log. Super-admins only.',
    path: /^\/admin\//,
  },
  {
    name: 'Buoy',
    description: 'Liveness, metrics and the OpenAPI document.',
    path: /^\/(health|metrics|openapi\.json)$/,
  },
];

/** The chapter of a contract path. @throws when no chapter has it */
export function tagOf(path: string): string {
  const chapter = chapters.findLast((one) => one.path.test(path));
  if (chapter === undefined) throw new Error(`No chapter of the API reference has the path ${path}.`);
  return chapter.name;
}

/** The chapters that these paths belong to, in the order of the reference. */
export function tagsOf(paths: readonly string[]): Array<{ name: string; description: string }> {
  const used = new Set(paths.map(tagOf));
  return chapters
    .filter(({ name }) => used.has(name))
    .map(({ name, description }) => ({ name, description }));
}
