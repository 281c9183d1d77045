// What tasks that succeeded have found out or done, by the type of the task.
import { z } from 'zod';
import { updateComponents } from './constants.ts';
import { jsonValue } from './scalars.ts';

export const gatewayStarted = z
  .object({
    /** null where OpenClaw is too old to tell. */
    bootId: z.string().nullable(),
    pid: z.number().int().nullable(),
    version: z.string(),
    /** Milliseconds from the command until the gateway was ready. */
    downtimeMs: z.number(),
  })
  .meta({
    id: 'GatewayStarted',
    description: 'Result of `openclaw.start`, `openclaw.restart` and `openclaw.doctor`.',
  });
export type GatewayStarted = z.output<typeof gatewayStarted>;

export const gatewayStopped = z
  .object({
    wasRunning: z.boolean(),
    /** It did not end by itself in time. */
    killed: z.boolean(),
  })
  .meta({ id: 'GatewayStopped', description: 'Result of `openclaw.stop`.' });
export type GatewayStopped = z.output<typeof gatewayStopped>;

export const skillInstalled = z
  .object({
    skill: z.object({ name: z.string(), key: z.string(), source: z.string(), eligible: z.boolean() }),
    version: z.string().nullable(),
  })
  .meta({ id: 'SkillInstalled', description: 'Result of `openclaw.install-skill`.' });
export type SkillInstalled = z.output<typeof skillInstalled>;

export const vaultRotated = z
  .object({
    resealed: z.number().int(),
    /** Changed or removed by somebody else meanwhile. */
    skipped: z.number().int(),
  })
  .meta({ id: 'VaultRotated', description: 'Result of `vault.rotate`.' });
export type VaultRotated = z.output<typeof vaultRotated>;

export const nodeInstalled = z
  .object({ version: z.string(), path: z.string() })
  .meta({ id: 'NodeInstalled', description: 'Result of `install-node`.' });
export type NodeInstalled = z.output<typeof nodeInstalled>;

export const openclawInstalled = z
  .object({ version: z.string(), path: z.string(), prefix: z.string() })
  .meta({ id: 'OpenclawInstalled', description: 'Result of `install-openclaw`.' });
export type OpenclawInstalled = z.output<typeof openclawInstalled>;

export const onboarded = z
  .object({ provider: z.string(), model: z.string().nullable(), workspace: z.string().nullable() })
  .meta({ id: 'Onboarded', description: 'Result of `onboard`.' });
export type Onboarded = z.output<typeof onboarded>;

export const gatewayBind = z.enum(['loopback', 'lan', 'tailnet']);
/** `supervised`: Buoy's own supervisor, where there is no systemd. */
const serviceManager = z.enum(['systemd-user', 'systemd-system', 'supervised']);

export const gatewayConfigured = z
  .object({
    port: z.number().int(),
    bind: gatewayBind,
    authMode: z.literal('token'),
    /** Manager of the service that runs it; null where none does. */
    service: serviceManager.nullable(),
  })
  .meta({ id: 'GatewayConfigured', description: 'Result of `configure-gateway`.' });
export type GatewayConfigured = z.output<typeof gatewayConfigured>;

export const serviceInstalled = z
  .object({
    manager: serviceManager,
    unit: z.string(),
    /** Whether it outlives the logins of the account and starts at boot. */
    linger: z.boolean(),
  })
  .meta({ id: 'ServiceInstalled', description: 'Result of `systemd`.' });
export type ServiceInstalled = z.output<typeof serviceInstalled>;

export const setupResult = z
  .object({
    version: z.string(),
    gateway: z.object({ port: z.number().int(), bind: z.string() }),
    agentId: z.string(),
    /** Of the agent to the first message; null when none was sent, or it did not answer in time. */
    reply: z.string().nullable(),
    tookMs: z.number(),
  })
  .meta({ id: 'SetupResult', description: 'Result of `setup`.' });
export type SetupResult = z.output<typeof setupResult>;

export const componentUpdated = z
  .object({
    component: z.enum(updateComponents),
    from: z.string(),
    to: z.string(),
    /** Milliseconds for which the gateway was down; 0 when nothing was done. */
    downtimeMs: z.number(),
    /** Of the archive that was made before; null when none was, as for all but OpenClaw. */
    snapshotId: z.string().nullable(),
    /** The old version is back, and of OpenClaw its state. */
    rolledBack: z.boolean(),
  })
  .meta({
    id: 'ComponentUpdated',
    description: 'Result of `update-component`, also of one that failed and was rolled back.',
  });
export type ComponentUpdated = z.output<typeof componentUpdated>;

export const snapshotMade = z
  .object({ snapshotId: z.string() })
  .meta({ id: 'SnapshotMade', description: 'Result of `snapshot`.' });
export type SnapshotMade = z.output<typeof snapshotMade>;

export const snapshotRestored = z
  .object({
    /** The one that was restored. */
    snapshotId: z.string(),
    /** Of the archive that was made before; null: OpenClaw could not back itself up. */
    previousSnapshotId: z.string().nullable(),
    /** Versions of OpenClaw. */
    from: z.string(),
    to: z.string(),
    /** Milliseconds for which the gateway was down. */
    downtimeMs: z.number(),
    /** The restore failed, and what was there before is back. */
    rolledBack: z.boolean(),
  })
  .meta({
    id: 'SnapshotRestored',
    description: 'Result of `restore`, also of one that failed and was rolled back.',
  });
export type SnapshotRestored = z.output<typeof snapshotRestored>;

/** null until the task has succeeded, or an update or a restore was rolled back. Tasks of a type that is not listed here answer any JSON. */
export const taskResult = z
  .union([
    gatewayStarted,
    gatewayStopped,
    skillInstalled,
    vaultRotated,
    nodeInstalled,
    openclawInstalled,
    onboarded,
    gatewayConfigured,
    serviceInstalled,
    setupResult,
    componentUpdated,
    snapshotRestored,
    // Behind those that have more fields: the first that fits counts.
    snapshotMade,
    jsonValue,
  ])
  .meta({
    id: 'TaskResult',
    description:
      'By the `type` of the task; null until it has succeeded, or an update or a restore was rolled back.',
  });
