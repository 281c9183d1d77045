// A binding as a form has it, and back.
import type { AgentBinding, Contract, RequestOf } from '@buoy/contract';

type Wanted = RequestOf<
  Contract['PUT /servers/:id/openclaw/agents/:agentId/bindings']
>['body']['bindings'][number];

export const peerKinds = ['direct', 'group', 'channel'] as const;

/** Empty: the default account; all conversations. */
export type BindingRow = {
  /** Stays while the row is edited. */
  key: string;
  channel: string;
  account: string;
  peerKind: '' | (typeof peerKinds)[number];
  peerId: string;
};

export function rowOf({ channel, account, peer }: AgentBinding): BindingRow {
  const kind = peerKinds.find((one) => one === peer?.kind);
  return {
    key: JSON.stringify([channel, account, peer]),
    channel,
    account: account ?? '',
    peerKind: kind ?? '',
    peerId: peer?.id ?? '',
  };
}

export function bindingOf({ channel, account, peerKind, peerId }: BindingRow): Wanted {
  return {
    channel: channel.trim(),
    account: account.trim() === '' ? null : account.trim(),
    peer: peerKind === '' ? null : { kind: peerKind, id: peerId.trim() },
  };
}

/** @param rows that are there: its key is another one */
export function emptyRow(rows: readonly BindingRow[]): BindingRow {
  let number = rows.length + 1;
  while (rows.some(({ key }) => key === `new ${number}`)) number += 1;
  return { key: `new ${number}`, channel: '', account: '', peerKind: '', peerId: '' };
}
