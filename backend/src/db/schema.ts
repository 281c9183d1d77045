// The tables as TypeScript sees them: camelCase here, snake_case in the database, the same for both dialects.
// Times are ISO 8601 text, JSON is text, booleans are 0/1: what SQLite and PostgreSQL store alike.

export type UserTable = {
  id: string;
  username: string | null;
  firstName: string | null;
  lastName: string | null;
  photoUrl: string | null;
  languageCode: string | null;
  /** The name that this person or a super-admin chose; null: the name that they signed in with. */
  displayName: string | null;
  /** 1 for the first super-admin made by a one-time link; those of ADMIN_USER_IDS are known by configuration. */
  isSuperAdmin: number;
  /** When a super-admin, a grant or an invite let this person in; stays when that grant goes. null: never. */
  approvedAt: string | null;
  /** null: this person may sign in. */
  disabledAt: string | null;
  /** 1 or 0; says nothing of who is not approved. */
  mayAddServers: number;
  /** Who made the invite that this account was made by; null: it was not made by an invite. */
  invitedBy: string | null;
  createdAt: string;
};

/** One row for each person who has asked to be let in and is not approved. */
export type AccessRequestTable = {
  userId: string;
  requestedAt: string;
  /** null: it waits for a super-admin. */
  refusedAt: string | null;
};

export type SessionTable = {
  id: string;
  userId: string;
  kind: string;
  /** SHA-256 of the refresh secret in the web app's cookie. */
  refreshHash: string;
  /** SHA-256 of what all its refresh secrets begin with; null until the first renewal of a session from before there was one. */
  familyHash: string | null;
  ip: string | null;
  userAgent: string | null;
  createdAt: string;
  lastUsedAt: string;
  expiresAt: string;
  revokedAt: string | null;
};

export type RotatedRefreshSecretTable = {
  secretHash: string;
  sessionId: string;
  /** Grows by one with each renewal of the session; the secrets that a retry has voided share that of the first. */
  generation: number;
  /** SHA-256 of what the browser sent along to be recognised when it repeats the same renewal; null: it sent nothing. */
  attemptKeyHash: string | null;
  /** 1: a retry took its place before it was used; 0: it was used. */
  voided: number;
  rotatedAt: string;
};

export type SignInLinkTable = {
  codeHash: string;
  /** null: the person who opens it becomes the first super-admin. */
  userId: string | null;
  createdAt: string;
  expiresAt: string;
  usedAt: string | null;
  /** 1: its person made it to keep; 0: somebody else made it to let them in. */
  kept: number;
  /** The session of the super-admin who made it, with which it ends; null: its person keeps it, or Buoy's machine made it. */
  madeBySession: string | null;
};

export type InitDataUseTable = {
  /** The `hash` field of the initData. */
  hash: string;
  launchKeyHash: string | null;
  expiresAt: string;
};

export type ServerTable = {
  id: string;
  name: string;
  host: string;
  port: number;
  username: string;
  authType: string;
  /** Sealed by the vault. */
  credential: string;
  /** Who entered the secret; null: from before Buoy noted it, so nobody. */
  credentialEnteredBy: string | null;
  /** Fingerprint of the only host key to which the secret is sent; null: the first one that is pinned; `none`: to none at all. */
  credentialHostKey: string | null;
  /** JSON array of strings. */
  tags: string;
  jumpServerId: string | null;
  /** 1: its jump server was removed, and nobody has chosen another way yet. */
  jumpServerRemoved: number;
  hostKeyAlgorithm: string | null;
  hostKeyFingerprint: string | null;
  hostKeyPinnedAt: string | null;
  /** The last key that was refused because another one is pinned. */
  offeredKeyAlgorithm: string | null;
  offeredKeyFingerprint: string | null;
  /** Who changed the address or the credential last: they answer for where it leads while they are an admin of the server. */
  enteredBy: string;
  /** 1: a super-admin entered an address in a denied network, and Buoy connects to it. */
  mayUseDeniedNetworks: number;
  version: number;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
};

export type ServerStatusTable = {
  serverId: string;
  state: string;
  since: string;
  checkedAt: string | null;
  /** JSON array of strings. */
  reasons: string;
  /** 1, 0, or null when never seen. */
  openclawInstalled: number | null;
  openclawVersion: string | null;
};

export type GrantTable = {
  serverId: string;
  userId: string;
  role: string;
  grantedBy: string;
  createdAt: string;
};

export type OpenclawSnapshotTable = {
  serverId: string;
  /** What was read: "status" and so on. */
  kind: string;
  /** JSON of the payload. */
  payload: string;
  observedAt: string;
};

export type OpenclawConfigRevisionTable = {
  serverId: string;
  /** 1, 2, 3 … of each server. */
  rev: number;
  at: string;
  /** Who changed it through Buoy. */
  userId: string | null;
  origin: string;
  note: string | null;
  /** OpenClaw's own hash of the file. */
  hash: string;
  /** JSON of what is wrong with the file; null when OpenClaw takes it. */
  problem: string | null;
  /** JSON without any secret; null when the file cannot be read. */
  config: string | null;
  /** JSON array of paths. */
  changedPaths: string;
  /** Of all these texts. */
  bytes: number;
};

export type TaskTable = {
  id: string;
  type: string;
  serverId: string | null;
  status: string;
  /** JSON of the kind's input; never a secret. */
  input: string;
  /** JSON. */
  result: string | null;
  /** JSON of {code, message, hint}. */
  error: string | null;
  /** 1 once somebody asked for it. */
  cancelRequested: number;
  /** Set while an exclusive task is active, unique: the database itself refuses a second one. */
  exclusiveKey: string | null;
  /** Bytes of output stored, the mark of the cut included. */
  outputBytes: number;
  createdBy: string;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
};

export type TaskStepTable = {
  taskId: string;
  position: number;
  stepId: string;
  title: string;
  status: string;
  detail: string | null;
  /** 0 to 1: how much of a running step is done, as it says itself. */
  fraction: number;
  /** JSON that the step keeps for its own continuation after a restart. */
  state: string | null;
  /** JSON that the finished step hands to later ones. */
  result: string | null;
  /** The last bytes of this step's output. */
  outputTail: string;
  startedAt: string | null;
  finishedAt: string | null;
};

export type TaskOutputTable = {
  taskId: string;
  /** Byte offset of this chunk in the whole task's output. */
  offset: number;
  stepId: string;
  text: string;
  createdAt: string;
};

export type TaskSecretTable = {
  taskId: string;
  /** JSON of the task's secrets by name, sealed by the vault. */
  value: string;
};

export type RolloutTable = {
  id: string;
  component: string;
  /** Exact: what a server without a pin gets. */
  version: string;
  /** What its person asked for: `latest`, in whose place a pin of a server stands, or the exact version (also: null). */
  wanted: string | null;
  status: string;
  /** Seconds between two waves. */
  pauseS: number;
  /** Whose right on each server counts when its update starts. */
  createdBy: string;
  createdAt: string;
  /** null while it may go on. */
  finishedAt: string | null;
};

export type RolloutServerTable = {
  rolloutId: string;
  position: number;
  /** 0, 1, 2 …: all of one start together. */
  wave: number;
  /** Of a server that may be gone by now. */
  serverId: string;
  /** As it was called then. */
  name: string;
  fromVersion: string | null;
  toVersion: string;
  /** What `toVersion` was before an update was started, which may install a later pin; null: none was started. */
  plannedVersion: string | null;
  status: string;
  taskId: string | null;
  /** JSON of {code, message, hint}. */
  error: string | null;
  finishedAt: string | null;
};

export type UpdatePolicyTable = {
  userId: string;
  tag: string;
  /** The version of OpenClaw; null: none is pinned. */
  pinned: string | null;
  /** JSON of a weekly window; null: at any time. */
  updateWindow: string | null;
  version: number;
  updatedAt: string;
};

/** An archive of OpenClaw on a server; its file is named by the id. */
export type SetupSnapshotTable = {
  id: string;
  serverId: string;
  /** Of OpenClaw when it was made. */
  version: string;
  reason: string;
  note: string | null;
  sizeBytes: number;
  /** In hex: what the archive must still be. */
  sha256: string;
  /** 1: OpenClaw could read it when it was checked last. */
  verified: number;
  createdAt: string;
};

export type IdempotencyKeyTable = {
  /** The user, or "" before sign-in. */
  userId: string;
  key: string;
  /** SHA-256 of method, path and body. */
  requestHash: string;
  /** null while the first request is under way. */
  status: number | null;
  /** The first answer, sealed by the vault: it may show a secret once. null also once it was dropped for newer ones. */
  response: string | null;
  createdAt: string;
  /** Whose answer it is: the user, or who was signed in by it; "" until then. */
  personId: string;
  /** Bytes of the sealed answer. */
  bytes: number;
};

export type InviteTable = {
  id: string;
  serverId: string;
  role: string;
  /** SHA-256 of the code in the link. */
  codeHash: string;
  createdBy: string;
  createdAt: string;
  expiresAt: string;
  acceptedBy: string | null;
  acceptedAt: string | null;
};

export type ApiTokenTable = {
  id: string;
  userId: string;
  name: string;
  /** JSON array of scopes. */
  scopes: string;
  /** SHA-256 of the whole token. */
  secretHash: string;
  createdAt: string;
  lastUsedAt: string | null;
  expiresAt: string | null;
};

export type DeviceLoginTable = {
  /** SHA-256 of what the device keeps to itself. */
  deviceCodeHash: string;
  /** What the device shows, in capitals without the dash; unique while it is open. */
  userCode: string;
  ip: string | null;
  userAgent: string | null;
  createdAt: string;
  expiresAt: string;
  approvedBy: string | null;
  /** With which the approval ends. */
  approvedBySession: string | null;
};

export type TelegramLoginTable = {
  /** SHA-256 of what the browser keeps in its cookie. */
  secretHash: string;
  expiresAt: string;
};

export type PasskeyTable = {
  id: string;
  userId: string;
  name: string;
  /** As the authenticator names it, in base64url. */
  credentialId: string;
  /** COSE key in base64url. */
  publicKey: string;
  /** Of signatures; stays 0 for authenticators that do not count. */
  counter: number;
  /** JSON array of strings. */
  transports: string;
  /** The host name that it was made for (WebAuthn: the RP ID). */
  domain: string;
  /** Scheme, host and port of the page that made it. */
  origin: string;
  /** 1: its provider keeps copies. */
  synced: number;
  createdAt: string;
  lastUsedAt: string | null;
};

/** What was sent to a browser and may come back once. */
export type SignInChallengeTable = {
  /** SHA-256 of what the browser has to bring. */
  hash: string;
  purpose: string;
  /** Whom it was made for; null: nobody is signed in yet. */
  userId: string | null;
  expiresAt: string;
};

/** A person as an OpenID provider knows them. */
export type OidcIdentityTable = {
  issuer: string;
  /** Unique within the issuer, and never given to another person. */
  subject: string;
  userId: string;
  createdAt: string;
};

export type AuditEntryTable = {
  /** 1, 2, 3 …: without a gap. */
  seq: number;
  id: string;
  at: string;
  userId: string | null;
  action: string;
  serverId: string | null;
  target: string | null;
  result: string;
  ip: string | null;
  requestId: string | null;
  /** JSON, redacted. */
  details: string;
  /** HMAC over this entry and the mac of the one before. */
  mac: string;
};

/** One row: where the chain of audit entries ends. */
export type AuditHeadTable = {
  id: number;
  seq: number;
  mac: string;
  /** HMAC over seq and mac, so that a cut end shows. */
  seal: string;
};

/** One row: what stands for the entries that retention removed. */
export type AuditCheckpointTable = {
  id: number;
  /** The last entry that was removed, and its mac, which the next entry is signed with. */
  seq: number;
  mac: string;
  /** Entries that were removed in all. */
  pruned: number;
  /** When the last ones were. */
  at: string;
  /** HMAC over all of it, so that nobody else can remove entries. */
  seal: string;
};

/** One row: when entries are removed next. Whoever moves it does it. */
export type AuditRetentionTable = {
  id: number;
  dueAt: string;
};

export type KeptSecretTable = {
  name: string;
  /** Sealed by the vault. */
  value: string;
  createdAt: string;
};

export type NotificationPrefsTable = {
  userId: string;
  /** JSON as in the contract. */
  prefs: string;
  updatedAt: string;
};

/** A link to a server's Control UI, and the session that comes of it: one row from the link to its end. */
export type ControlUiVisitTable = {
  id: string;
  serverId: string;
  userId: string;
  /** The session at Buoy that it hangs on; null until its person has confirmed the link. */
  sessionId: string | null;
  /** link → entry → open; each stage has a secret of its own. */
  stage: string;
  secretHash: string;
  expiresAt: string;
};

export type AlertTable = {
  id: string;
  serverId: string;
  type: string;
  /** What on that server, such as `telegram/default` for a channel; empty: the whole of it. */
  subject: string;
  severity: string;
  cause: string;
  evidence: string;
  firstAt: string;
  lastAt: string;
  /** Checks that have seen it. */
  count: number;
  acknowledgedAt: string | null;
  acknowledgedBy: string | null;
  snoozedUntil: string | null;
  /** null: open, of which there is one for a server, type and subject. */
  resolvedAt: string | null;
  noteCount: number;
  /** When it was told last other than by a reminder; null: not yet. */
  remindFrom: string | null;
  /** When it is told again; null: somebody takes care, or it is resolved. */
  remindAt: string | null;
  /** When Buoy began to restart the gateway by itself; null: it did not. */
  autoRepairedAt: string | null;
  /** The name of the person who has switched that on. */
  autoRepairedBy: string | null;
  /** What came of it; null: it runs, or there was none. */
  autoRepairResult: string | null;
};

/** Whether Buoy restarts the gateway of a server by itself. */
export type AutoRepairTable = {
  serverId: string;
  enabled: number;
  perDay: number;
  /** With whose rights. */
  setBy: string;
  /** Alerts from before it was switched on are left to people. */
  setAt: string;
  /** When Buoy switched it off, because that person may no longer restart the gateway; null: it did not. */
  endedAt: string | null;
};

/** A restart by automatic repair, of which an alert has one at most. */
export type AutoRepairRunTable = {
  alertId: string;
  serverId: string;
  taskId: string;
  at: string;
  /** null: it runs. */
  result: string | null;
};

/** What a person wrote about an alert. */
export type AlertNoteTable = {
  id: string;
  alertId: string;
  userId: string;
  text: string;
  createdAt: string;
};

export type AlertReadTable = {
  alertId: string;
  userId: string;
  readAt: string;
};

/** One row, from the first start on. */
export type MonitorRoundTable = {
  id: number;
  /** When the next round is to begin; whoever moves it is the one who goes. */
  dueAt: string;
  /** Of the last round that came to its end. */
  endedAt: string | null;
  durationMs: number | null;
  /** Since when no round has ended, once that is too long; null: it is not. */
  staleSince: string | null;
};

/** A check of a server, or an hour or a day of them. */
export type HistoryPointTable = {
  serverId: string;
  step: string;
  /** Of a check its time, else the beginning of the hour or day in UTC. */
  at: string;
  state: string;
  watchedMs: number;
  upMs: number;
  /** The mean of `latencies` figures. */
  latencyMs: number | null;
  latencies: number;
  diskUsedShare: number | null;
  memoryUsedShare: number | null;
  gatewayRssBytes: number | null;
  sessions: number | null;
  tokens: number | null;
  costUsd: number | null;
};

/** Where notifications of a person go. */
export type NotificationChannelTable = {
  id: string;
  userId: string;
  /** Of a browser the session that added it, whose sign-out ends the channel; null: it outlives sessions. */
  sessionId: string | null;
  type: string;
  label: string;
  target: string;
  /** Address, URL and keys as JSON, sealed by the vault. */
  settings: string;
  /** SHA-256 of where it leads: a person has no channel twice. */
  settingsHash: string;
  /** 1 or 0. */
  enabled: number;
  minSeverity: string;
  /** JSON array of strings. */
  mutedTypes: string;
  state: string;
  lastError: string | null;
  lastSentAt: string | null;
  /** SHA-256 of the code that was mailed; null: none waits to be confirmed. */
  codeHash: string | null;
  codeUntil: string | null;
  /** Wrong codes since it was mailed. */
  codeAttempts: number;
  /** Failed attempts in a row. */
  failures: number;
  /** No attempt before then. */
  retryAt: string | null;
  /** A Buoy sends to it, until then at most: a killed one must not keep it. */
  busyUntil: string | null;
  createdAt: string;
};

/** What happened to an alert, until it is known who is to be told. */
export type AlertEventTable = {
  id: string;
  serverId: string;
  alertId: string;
  kind: string;
  at: string;
  /** 1: it happened in maintenance, and is told at the end. */
  held: number;
};

/** What a channel is to be told of an alert, and of an open alert what it was told. */
export type NotificationDeliveryTable = {
  id: string;
  channelId: string;
  serverId: string;
  alertId: string;
  kind: string;
  /** When it happened. */
  at: string;
  status: string;
  /** null: it was sent. */
  dueAt: string | null;
  /** No attempt after then. */
  giveUpAt: string;
  /** What the channel needs to change the message later; null: nothing. */
  message: string | null;
  /** How often its receiver answered that it does not take this one, perhaps only for now. */
  rejections: number;
  /** Sent only if nobody has taken care of the alert, and not before then; null: sent in any case. */
  escalatesAt: string | null;
  /** Of what was sent when it was, or when the last reminder of it was; null: before Buoy noted that. */
  toldAt: string | null;
};

/** How many messages about a server a channel was sent since then. */
export type NotificationRateTable = {
  channelId: string;
  serverId: string;
  since: string;
  messages: number;
};

/** What a channel of a super-admin is to be told of the monitor, and while that is stale what it was told. */
export type MonitorNoticeTable = {
  channelId: string;
  /** The same in a repeat. */
  id: string;
  kind: string;
  /** Since when no round had ended. */
  since: string;
  /** When it happened. */
  at: string;
  /** Failed ones. */
  attempts: number;
  /** null: it was sent. */
  dueAt: string | null;
  /** No attempt after then. */
  giveUpAt: string;
};

/** A maintenance window of a server, with the time of it that runs or comes next. */
export type MaintenanceWindowTable = {
  id: string;
  serverId: string;
  kind: string;
  /** JSON: the times as the API takes them. */
  definition: string;
  reason: string | null;
  startsAt: string;
  endsAt: string;
  /** When a person ended it; it goes once what happened in it is dealt with. */
  removedAt: string | null;
  createdBy: string;
  createdAt: string;
};

/** Thresholds of a server's checks that are set for it, or for a tag that it has. */
export type ThresholdTable = {
  serverId: string;
  /** Empty: for the server itself. */
  tag: string;
  /** JSON: the values by their names, without those that are inherited. */
  chosen: string;
  setBy: string;
  setAt: string;
};

/** What visitors with its link see of some servers. */
export type StatusPageTable = {
  id: string;
  createdBy: string;
  title: string;
  /** null: the page has the servers of `serverIds`. */
  tag: string | null;
  /** JSON; ids of servers that are gone may be among them. null: the page follows its tag. */
  serverIds: string | null;
  /** 1: visitors see numbers in place of names. */
  numbered: number;
  showHistory: number;
  /** What the token of its link is made from, beside a secret of Buoy. */
  linkSalt: string;
  /** SHA-256 of the token, in hex. */
  tokenHash: string;
  createdAt: string;
  /** null: until it is removed. */
  expiresAt: string | null;
  lastSeenAt: string | null;
  version: number;
};

/** What only one of several Buoys may do, and which one does until when. */
export type LeaseTable = {
  name: string;
  holder: string;
  until: string;
};

/** Up to which update of Telegram a bot has been answered. */
export type BotPositionTable = {
  botId: string;
  updateId: number;
  at: string;
};

export type Database = {
  users: UserTable;
  accessRequests: AccessRequestTable;
  sessions: SessionTable;
  rotatedRefreshSecrets: RotatedRefreshSecretTable;
  signInLinks: SignInLinkTable;
  initDataUses: InitDataUseTable;
  servers: ServerTable;
  serverStatuses: ServerStatusTable;
  grants: GrantTable;
  openclawSnapshots: OpenclawSnapshotTable;
  openclawConfigRevisions: OpenclawConfigRevisionTable;
  controlUiVisits: ControlUiVisitTable;
  tasks: TaskTable;
  taskSteps: TaskStepTable;
  taskOutputs: TaskOutputTable;
  taskSecrets: TaskSecretTable;
  rollouts: RolloutTable;
  rolloutServers: RolloutServerTable;
  updatePolicies: UpdatePolicyTable;
  setupSnapshots: SetupSnapshotTable;
  idempotencyKeys: IdempotencyKeyTable;
  invites: InviteTable;
  apiTokens: ApiTokenTable;
  deviceLogins: DeviceLoginTable;
  telegramLogins: TelegramLoginTable;
  passkeys: PasskeyTable;
  signInChallenges: SignInChallengeTable;
  oidcIdentities: OidcIdentityTable;
  auditEntries: AuditEntryTable;
  auditHead: AuditHeadTable;
  auditCheckpoint: AuditCheckpointTable;
  auditRetention: AuditRetentionTable;
  keptSecrets: KeptSecretTable;
  notificationPrefs: NotificationPrefsTable;
  alerts: AlertTable;
  alertReads: AlertReadTable;
  alertNotes: AlertNoteTable;
  monitorRounds: MonitorRoundTable;
  historyPoints: HistoryPointTable;
  notificationChannels: NotificationChannelTable;
  alertEvents: AlertEventTable;
  notificationDeliveries: NotificationDeliveryTable;
  notificationRates: NotificationRateTable;
  monitorNotices: MonitorNoticeTable;
  maintenanceWindows: MaintenanceWindowTable;
  thresholds: ThresholdTable;
  autoRepairs: AutoRepairTable;
  autoRepairRuns: AutoRepairRunTable;
  statusPages: StatusPageTable;
  leases: LeaseTable;
  botPositions: BotPositionTable;
};
