// The settings that operators change most, between the config and the fields of a form.
import type { ConfigNode } from '@buoy/contract';
import { type ConfigObject, isObject, keysOf, pathText } from '@buoy/contract/config-patch';
import { patchAt, valueAt } from './json-patch.ts';

/** Texts of the fields that were edited, by path; empty: left to OpenClaw. */
export type SettingEdits = Readonly<Record<string, string>>;

export const settingGroups = {
  agents: [
    'agents.defaults.thinkingDefault',
    'tools.profile',
    'agents.defaults.timeoutSeconds',
    'agents.defaults.maxConcurrent',
    'agents.defaults.heartbeat.every',
    'agents.defaults.heartbeat.target',
  ],
  session: ['session.dmScope', 'session.reset.mode', 'session.reset.idleMinutes', 'session.reset.atHour'],
  gateway: ['logging.level'],
} as const;

export type SettingPath = (typeof settingGroups)[keyof typeof settingGroups][number];

/** Places below `channels` that are no channel. */
const notChannels = ['defaults', 'modelByChannel', 'a2a'];

/** The channels that stand in the config. */
export function channelsIn(config: ConfigObject): string[] {
  const { channels } = config;
  if (!isObject(channels)) return [];
  return Object.keys(channels).filter((name) => !notChannels.includes(name) && isObject(channels[name]));
}

/** The path of the setting that turns a channel on. */
export const channelSwitch = (channel: string) => pathText(['channels', channel, 'enabled']);

/** The channel that the setting of a path turns on; null where it is another setting. */
export function switchedChannel(path: string): string | null {
  const [, channel = null] = keysOf(path);
  return channel !== null && path === channelSwitch(channel) ? channel : null;
}

export function shownValue(config: ConfigObject, path: string): string {
  const value = valueAt(config, path);
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
    ? String(value)
    : '';
}

export type FieldProblem = 'whole-number' | { from: number; to: number };

/** Why the text of a field cannot be a value of that place; null when it can. */
export function problemOf(text: string, node: ConfigNode): FieldProblem | null {
  if (text.trim() === '' || !isNumber(node)) return null;
  const value = Number(text);
  if (!Number.isFinite(value) || (node.types.includes('integer') && !Number.isInteger(value)))
    return 'whole-number';
  const from = node.minimum ?? Number.MIN_SAFE_INTEGER;
  const to = node.maximum ?? Number.MAX_SAFE_INTEGER;
  return value < from || value > to ? { from, to } : null;
}

/** The edits that differ from the config. */
export function realEdits(config: ConfigObject, edits: SettingEdits): SettingEdits {
  return Object.fromEntries(
    Object.entries(edits).filter(([path, text]) => text.trim() !== shownValue(config, path)),
  );
}

/** @param nodes what the schema says of each edited path */
export function patchOfEdits(edits: SettingEdits, nodes: ReadonlyMap<string, ConfigNode>): ConfigObject {
  return patchAt(
    Object.fromEntries(
      Object.entries(edits).map(([path, text]) => [path, typedValue(text.trim(), nodes.get(path))]),
    ),
  );
}

function typedValue(text: string, node: ConfigNode | undefined): unknown {
  if (text === '') return null;
  if (node !== undefined && isNumber(node)) return Number(text);
  if (node?.types.includes('boolean') === true) return text === 'true';
  return text;
}

function isNumber({ types }: ConfigNode): boolean {
  return types.includes('integer') || types.includes('number');
}
