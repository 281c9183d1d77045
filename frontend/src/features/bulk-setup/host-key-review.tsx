// The second step of a bulk setup: the host keys of all new servers, to be compared and trusted before the login is sent.
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { SubmitButton } from '../../ui/submit-button.tsx';
import { VisibleText } from '../../ui/visible-text.tsx';
import { addressOf } from '../servers/address-of.ts';
import { Fingerprint, type Key } from '../servers/fingerprint.tsx';
import type { SeenHostKey } from '../servers/server-queries.ts';
import { type BulkTarget, sharedKeys, type TargetPlace } from './bulk-targets.ts';
import { StepHeading } from './step-heading.tsx';
import { bulkTexts } from './texts.ts';
import { useOfferedKeys } from './use-offered-keys.ts';

/**
 * @param places the new servers
 * @param knownCount servers beside them that have their host key already
 * @param onTrusted called with those whose key the person trusts
 */
export function HostKeyReview({
  places,
  knownCount,
  onTrusted,
  onBack,
}: {
  places: readonly TargetPlace[];
  knownCount: number;
  onTrusted: (targets: BulkTarget[]) => void;
  onBack: () => void;
}) {
  const t = useTexts(bulkTexts);
  const { keys, readAgain } = useOfferedKeys(places);
  const [trusted, setTrusted] = useState<ReadonlySet<string>>(new Set());
  const offered = new Map(
    [...keys].flatMap(([name, seen]): [string, Key][] => (seen.kind === 'key' ? [[name, seen]] : [])),
  );
  const shared = sharedKeys(offered);
  const targets = places.flatMap((place): BulkTarget[] => {
    const key = trusted.has(place.name) ? offered.get(place.name) : undefined;
    if (key === undefined) return [];
    const { algorithm, fingerprint } = key;
    return [{ ...place, server: null, hostKey: { algorithm, fingerprint } }];
  });
  const trust = (names: Iterable<string>) => setTrusted((current) => new Set([...current, ...names]));
  const distrust = (name: string) =>
    setTrusted((current) => new Set([...current].filter((one) => one !== name)));
  const count = targets.length + knownCount;
  const leftOut = places.length - targets.length;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onTrusted(targets);
      }}
      className="space-y-4 rounded-lg border border-line bg-surface p-4 sm:p-6"
    >
      <StepHeading>{t.hostKeys}</StepHeading>
      <p className="max-w-prose text-sm text-muted">{t.hostKeysLead}</p>
      <ul aria-label={t.hostKeys} className="divide-y divide-line rounded-md border border-line">
        {places.map((place) => (
          <OfferedKeyRow
            key={place.name}
            place={place}
            seen={keys.get(place.name) ?? null}
            sharedWith={shared.get(place.name) ?? []}
            isTrusted={trusted.has(place.name)}
            onTrust={(isTrusted) => (isTrusted ? trust([place.name]) : distrust(place.name))}
            onReadAgain={() => {
              distrust(place.name);
              readAgain(place);
            }}
          />
        ))}
      </ul>
      {offered.size > 1 && (
        <Button disabled={targets.length === offered.size} onClick={() => trust(offered.keys())}>
          {t.trustAll(offered.size)}
        </Button>
      )}
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <SubmitButton text={t.continueWith(count)} isEnabled={count > 0} />
        <Button variant="quiet" onClick={onBack}>
          {t.back}
        </Button>
        {leftOut > 0 && <p className="text-sm text-muted">{t.leftOut(leftOut)}</p>}
      </div>
    </form>
  );
}

/** @param seen null: it is being read */
function OfferedKeyRow({
  place,
  seen,
  sharedWith,
  isTrusted,
  onTrust,
  onReadAgain,
}: {
  place: TargetPlace;
  seen: SeenHostKey | null;
  sharedWith: readonly string[];
  isTrusted: boolean;
  onTrust: (isTrusted: boolean) => void;
  onReadAgain: () => void;
}) {
  const t = useTexts(bulkTexts);
  return (
    <li className="px-4 py-3 text-sm">
      <p className="flex flex-wrap items-baseline gap-x-3">
        <span className="font-medium">
          <VisibleText text={place.name} />
        </span>
        <span className="font-mono text-xs text-muted">
          <VisibleText text={`${place.username}@${addressOf(place)}`} />
        </span>
      </p>
      {seen === null && <p className="mt-1 text-muted">{t.readingKey}</p>}
      {seen?.kind === 'key' && (
        <>
          <p className="mt-1 break-all">
            <Fingerprint value={seen} />
          </p>
          {sharedWith.length > 0 && (
            <p className="mt-1 text-unreachable">{t.sharedKey(sharedWith.join(', '))}</p>
          )}
          <label className="mt-1 flex min-h-11 cursor-pointer items-center gap-3">
            <input
              type="checkbox"
              className="size-5 shrink-0 accent-accent"
              checked={isTrusted}
              onChange={(event) => onTrust(event.target.checked)}
            />
            <span>
              {t.trusted}
              <span className="sr-only">
                <VisibleText text={place.name} />
              </span>
            </span>
          </label>
        </>
      )}
      {seen !== null && seen.kind !== 'key' && (
        <>
          <p className="mt-1 font-medium text-down">{t.keyNotRead}</p>
          {seen.message !== undefined && (
            <p lang="en" className="mt-1">
              <VisibleText text={seen.message} />
            </p>
          )}
          <Button
            variant="quiet"
            className="-ml-4"
            aria-label={t.readAgainNamed(place.name)}
            onClick={onReadAgain}
          >
            {t.readAgain}
          </Button>
        </>
      )}
    </li>
  );
}
