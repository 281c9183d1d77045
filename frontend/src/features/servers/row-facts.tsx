// The last known OpenClaw facts of a row: version, channels, disk.
import type { Server } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useTimedText } from '../../ui/clock.ts';
import { VisibleText } from '../../ui/visible-text.tsx';
import { homeTexts } from './home-texts.ts';
import type { StatusAnswer } from './known-statuses.ts';

/** A share of the disk; from here on it is worth a word. */
const FULL_FROM = 0.85;
/** Milliseconds; what is older says so. */
const OLD_AFTER_MS = 300_000;

/** @param known null when not read since the app was opened; the list alone contains only the version */
export function RowFacts({ server, known }: { server: Server; known: StatusAnswer | null }) {
  const t = useTexts(homeTexts);
  const { installed, version } = server.openclaw;
  if (installed === null) return t.openclawNotChecked;
  if (!installed) return t.noOpenclaw;
  return (
    <span className="inline-flex max-w-full gap-x-2 @3xl:grid @3xl:w-full @3xl:grid-cols-[6rem_minmax(0,1fr)_minmax(0,auto)]">
      <span className="truncate">
        <VisibleText text={version ?? t.versionUnknown} />
      </span>
      {known !== null && <StatusFacts answer={known} />}
    </span>
  );
}

function StatusFacts({ answer: { status, observedAt } }: { answer: StatusAnswer }) {
  const t = useTexts(homeTexts);
  const formats = useFormats();
  const age = useTimedText((now) =>
    now - Date.parse(observedAt) > OLD_AFTER_MS ? ` (${t.asOf(formats.age(observedAt, now))})` : '',
  );
  const { disk } = status;
  const share = disk === null || disk.totalBytes === 0 ? null : 1 - disk.availableBytes / disk.totalBytes;
  return (
    <>
      <Channels channels={status.channels} />
      <span className="shrink-0">
        {share !== null &&
          (share >= FULL_FROM ? (
            <span className="font-medium text-unreachable">{t.diskFull(formats.percent(share))}</span>
          ) : (
            t.diskUsed(formats.percent(share))
          ))}
        {age}
      </span>
    </>
  );
}

function Channels({ channels }: { channels: StatusAnswer['status']['channels'] }) {
  const t = useTexts(homeTexts);
  const wanted = channels.filter(({ state }) => state !== 'disabled' && state !== 'not_configured');
  const off = wanted.filter(({ state }) => state === 'disconnected' || state === 'stopped');
  if (off.length > 0)
    return (
      <span className="truncate font-medium text-down">
        {t.channelsDown([...new Set(off.map(({ id }) => id))].join(', '))}
      </span>
    );
  return <span className="truncate">{wanted.length === 0 ? t.noChannels : t.channelsUp(wanted.length)}</span>;
}
