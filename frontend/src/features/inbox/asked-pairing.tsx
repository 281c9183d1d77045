// A pairing request of a person or device: its sender and the requested permissions.
import type { PairingRequest } from '@buoy/contract';
import { useTexts } from '../../i18n/use-texts.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { inboxTexts } from './texts.ts';

/** As in `telegram/work`; the account that every channel has is not worth a word. */
export function channelName({ channel, account }: PairingRequest): string {
  if (channel === null) return '–';
  return account === null || account === 'default' ? channel : `${channel}/${account}`;
}

export function senderName({ from }: PairingRequest): string {
  return from.name ?? from.id;
}

export function AskedPairing({ pairing }: { pairing: PairingRequest }) {
  const t = useTexts(inboxTexts);
  const { from, code, device } = pairing;
  const facts = [
    { term: device === null ? t.senderId : t.deviceId, value: from.id },
    { term: t.code, value: code },
    { term: t.client, value: device?.client ?? null },
    { term: t.platform, value: device?.platform ?? null },
    { term: t.address, value: device?.remoteIp ?? null },
    { term: t.role, value: device?.role ?? null },
    { term: t.scopes, value: device === null ? null : device.scopes.join(', ') || null },
  ];
  return (
    <dl className="mt-3 flex flex-wrap gap-x-6 gap-y-1 text-sm">
      {facts.map(
        ({ term, value }) =>
          value !== null && (
            <div key={term} className="flex flex-wrap gap-x-2">
              <dt className="text-muted">{term}</dt>
              <dd dir="auto" className="font-mono break-all">
                <VisibleText text={value} kind="name" />
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
