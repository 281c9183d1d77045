// Options for which alerts are sent to a person, shared by `notifications set` and `notifications channels update`.
import type { AlertSeverity, AlertType } from '@buoy/contract';
import { alertSeverities, alertTypes } from '@buoy/contract/constants';
import {
  choiceOption,
  type Given,
  type Lists,
  type OptionSpec,
  textsOption,
  UsageError,
} from '../command.ts';

export const alertFilterOptions = {
  least: {
    type: 'string',
    value: 'SEVERITY',
    summary: 'warning: all alerts; critical: only critical alerts',
  },
  mute: {
    type: 'string',
    value: 'TYPE',
    multiple: true,
    summary: 'Mute alerts of this type, as in disk_full; repeatable. An unknown type lists all types',
  },
  unmute: {
    type: 'string',
    value: 'TYPE',
    multiple: true,
    summary: 'Unmute alerts of this type; repeatable',
  },
} as const satisfies Record<string, OptionSpec>;

type AlertFilter = {
  minSeverity: AlertSeverity | undefined;
  /** Applies --mute and --unmute to the types that are muted so far; null without these options. */
  changeMuted: ((muted: readonly AlertType[]) => AlertType[]) | null;
};

/** @throws UsageError for an unknown severity or type */
export function alertFilterIn(context: Given<typeof alertFilterOptions>): AlertFilter {
  const [mute, unmute] = [typesOption(context, 'mute'), typesOption(context, 'unmute')];
  return {
    minSeverity: choiceOption(context, 'least', alertSeverities),
    changeMuted:
      mute.length + unmute.length === 0
        ? null
        : (muted) => [...new Set([...muted, ...mute])].filter((one) => !unmute.includes(one)),
  };
}

function typesOption(context: Lists<'mute' | 'unmute'>, name: 'mute' | 'unmute'): AlertType[] {
  return (textsOption(context, name) ?? []).map((typed) => {
    const type = alertTypes.find((one) => one === typed);
    if (type === undefined)
      throw new UsageError(`--${name} takes one of ${alertTypes.join(', ')}, not "${typed}".`);
    return type;
  });
}

/** The pairs that show both settings. */
export function alertFilterPairs(
  minSeverity: AlertSeverity,
  mutedTypes: readonly AlertType[],
): Array<[string, string]> {
  return [
    ['Alerts', minSeverity === 'warning' ? 'critical and warnings' : 'critical only'],
    ['Muted', mutedTypes.length === 0 ? 'none' : mutedTypes.join(', ')],
  ];
}
