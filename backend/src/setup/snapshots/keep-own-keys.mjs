// Runs on the server that a snapshot leaves, so that its keys stay there, and then on the one on which it is restored: two gateways must not be one device,
// nor log in to the same channels. What OpenClaw calls secret is in its docs/cli/backup.md (2026.9.6). Arguments: the unpacked folder, the folder that is
// there or `leaving`, the package, yes with credentials. Behind `secretRules`.
import {
  cpSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';

const [, unpacked, present, packageFolder, withCredentialsWord] = process.argv;
const withCredentials = withCredentialsWord === 'yes';
const isLeaving = present === 'leaving';
/** Stands in a config on its way, where a secret was: a field of that name keeps what it has on the other server. */
const LEFT_OUT = 'left-out-by-buoy';

/** What makes a gateway this one: its device, who is paired with it, what it has still to send. */
const tablesOfGateway = [
  ...['audit_identity_keys', 'apns_registrations', 'apns_registration_tombstones', 'channel_ingress_events'],
  ...[
    'channel_pairing_requests',
    'clawhub_promotion_claims',
    'config_revision_keys',
    'delivery_queue_entries',
  ],
  ...['device_auth_tokens', 'device_bootstrap_tokens', 'device_identities', 'device_pair_setup_completions'],
  ...[
    'device_pairing_join_codes',
    'device_pairing_paired',
    'device_pairing_pending',
    'gateway_boot_lifecycle',
  ],
  ...['gateway_origin_device_tokens', 'gateway_restart_handoff', 'gateway_restart_intent'],
  ...['gateway_restart_sentinel', 'native_hook_relay_bridges', 'node_host_config', 'node_pairing_paired'],
  ...['node_pairing_pending', 'state_leases', 'web_push_approval_deliveries', 'web_push_subscriptions'],
  ...['web_push_vapid_keys', 'worker_environment_credentials'],
];
/** Keys of model providers, and what people have stored as secret. */
const tablesOfKeys = [
  ...['auth_profile_state', 'auth_profile_store', 'auth_profile_stores', 'mcp_oauth_stores'],
  ...['mcp_oauth_pending_authorizations', 'secret_store_entries', 'session_suggestions'],
];
/** In a version that is not known yet. */
const secretTable = /(^|_)(secrets?|tokens?|credentials?|passwords?|oauth|vapid|auth_profiles?)(_|$)/;
const statesOfGateway = ['nodeHost.', 'webPush.vapidKeys'];
const statesOfKeys = ['authProfiles.'];

/** In OpenClaw's folder: what stays that of the server on which it is restored. */
const ownEntries = ['.env', 'identity', 'devices', 'nodes', 'push'];
/** What is taken from a snapshot without credentials: all else may hold keys. */
const keyless =
  /^(openclaw\.json|agents|state|workspace.*|skills|cron|memory|media|extensions|plugins|completions|sessions|canvas)$/;
/** The same in the folder of an agent, and in what OpenClaw calls its agent folder. */
const keylessAgents = /^(agent|sessions|memory)$/;
const keylessOfAgent = /^(openclaw-agent\.sqlite|sessions|memory|.*\.md)$/;

/** Those by which Buoy hides what is secret in a config that it shows. */
const [ofLetters, ofNames, publicNames, shapes] = ['letters', 'names', 'publicNames', 'shapes'].map((kind) =>
  secretRules[kind].map(({ source, flags }) => new RegExp(source, flags.replace('g', ''))),
);
const secretText =
  /^(?:sk-|xox[a-z]-|gh[a-z]_|AIza|glpat-)\S{8,}|^\d{6,}:[A-Za-z0-9_-]{30,}$|-----BEGIN [A-Z ]*PRIVATE KEY/;
const userInUrl = /(?<=[a-z0-9+.-]:\/\/)[^\s/@]*@/gi;
const secretOption = /^--?(?=[A-Za-z])/;

function lettersOf(name) {
  return name.toLowerCase().replace(/[_-]/g, '');
}

function isSecretName(name) {
  return [name, name.replace(/s$/i, '')].some((one) => {
    const letters = lettersOf(one);
    if (ofLetters.some((pattern) => pattern.test(letters))) return true;
    return (
      ofNames.some((pattern) => pattern.test(one)) && !publicNames.some((pattern) => pattern.test(letters))
    );
  });
}

function isSecretText(text) {
  return secretText.test(text) || shapes.some((pattern) => pattern.test(text));
}

function isFolder(file) {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function removeAll(folder, keeps) {
  for (const name of isFolder(folder) ? readdirSync(folder) : [])
    if (!keeps(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** Never through a link: it would empty another database. */
function isFile(file) {
  return existsSync(file) && lstatSync(file).isFile();
}

function emptyTables(file) {
  if (!isFile(file)) return;
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    const names = database
      .prepare("select name from sqlite_master where type = 'table'")
      .all()
      .map(({ name }) => String(name));
    const goes = (name) =>
      tablesOfGateway.includes(name) ||
      (!withCredentials && (tablesOfKeys.includes(name) || secretTable.test(name)));
    for (const name of names) if (goes(name)) database.exec(`delete from "${name.replaceAll('"', '""')}"`);
    if (names.includes('config_machine_state')) {
      const remove = database.prepare(
        'delete from config_machine_state where substr(state_key, 1, length(?1)) = ?1',
      );
      for (const prefix of [...statesOfGateway, ...(withCredentials ? [] : statesOfKeys)]) remove.run(prefix);
    }
    // What was deleted would still stand in free pages.
    database.exec('pragma journal_mode = delete');
    database.exec('vacuum');
  } finally {
    database.close();
  }
}

function configIn(folder) {
  const file = path.join(folder, 'openclaw.json');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '{}';
  try {
    return JSON.parse(text);
  } catch {
    return createRequire(path.join(packageFolder, 'package.json'))('json5').parse(text);
  }
}

const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** Without its secrets; in the place of one, that which the config of this server has there. */
function withoutSecrets(value, mine, isSecret) {
  if (Array.isArray(value))
    return value
      .map((item, index) => {
        // `--api-key` and what follows it.
        const before = typeof value[index - 1] === 'string' ? value[index - 1] : '';
        const hides = secretOption.test(before) && isSecretName(before.replace(/^-+/, ''));
        return withoutSecrets(item, undefined, isSecret || hides);
      })
      .filter((item) => item !== undefined);
  if (isObject(value)) {
    // A reference to a secret that is kept elsewhere, which is not on the other server.
    if (!isLeaving && isSecret && 'source' in value && 'id' in value)
      return isObject(mine) ? mine : undefined;
    const entries = Object.entries(value).map(([name, item]) => {
      // A header that a person names, as in OpenClaw's `request.auth`.
      const hides = isSecret || isSecretName(name) || (name === 'value' && 'headerName' in value);
      return [name, withoutSecrets(item, isObject(mine) ? mine[name] : undefined, hides)];
    });
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
  }
  if (typeof value !== 'string') return value;
  const address = value.replace(userInUrl, '');
  if (!isSecret && value !== LEFT_OUT && !isSecretText(address)) return address;
  if (isLeaving) return LEFT_OUT;
  return typeof mine === 'string' ? mine : undefined;
}

/** So that no channel is used by two gateways: a person turns it off there, then on here. */
function disabled(channels) {
  if (!isObject(channels)) return channels;
  return Object.fromEntries(
    Object.entries(channels).map(([name, channel]) => {
      if (!isObject(channel) || name === 'defaults' || name === 'modelByChannel') return [name, channel];
      const accounts = isObject(channel.accounts)
        ? {
            accounts: Object.fromEntries(
              Object.entries(channel.accounts).map(([id, account]) => [
                id,
                isObject(account) ? { ...account, enabled: false } : account,
              ]),
            ),
          }
        : {};
      return [name, { ...channel, ...accounts, enabled: false }];
    }),
  );
}

function holdsInclude(value) {
  if (Array.isArray(value)) return value.some(holdsInclude);
  return isObject(value) && ('$include' in value || Object.values(value).some(holdsInclude));
}

const theirs = configIn(unpacked);
const mine = configIn(present);
if (!isObject(theirs) || !isObject(mine)) throw new Error('A config is not an object.');
// Their secrets may stand in any of the files.
if (holdsInclude(theirs)) throw new Error('The config of the snapshot consists of several files ($include).');

const config = withCredentials
  ? { ...theirs, channels: disabled(theirs.channels) }
  : { ...withoutSecrets(theirs, mine, false), channels: mine.channels };
const { mode, port, bind, auth } = isObject(mine.gateway) ? mine.gateway : {};
const { auth: _auth, remote: _remote, ...gateway } = isObject(config.gateway) ? config.gateway : {};
config.gateway = { ...gateway, mode, port, bind, auth };
// JSON leaves out what is undefined.
writeFileSync(path.join(unpacked, 'openclaw.json'), `${JSON.stringify(config, null, 2)}\n`, { mode: 0o600 });

// OpenClaw would go back to a copy of the old config by itself.
removeAll(unpacked, (name) => !/^openclaw\.json./.test(name) && name !== 'config-journal-fingerprint.key');
removeAll(path.join(unpacked, 'state'), (name) => !/\.sqlite\./.test(name));
if (!withCredentials) {
  removeAll(unpacked, (name) => keyless.test(name));
  removeAll(path.join(unpacked, 'state'), (name) => name === 'openclaw.sqlite');
}
for (const name of withCredentials ? ownEntries : [...ownEntries, 'credentials']) {
  rmSync(path.join(unpacked, name), { recursive: true, force: true });
  if (existsSync(path.join(present, name)))
    cpSync(path.join(present, name), path.join(unpacked, name), { recursive: true, verbatimSymlinks: true });
}
emptyTables(path.join(unpacked, 'state/openclaw.sqlite'));
const agents = path.join(unpacked, 'agents');
for (const id of isFolder(agents) ? readdirSync(agents) : []) {
  if (!withCredentials) removeAll(path.join(agents, id), (name) => keylessAgents.test(name));
  const folder = path.join(agents, id, 'agent');
  if (!isFolder(folder)) continue;
  if (!withCredentials) removeAll(folder, (name) => keylessOfAgent.test(name));
  emptyTables(path.join(folder, 'openclaw-agent.sqlite'));
}
