// What the file of `setup apply` may say. Secrets are named in it, never written: each is a variable or a file of its own.
import { name as visibleLine } from '@buoy/contract/scalars';
import { newServer, serverChange } from '@buoy/contract/servers';
import {
  channelChoice,
  defaultAgentSetup,
  gatewaySetup,
  nodeSetup,
  onboarding,
  onboardingFields,
  openclawSetup,
  setup as setupEndpoints,
} from '@buoy/contract/setup';
import { downloader } from '@buoy/contract/setup-bodies';
import { z } from 'zod';

export const MAX_SERVERS = 100;

/** Where a secret is read when it is needed. The plan shows it, so it must not look like another one. */
const secretSource = z.union(
  [
    z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,199}$/) }),
    z.strictObject({ file: visibleLine(4_096) }),
  ],
  {
    error: ({ input }) =>
      typeof input === 'string'
        ? 'must not stand in this file as plain text: write { env: VARIABLE } or { file: PATH }'
        : 'must be { env: VARIABLE } or { file: PATH }',
  },
);
export type SecretSource = z.output<typeof secretSource>;

const login = z
  .strictObject({
    password: secretSource.optional(),
    privateKey: secretSource.optional(),
    passphrase: secretSource.optional(),
  })
  .refine(({ password, privateKey }) => (password === undefined) !== (privateKey === undefined), {
    error: 'must have a password or a privateKey, and not both',
  })
  .refine(({ privateKey, passphrase }) => passphrase === undefined || privateKey !== undefined, {
    path: ['passphrase'],
    error: 'goes with a privateKey',
  });
export type Login = z.output<typeof login>;

const onboardingStep = onboardingFields.extend({ apiKey: secretSource.optional() });
const channel = channelChoice.extend({ botToken: secretSource });

/** What is left out is left as it is on a server that has it already. */
const setupSteps = z.strictObject({
  onboard: onboardingStep.optional(),
  node: nodeSetup.optional(),
  openclaw: openclawSetup.optional(),
  gateway: z
    .strictObject({
      port: gatewaySetup.shape.port.unwrap().optional(),
      bind: gatewaySetup.shape.bind.unwrap().optional(),
    })
    .optional(),
  agent: defaultAgentSetup.optional(),
  channel: channel.nullable().optional(),
  sudoPassword: secretSource.nullable().optional(),
  via: downloader.optional(),
});
type SetupSteps = z.output<typeof setupSteps>;

const settings = {
  username: newServer.shape.username.optional(),
  port: serverChange.shape.port,
  tags: serverChange.shape.tags,
  /** A server of this file, or one in Buoy by its name or id; null: none. */
  jump: visibleLine(100).nullable().optional(),
  auth: login.optional(),
  /** null: the server is only added. */
  setup: setupSteps.nullable().optional(),
};
const listedServer = z.strictObject({
  /** Of a server that the name alone does not choose. */
  id: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/)
    .optional(),
  name: newServer.shape.name,
  host: newServer.shape.host,
  hostKey: newServer.shape.hostKey,
  ...settings,
});
export const serversFile = z.strictObject({
  defaults: z.strictObject(settings).optional(),
  servers: z.array(listedServer).min(1).max(MAX_SERVERS),
});

export type DescribedSetup = Omit<SetupSteps, 'onboard'> & { onboard: z.output<typeof onboardingStep> };
export type DescribedServer = Omit<z.output<typeof listedServer>, 'username' | 'setup'> & {
  username: string;
  setup: DescribedSetup | null;
};

export type FileIssue = { path: Array<string | number>; message: string };

/** The servers with the defaults in place of what they leave out: as a whole, and in `setup` step by step. */
export function describedServers({ defaults = {}, servers }: z.output<typeof serversFile>): {
  servers: DescribedServer[];
  issues: FileIssue[];
} {
  const issues: FileIssue[] = [];
  const described = servers.map((own, index): DescribedServer => {
    const path = ['servers', index];
    const steps = own.setup === null ? null : withDefaults(own.setup, defaults.setup);
    const { username = '' } = { ...defaults, ...own };
    if (username === '') issues.push({ path: [...path, 'username'], message: 'is missing' });
    if (steps === null) return { ...defaults, ...own, username, setup: null };
    const { onboard } = steps;
    if (onboard === undefined)
      issues.push({ path: [...path, 'setup', 'onboard'], message: 'is missing: the provider, or skip' });
    else for (const issue of onboardingIssues(onboard, [...path, 'setup', 'onboard'])) issues.push(issue);
    const setup = { ...steps, onboard: onboard ?? onboardingStep.parse({ provider: 'skip' }) };
    return { ...defaults, ...own, username, setup };
  });
  return { servers: described, issues: [...issues, ...repeatedIn(described), ...circlesIn(described)] };
}

function withDefaults(
  own: SetupSteps | undefined,
  defaults: SetupSteps | null | undefined,
): SetupSteps | null {
  if (own === undefined) return defaults ?? null;
  return { ...defaults, ...own };
}

/** What the provider needs, by the rules of the API. */
function onboardingIssues(onboard: z.output<typeof onboardingStep>, path: FileIssue['path']): FileIssue[] {
  const { apiKey, ...others } = onboard;
  const checked = onboarding.safeParse({ ...others, ...(apiKey === undefined ? {} : { apiKey: 'given' }) });
  if (checked.success) return [];
  return checked.error.issues.map((issue) => ({
    path: [...path, ...pathOf(issue)],
    message: issue.message,
  }));
}

function repeatedIn(servers: readonly DescribedServer[]): FileIssue[] {
  return (['name', 'id'] as const).flatMap((field) => {
    const seen = new Set<string>();
    return servers.flatMap((server, index) => {
      const value = server[field];
      if (value === undefined || !seen.has(value)) {
        seen.add(value ?? '');
        return [];
      }
      return [{ path: ['servers', index, field], message: 'is that of another server in this file' }];
    });
  });
}

/** Servers that would be reached through each other. */
function circlesIn(servers: readonly DescribedServer[]): FileIssue[] {
  const jumps = new Map(servers.map(({ name, jump }) => [name, jump ?? null]));
  return servers.flatMap(({ name }, index) => {
    const passed = new Set<string>();
    for (let at = jumps.get(name) ?? null; at !== null; at = jumps.get(at) ?? null) {
      if (at === name)
        return [{ path: ['servers', index, 'jump'], message: 'leads back to the server itself' }];
      if (passed.has(at)) return [];
      passed.add(at);
    }
    return [];
  });
}

/** What the API would refuse in the bodies of the calls, without their values. */
export function newServerIssues(body: unknown): string[] {
  return sentencesOf(newServer.safeParse(body).error);
}

export function setupIssues(body: unknown): string[] {
  return sentencesOf(setupEndpoints['POST /servers/:id/setup/run'].body.safeParse(body).error);
}

function sentencesOf(error: z.ZodError | undefined): string[] {
  return (error?.issues ?? []).map((issue) => `${pathOf(issue).join('.')} ${issue.message}`);
}

function pathOf({ path }: Pick<z.core.$ZodIssue, 'path'>): Array<string | number> {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}
