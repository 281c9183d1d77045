// Runs on the server that a snapshot leaves, so that its keys stay there, and then on the one on which it is restored: two gateways must not be one device,
// nor log in to the same channels. What OpenClaw calls secret is in its docs/cli/backup.md (2026.9.6). Arguments: the unpacked folder, the folder that is
// there or `leaving`, the package, yes with credentials. Behind `secretRules`.
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  realpathSync,
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
const statesOfGateway = ['nodeHost.', 'webPush.vapidKeys'];
/** Plugins whose rows are the identity of a gateway, and what is paired with it. */
const pluginsOfGateway = ['reef', 'device-pair'];
/**
 * All that is kept of a database without credentials, of OpenClaw 2026.9.6 and 2026.7.35. What is not here may hold keys, or is about this server alone. No
 * table here refers to one that is not.
 */
const keylessTables = new Set([
  // Without these, OpenClaw takes a database for another one, or migrates it again.
  ...['schema_meta', 'migration_runs', 'migration_sources', 'config_machine_state', 'installed_plugin_index'],
  // Agents and their workspaces
  ...['agent_databases', 'agent_deletion_journal', 'agent_provenance', 'projects', 'user_preferences'],
  ...['workspace_generated_bootstrap_hashes', 'workspace_path_aliases', 'workspace_setup_state'],
  ...['claw_installs', 'claw_cron_refs', 'claw_mcp_server_refs', 'claw_package_refs', 'claw_workspace_files'],
  // Dropping what a command may do would allow all of them.
  'exec_approvals_config',
  // Jobs and runs
  ...['cron_jobs', 'cron_job_scratch', 'cron_run_receipts', 'cron_run_trigger_state_retirements'],
  ...['task_runs', 'task_delivery_state', 'subagent_runs', 'heartbeat_outcomes', 'message_tool_run_outcomes'],
  // Skills
  ...['skill_usage', 'skill_library_entries', 'skill_library_events', 'skill_library_revisions'],
  ...['skill_workshop_collection_reviews', 'skill_workshop_proposals', 'skill_workshop_proposal_events'],
  ...['skill_workshop_proposal_rollbacks', 'skill_curator_state', 'skill_lifecycle'],
  // Sessions and their conversations
  ...['session_nodes', 'session_windows', 'session_key_contract', 'session_canonical_validation_pending'],
  ...['session_groups', 'session_members', 'session_participants', 'session_conversations', 'conversations'],
  ...['session_state_events', 'session_state_heads', 'session_watch_cursors', 'session_progress_cards'],
  ...['sessions', 'session_routes', 'board_tabs', 'board_widgets', 'managed_outgoing_image_records'],
  ...['transcript_events', 'transcript_event_identities', 'transcript_rewrite_watermarks'],
  ...['session_transcript_active_events', 'session_transcript_archives', 'session_transcript_cold_archives'],
  ...['session_transcript_fts', 'session_transcript_fts_rows', 'session_transcript_index_state'],
  ...['trajectory_runtime_events', 'acp_parent_stream_events', 'acp_replay_events', 'acp_replay_sessions'],
  ...['meeting_transcript_sessions', 'meeting_transcript_summaries', 'meeting_transcript_utterances'],
  // Memory
  ...['memory_index_meta', 'memory_index_sources', 'memory_index_state', 'memory_index_chunks'],
  ...['memory_index_chunks_fts', 'memory_index_paths_fts', 'memory_index_chunks_vec'],
  ...['memory_index_chunk_provenance', 'memory_index_chunk_recall_metadata', 'memory_entry_origins'],
  ...['memory_session_tombstones', 'memory_embedding_cache', 'standing_intents', 'standing_intents_fts'],
  'plugin_state_entries',
]);
const keylessStates = ['config.', 'plugins.', 'state.schema.', 'doctor.', 'voicewake.'];
const keylessPlugins = ['memory-core', 'core:memory-artifact-provenance'];

/** Of these, texts lose their secrets, errors go, and so does what OpenClaw computes again. */
const tablesOfJobs = ['cron_jobs', 'claw_cron_refs', 'cron_run_receipts', 'task_runs'];
const idColumn = /_(?:id|key)$/;
const columnThatGoes = /(?:^|_)error(?:_text)?$|^schedule_identity$/;

/** In OpenClaw's folder: what stays that of the server on which it is restored. */
const ownEntries = ['.env', 'identity', 'devices', 'nodes', 'push'];
/** What is taken from a snapshot without credentials: all else may hold keys. Jobs are in the database; `cron` has what older versions kept of them. */
const keyless =
  /^(openclaw\.json|agents|state|workspace.*|skills|memory|media|extensions|plugins|completions|sessions|canvas)$/;
/** In these folders, except in workspaces, whose files go as they are: files that are keys by their names, and old copies, which may hold some. */
const namedLikeKeys = [
  /^(\.env.*|.*\.env|\.?mcp(orter)?\.json|\.npmrc|\.netrc|\.pypirc|\.git-credentials|credentials(\.json)?)$/i,
  /^id_(rsa|dsa|ecdsa|ed25519)$|\.(pem|key|p12|pfx|jks|ppk)$|\.(bak|migrated)\b|~$/i,
];
/** The same in the folder of an agent, and in what OpenClaw calls its agent folder. */
const keylessAgents = /^(agent|sessions|memory)$/;
const keylessOfAgent = /^(openclaw-agent\.sqlite|sessions|memory|.*\.md)$/;

/** Also where an agent has its folder elsewhere, as in a workspace: its database, copies of one, and its keys. */
const database = /^openclaw.*\.sqlite$/;
const remainsOfDatabase = /^openclaw.*\.sqlite./;
const keyFile = /^(auth(-profiles|-state)?\.json(\..*)?|codex-home)$/;
const keyFileOfAgent = /^(models|oauth)\.json(\..*)?$/;

/** Those by which Buoy hides what is secret in a config that it shows. */
const rulesOf = (kind, flagsOf) =>
  secretRules[kind].map(({ source, flags }) => new RegExp(source, flagsOf(flags.replace('g', ''))));
const [ofLetters, ofNames, publicNames] = ['letters', 'names', 'publicNames'].map((kind) =>
  rulesOf(kind, (flags) => flags),
);
const shapes = rulesOf('shapes', (flags) => `${flags}g`);
const secretText = /^(?:(?:sk-|xox[a-z]-|gh[a-z]_|AIza|glpat-)\S{8,}|\d{6,}:[A-Za-z0-9_-]{30,})$/;
/** Ahead of the host, with a password: up to the last @ that can belong to it. */
const loginInUrl = /(?<=[a-z0-9+.-]:\/\/)[^\s/?#:@[]*:[^\s/?#]*@/gi;
/** The same with a / in the password: a port would be digits. */
const loginWithSlash = /(?<=[a-z0-9+.-]:\/\/)[^\s/?#:@[]*:(?!\d{0,5}(?:[/?#]|$))[^\s"']*@/gi;
/** A user who is a token. */
const tokenInUrl = /(?<=[a-z0-9+.-]:\/\/)(?=[^\s/@]*\d)[^\s/?#:@]{20,}@/gi;
/** Where a config or a template is filled in later: a name, and no secret. */
const references = /\$\{[A-Za-z_]\w*\}|\{\{[^{}\n]{0,100}(?:\}\}|$)/g;
const placeholders = /\uE000(\d+)\uE001/g;
const scheme = /^(?:bearer|basic)\s/i;
/** How many tokens a model may use. */
const countName = /tokens$|^(?:max|min).*token$/;
const countAhead = /tokens["']?\s*[=:]?\s*$/i;
const count = /^\d[\d_.,]*[km]?$/i;
const option = /^--?[A-Za-z][\w-]*$/;
const assignment = /^(-{0,2}([A-Za-z_][\w.-]*)=)(.+)$/s;
const headerOption = /^(?:-H|--header)$/;
const header = /^(([\w-]+):\s*)(.+)$/s;

/** Fields in which people choose the names, in `openclaw config schema` of 2026.9.6. */
const chosenNames = new Set([
  ...['profiles', 'servers', 'entries', 'providers', 'accounts', 'agents', 'models', 'personas', 'surfaces'],
  ...['byProvider', 'toolsBySender', 'safeBinProfiles', 'definitions', 'accessGroups', 'members', 'peers'],
  ...['groups', 'topics', 'rooms', 'dms', 'direct', 'guilds', 'teams', 'channels', 'resetByChannel'],
  ...['identityLinks', 'identityScopes', 'order', 'allowFrom', 'broadcast', 'routes', 'nodes', 'workspaces'],
  ...['items', 'providerOptions', 'ulimits', 'modelByChannel', 'projectProfiles', 'channelRules'],
]);
/** Fields that are called like a secret, and say where secrets are found, or something else. */
const noSecrets = new Set([
  'secrets',
  'secrets.defaults.env',
  'env.shellEnv',
  'gateway.controlUi.environment',
  'job.declarationKey',
]);

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

/** Whether a secret stands under the name. */
function hides(name, value) {
  return isSecretName(name) && !(countName.test(lettersOf(name)) && count.test(String(value)));
}

/** Where nothing is left beside what is filled in later. */
function isFilledIn(value) {
  const left = value.replace(references, '').replace(placeholders, '');
  return ['', '""', "''"].includes(left.replace(scheme, ''));
}

function isLogin(value, ahead) {
  return /authorization\W{0,6}$/i.test(ahead) || (value.length >= 16 && /[\d=]/.test(value));
}

/** Without the secrets that stand in a longer text. */
function withoutShapes(text) {
  const held = [];
  // A shape would end within a reference.
  const plain = text.replace(references, (reference) => `\uE000${held.push(reference) - 1}\uE001`);
  const loginGoes = (login) => (/^:?@$/.test(login.replace(placeholders, '')) ? login : '');
  const address = [loginInUrl, loginWithSlash, tokenInUrl].reduce(
    (left, pattern) => left.replace(pattern, loginGoes),
    plain,
  );
  const bare = shapes.reduce(
    (left, shape) =>
      left.replace(shape, (found, before, offset, whole) => {
        const value = found.slice(before.length);
        if (isFilledIn(value)) return found;
        if (scheme.test(before) && !isLogin(value, whole.slice(Math.max(0, offset - 30), offset)))
          return found;
        if (countAhead.test(before) && count.test(value)) return found;
        const [quote] = /^["']|/.exec(value);
        return `${before}${quote}${LEFT_OUT}${quote}`;
      }),
    address,
  );
  return bare.replace(placeholders, (found, index) => held[index] ?? found);
}

function isFolder(file) {
  return statSync(file, { throwIfNoEntry: false })?.isDirectory() === true;
}

function removeAll(folder, keeps) {
  for (const name of isFolder(folder) ? readdirSync(folder) : [])
    if (!keeps(name)) rmSync(path.join(folder, name), { recursive: true, force: true });
}

/** All below, without following links. Folders come before what is in them, and what has gone meanwhile is not looked into. */
function* below(folder) {
  for (const entry of isFolder(folder) ? readdirSync(folder, { withFileTypes: true }) : []) {
    const file = path.join(folder, entry.name);
    yield file;
    if (entry.isDirectory()) yield* below(file);
  }
}

function goes(name, virtual) {
  if (/^sqlite_/.test(name)) return /^sqlite_stat/.test(name);
  if (withCredentials) return tablesOfGateway.includes(name);
  // What a virtual table keeps its rows in.
  const ofVirtual = virtual.some((owner) => keylessTables.has(owner) && name.startsWith(`${owner}_`));
  return !keylessTables.has(name) && !ofVirtual;
}

function emptyTables(connection) {
  const tables = connection.prepare("select name, sql from sqlite_master where type = 'table'").all();
  const virtual = tables.filter(({ sql }) => /^create virtual/i.test(sql)).map(({ name }) => name);
  for (const { name } of tables) {
    if (!goes(name, virtual)) continue;
    const quoted = `"${name.replaceAll('"', '""')}"`;
    // The rows of one whose module is not here are in tables that are emptied too; those of a dropped one have gone with it.
    if (virtual.includes(name)) attempt(() => connection.exec(`drop table ${quoted}`), /no such module/);
    else attempt(() => connection.exec(`delete from ${quoted}`), /no such table/);
  }
  const hasColumn = (table, column) =>
    connection.prepare('select 1 from pragma_table_info(?) where name = ?').get(table, column) !== undefined;
  const rows = (table, column, { kept, gone }) => {
    if (!hasColumn(table, column)) return;
    const remove = connection.prepare(`delete from ${table} where rowid = ?`);
    for (const row of connection.prepare(`select rowid as place, ${column} as name from ${table}`).all())
      if (withCredentials ? gone(row.name) : !kept(row.name)) remove.run(row.place);
  };
  const startsWith = (prefixes) => (name) => prefixes.some((prefix) => name.startsWith(prefix));
  rows('config_machine_state', 'state_key', {
    kept: startsWith(keylessStates),
    gone: startsWith(statesOfGateway),
  });
  for (const table of ['plugin_state_entries', 'plugin_blob_entries'])
    rows(table, 'plugin_id', {
      kept: (name) => keylessPlugins.includes(name),
      gone: (name) => pluginsOfGateway.includes(name),
    });
  const texts = (table, column, changed) => {
    if (!hasColumn(table, column)) return;
    const update = connection.prepare(`update ${table} set ${column} = ? where rowid = ?`);
    const select = `select rowid as place, ${column} as text from ${table} where ${column} is not null`;
    for (const { place, text } of connection.prepare(select).all()) {
      const after = changed(text);
      if (after !== text) update.run(after, place);
    }
  };
  texts('exec_approvals_config', 'raw_json', approvalsWithoutKeys);
  if (withCredentials) return;
  const columns = connection.prepare(
    "select name from pragma_table_info(?) where type = 'text' collate nocase order by cid",
  );
  for (const table of tablesOfJobs)
    for (const { name } of columns.all(table))
      if (!idColumn.test(name)) texts(table, name, (text) => jobColumnWithoutKeys(name, text));
  texts('projects', 'origin_url', withoutShapes);
}

/** @param expected what a failure may say */
function attempt(act, expected) {
  try {
    act();
  } catch (cause) {
    if (!expected.test(cause.message)) throw cause;
  }
}

/** Rules about commands without the socket of this gateway, nor the commands that ran. */
function approvalsWithoutKeys(text) {
  const { socket: _socket, ...approvals } = JSON.parse(text);
  if (withCredentials) return JSON.stringify(approvals);
  const ofCommands = new Set(['lastUsedCommand', 'lastResolvedPath', 'commandText']);
  const rules = JSON.parse(JSON.stringify(approvals), (name, item) =>
    ofCommands.has(name) ? undefined : item,
  );
  return JSON.stringify(withoutSecrets(rules, undefined, { names: ['approvals'] }));
}

/** A job, a part of it, or one of its texts: a command has variables of its own, and what starts a job may be one too. */
function jobColumnWithoutKeys(column, text) {
  if (columnThatGoes.test(column)) return null;
  const job = jsonOf(text);
  if (job === undefined) return withoutSecrets(text, undefined, { names: ['job'] }) ?? text;
  const left = JSON.stringify(
    column === 'state_json' ? stateWithoutTexts(job) : withoutSecrets(job, undefined, { names: ['job'] }),
  );
  return left === JSON.stringify(job) ? text : left;
}

/** undefined: the text is no object and no list. */
function jsonOf(text) {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** When a job ran and how it ended, so that it does not run again; not what it said. */
function stateWithoutTexts(state) {
  const stays = ([name, value]) =>
    ['number', 'boolean'].includes(typeof value) || (/Status$/.test(name) && /^[a-z-]{1,20}$/.test(value));
  return Object.fromEntries(Object.entries(state).filter(stays));
}

function emptyDatabase(link) {
  if (!existsSync(link)) return;
  const file = realpathSync(link);
  // Another database would be emptied.
  if (!file.startsWith(realpathSync(unpacked) + path.sep) || !statSync(file).isFile()) return;
  const connection = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  try {
    emptyTables(connection);
    // What was deleted would still stand in free pages.
    connection.exec('pragma journal_mode = delete');
    connection.exec('vacuum');
  } finally {
    connection.close();
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

/** Names of fields in which something was left out. */
const leftOut = new Set();

/**
 * Without its secrets; in the place of one, that which the config of this server has there.
 * @param place.names those of the fields on the way
 * @param place.isSecret all that is in it
 * @param place.before the argument ahead of it
 */
function withoutSecrets(value, mine, { names = [], isSecret = false, before } = {}) {
  if (Array.isArray(value))
    return value
      .map((item, index) => {
        const ahead = typeof value[index - 1] === 'string' ? value[index - 1] : '';
        // `--api-key` and what follows it.
        const follows = option.test(ahead) && hides(ahead.replace(/^-+/, ''), item);
        const place = { names: [...names, index], isSecret: isSecret || follows, before: ahead };
        return withoutSecrets(item, undefined, place);
      })
      .filter((item) => item !== undefined);
  if (isObject(value)) return objectWithoutSecrets(value, mine, { names, isSecret });
  if (typeof value === 'number') return isSecret ? ownInPlace(mine, names) : value;
  if (typeof value !== 'string') return value;
  if (isSecret && isFilledIn(value)) return !isLeaving && typeof mine === 'string' ? mine : value;
  const left = before === undefined ? withoutShapes(value) : argumentWithoutSecrets(value, before);
  if (isSecret || left === LEFT_OUT || secretText.test(value)) return ownInPlace(mine, names);
  if (!left.includes(LEFT_OUT)) return left;
  leftOut.add(names.join('.'));
  // An address, or another text that is not for people.
  return !isLeaving && typeof mine === 'string' && !/\s/.test(left) ? mine : left;
}

function ownInPlace(mine, names) {
  leftOut.add(names.join('.'));
  if (isLeaving) return LEFT_OUT;
  return ['string', 'number'].includes(typeof mine) ? mine : undefined;
}

function argumentWithoutSecrets(value, before) {
  const [, start, name, end] =
    assignment.exec(value) ?? (headerOption.test(before) ? header.exec(value) : null) ?? [];
  if (name === undefined || isFilledIn(end) || !hides(name, end)) return withoutShapes(value);
  return `${start}${LEFT_OUT}`;
}

function objectWithoutSecrets(value, mine, { names, isSecret }) {
  // A reference to a secret that is kept elsewhere, which is not on the other server.
  if (!isLeaving && isSecret && 'source' in value && 'id' in value) {
    leftOut.add(names.join('.'));
    return isObject(mine) ? mine : undefined;
  }
  const entries = Object.entries(value).map(([name, item]) => {
    const isOpen = noSecrets.has([...names, name].join('.'));
    const isChosen = chosenNames.has(names.at(-1)) && typeof item === 'object';
    // A header that a person names, as in OpenClaw's `request.auth`.
    const isHeader = name === 'value' && 'headerName' in value;
    const secret = !isOpen && (isSecret || isHeader || (!isChosen && hides(name, item)));
    const place = { names: [...names, name], isSecret: secret };
    return [name, withoutSecrets(item, isObject(mine) ? mine[name] : undefined, place)];
  });
  // OpenClaw takes no login without its secret.
  if (names.at(-1) === 'auth' && names.at(-2) === 'request' && entries.some(([, item]) => item === undefined))
    return isObject(mine) ? mine : undefined;
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
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
// A folder may be called as the word is.
const mine = isLeaving ? {} : configIn(present);
if (!isObject(theirs) || !isObject(mine)) throw new Error('A config is not an object.');
// Their secrets may stand in any of the files.
if (holdsInclude(theirs)) throw new Error('The config of the snapshot consists of several files ($include).');

const { channels, gateway: theirGateway, ...others } = theirs;
const { auth: _auth, remote: _remote, ...gateway } = isObject(theirGateway) ? theirGateway : {};
const { mode, port, bind, auth } = isObject(mine.gateway) ? mine.gateway : {};
const carried = { ...others, gateway };
const config = withCredentials
  ? { ...carried, channels: disabled(channels) }
  : { ...withoutSecrets(carried, mine), channels: mine.channels };
config.gateway = { ...config.gateway, mode, port, bind, auth };
const fields = [...leftOut];
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
  if (!isLeaving && existsSync(path.join(present, name)))
    cpSync(path.join(present, name), path.join(unpacked, name), { recursive: true, verbatimSymlinks: true });
}
const agents = path.join(unpacked, 'agents');
for (const id of isFolder(agents) && !withCredentials ? readdirSync(agents) : []) {
  removeAll(path.join(agents, id), (name) => keylessAgents.test(name));
  removeAll(path.join(agents, id, 'agent'), (name) => keylessOfAgent.test(name));
}
const ofOpenClaw = ['state', 'agents'].map((name) => path.join(unpacked, name) + path.sep);
const all = [...below(unpacked)];
const agentFolders = new Set(
  all
    .filter((file) => /^(openclaw-agent\.sqlite|auth-profiles\.json)$/.test(path.basename(file)))
    .map(path.dirname),
);
for (const file of all) {
  if (!database.test(path.basename(file))) continue;
  try {
    emptyDatabase(file);
  } catch (cause) {
    // One of a workspace need not be OpenClaw's.
    if (ofOpenClaw.some((folder) => file.startsWith(folder))) throw cause;
    rmSync(file, { force: true });
  }
}
const isOfWorkspace = (file) => path.relative(unpacked, file).startsWith('workspace');
for (const file of all) {
  const name = path.basename(file);
  const isOfKeys =
    keyFile.test(name) ||
    (agentFolders.has(path.dirname(file)) && keyFileOfAgent.test(name)) ||
    // Of the target, they are its own.
    (isLeaving && !isOfWorkspace(file) && namedLikeKeys.some((pattern) => pattern.test(name)));
  if (remainsOfDatabase.test(name) || (!withCredentials && isOfKeys))
    rmSync(file, { recursive: true, force: true });
}
if (fields.length > 0) {
  const named = fields.slice(0, 20).map((field) => field.replace(/\p{C}/gu, '').slice(0, 100));
  const more = fields.length > named.length ? ', …' : '';
  const noun = fields.length === 1 ? 'field' : 'fields';
  process.stdout.write(`Left out of the config: ${fields.length} ${noun} (${named.join(', ')}${more}).\n`);
}
