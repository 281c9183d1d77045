// The bodies of the calls that make a server as the file describes it.
import type { Contract, NewServer, RequestOf, ServerChange } from '@buoy/contract';
import { authTypeOf, isMoved, type RecordChange, type SetupFacts } from './differences.ts';
import type { SecretReader } from './secret-sources.ts';
import type { DescribedServer, DescribedSetup, Login } from './servers-file.ts';

export type SetupRun = RequestOf<Contract['POST /servers/:id/setup/run']>['body'];

/** @param hostKey the only key that may receive the secret; undefined: the first that answers. Throws CommandError for a secret */
export async function newServerBody(
  described: DescribedServer & { auth: Login },
  jumpServerId: string | null,
  hostKey: string | undefined,
  secrets: SecretReader,
): Promise<NewServer> {
  const { name, host, port = 22, username, tags = [], auth } = described;
  return {
    ...{ name, host, port, username, tags, jumpServerId },
    ...(await credentialOf(auth, secrets)),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}

/**
 * The changed fields; a server that moves gets its secret again.
 * @param way.hostKey the only key that may receive the secret from now on; undefined: that one stays. Throws CommandError for a secret
 */
export async function serverChangeBody(
  described: DescribedServer,
  changes: readonly RecordChange[],
  { jumpServerId, hostKey }: { jumpServerId: string | null; hostKey?: string | undefined },
  secrets: SecretReader,
): Promise<ServerChange> {
  const isChanged = (field: RecordChange['field']) => changes.some((one) => one.field === field);
  const { name, host, port, username, tags, auth } = described;
  return {
    ...(isChanged('name') ? { name } : {}),
    ...(isChanged('host') ? { host } : {}),
    ...(isChanged('port') ? { port } : {}),
    ...(isChanged('username') ? { username } : {}),
    ...(isChanged('tags') ? { tags } : {}),
    ...(isChanged('jump') ? { jumpServerId } : {}),
    ...(auth !== undefined && isMoved(changes) ? await credentialOf(auth, secrets) : {}),
    ...(hostKey === undefined ? {} : { hostKey }),
  };
}

type Credential = Pick<NewServer, 'authType' | 'password' | 'privateKey' | 'passphrase'>;

async function credentialOf(auth: Login, secrets: SecretReader): Promise<Credential> {
  const authType = authTypeOf(auth);
  const { password, privateKey, passphrase } = auth;
  return {
    authType,
    ...(password === undefined ? {} : { password: await secrets.read(password) }),
    ...(privateKey === undefined ? {} : { privateKey: await secrets.read(privateKey, { isKey: true }) }),
    ...(passphrase === undefined ? {} : { passphrase: await secrets.read(passphrase) }),
  };
}

/**
 * What is not described stays as it is where OpenClaw is there: its version, port and address, and its default agent.
 * @param facts null for a server that was never seen. Throws CommandError for a secret
 */
export async function setupBody(
  setup: DescribedSetup,
  facts: SetupFacts | null,
  secrets: SecretReader,
): Promise<SetupRun> {
  const { onboard, node, openclaw, gateway = {}, agent, channel, sudoPassword, via } = setup;
  const { apiKey, ...onboarding } = onboard;
  const there = facts?.status.installed === true ? facts : null;
  const port = gateway.port ?? there?.status.gateway.port ?? undefined;
  const bind = gateway.bind ?? knownBind(there?.status.gateway.bind);
  const agentId = there?.agents?.find(({ isDefault }) => isDefault)?.id;
  return {
    onboard: { ...onboarding, ...(apiKey === undefined ? {} : { apiKey: await secrets.read(apiKey) }) },
    ...(node === undefined ? {} : { node }),
    // Only an update may replace what runs: it can go back.
    ...(openclaw === undefined || there !== null ? {} : { openclaw }),
    gateway: { ...(port === undefined ? {} : { port }), ...(bind === undefined ? {} : { bind }) },
    ...(agent !== undefined ? { agent } : agentId !== undefined ? { agent: { id: agentId } } : {}),
    ...(channel ? { channel: { ...channel, botToken: await secrets.read(channel.botToken) } } : {}),
    ...(sudoPassword ? { sudoPassword: await secrets.read(sudoPassword) } : {}),
    ...(via === undefined ? {} : { via }),
  };
}

const binds = ['loopback', 'lan', 'tailnet'] as const;

function knownBind(bind: string | null | undefined): (typeof binds)[number] | undefined {
  return binds.find((one) => one === bind);
}
