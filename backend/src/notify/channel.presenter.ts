// The only place that turns a channel's row into the channel of the API.
import {
  alertSeverity,
  alertType,
  type NotificationChannel,
  notificationChannelState,
  notificationChannelType,
} from '@buoy/contract';
import { z } from 'zod';
import type { ChannelRow } from './channels.store.ts';

const types = z
  .array(z.unknown())
  .transform((all) => all.flatMap((one) => alertType.safeParse(one).data ?? []));

export function presentChannel(row: ChannelRow): NotificationChannel {
  const { id, label, target, lastError, lastSentAt, createdAt } = row;
  return {
    ...{ id, label, target, lastError, lastSentAt, createdAt },
    type: notificationChannelType.parse(row.type),
    enabled: row.enabled === 1,
    ...filterOf(row),
    state: notificationChannelState.catch('failing').parse(row.state),
  };
}

/** Which alerts the channel takes. */
export function filterOf(
  row: Pick<ChannelRow, 'minSeverity' | 'mutedTypes'>,
): Pick<NotificationChannel, 'minSeverity' | 'mutedTypes'> {
  return {
    minSeverity: alertSeverity.catch('warning').parse(row.minSeverity),
    mutedTypes: types.catch([]).parse(JSON.parse(row.mutedTypes)),
  };
}

/** Whether Buoy would try to send there. */
export function isOpen({ enabled, state }: Pick<NotificationChannel, 'enabled' | 'state'>): boolean {
  return enabled && (state === 'ok' || state === 'failing');
}
