// What a change of a server comes to: the way to it afterwards, and the columns that are written.
import type { ServerChange } from '@buoy/contract';
import type { ServerTable } from '../db/schema.ts';
import { isRebound } from './secret-takeover.ts';
import type { ServerRow } from './servers.store.ts';

/** The server as it is reached after the change; naming a way is a way in place of a removed jump server. */
export function movedBy(row: ServerRow, change: ServerChange): ServerRow {
  const { host, port, username, jumpServerId, authType } = change;
  return {
    ...row,
    ...defined({ host, port, username, jumpServerId, authType }),
    ...(jumpServerId === undefined ? {} : { jumpServerRemoved: 0 }),
  };
}

/** Whether it is another machine then, or is reached another way. */
export function leadsElsewhere(row: ServerRow, moved: ServerRow): boolean {
  return (
    moved.host !== row.host ||
    moved.port !== row.port ||
    moved.jumpServerId !== row.jumpServerId ||
    moved.jumpServerRemoved !== row.jumpServerRemoved
  );
}

/** @param enteredBy null: neither the way to the server nor its secret is named */
export function changedColumns(
  row: ServerRow,
  change: ServerChange,
  { enteredBy, mayUseDeniedNetworks }: { enteredBy: string | null; mayUseDeniedNetworks: number },
): Partial<ServerTable> {
  const { name, host, port, username, tags, jumpServerId, authType, hostKey } = change;
  const moved = movedBy(row, change);
  return {
    ...defined({ name, host, port, username, jumpServerId, authType }),
    ...(tags === undefined ? {} : { tags: JSON.stringify([...new Set(tags)]) }),
    jumpServerRemoved: moved.jumpServerRemoved,
    ...(enteredBy === null ? {} : { enteredBy }),
    ...(hostKey !== undefined && isRebound(row, change) ? { credentialHostKey: hostKey } : {}),
    mayUseDeniedNetworks,
    // What another machine has shown is not to be accepted for this one.
    ...(leadsElsewhere(row, moved) ? { offeredKeyAlgorithm: null, offeredKeyFingerprint: null } : {}),
  };
}

/** Whether the server has these values already. */
export function isIn(row: ServerRow, columns: Partial<ServerTable>): boolean {
  return Object.entries(columns).every(([column, value]) => row[column as keyof ServerTable] === value);
}

/** Without the fields that were not sent. */
function defined<T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
