// One backup: time, size, verification, checksum and download.
import type { Backup } from '@buoy/contract';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { ProblemWords } from '../../ui/problem-words.tsx';
import { uiTexts } from '../../ui/texts.ts';
import { backupTexts } from './texts.ts';
import { type Download, useDownload } from './use-download.ts';

export function BackupRow({ backup, now }: { backup: Backup; now: number }) {
  const { telegram } = useServices();
  const t = useTexts(backupTexts);
  const { copy } = useTexts(uiTexts);
  const formats = useFormats();
  const { download, start, cancel } = useDownload(backup);
  const { filename, createdAt, sizeBytes, sha256, verified } = backup;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 @3xl:grid-cols-[minmax(0,1fr)_8rem_15rem_8rem]">
      <div className="min-w-0">
        <p className="font-medium">{formats.moment(createdAt)}</p>
        <p className="text-xs text-muted">
          {formats.age(createdAt, now)} · {formats.bytes(sizeBytes)}
        </p>
      </div>
      <p className={`justify-self-end text-sm @3xl:justify-self-start ${verified ? 'text-up' : 'text-down'}`}>
        <span aria-hidden="true">{verified ? '✓' : '✗'}</span> {verified ? t.verified : t.notVerified}
      </p>
      <div className="flex min-h-11 min-w-0 items-center gap-x-2 text-xs text-muted">
        {download.phase === 'receiving' ? (
          <Progress filename={filename} receivedBytes={download.receivedBytes} sizeBytes={sizeBytes} />
        ) : (
          <>
            <span>SHA-256</span>
            <Copyable
              value={sha256}
              label={copy}
              name={t.copySha(filename)}
              codeClass="inline-block max-w-[10ch] truncate"
            />
          </>
        )}
      </div>
      {/* Telegram's window has nowhere to save a file to. */}
      {telegram === null && (
        <div className="justify-self-end">
          {download.phase === 'receiving' ? (
            <Button onClick={cancel}>{t.cancel}</Button>
          ) : (
            <Button aria-label={t.downloadOf(filename)} onClick={start}>
              {t.download}
            </Button>
          )}
        </div>
      )}
      <div className="col-span-full text-sm empty:hidden @3xl:justify-self-end">
        <Outcome backup={backup} download={download} />
      </div>
    </li>
  );
}

function Progress({
  filename,
  receivedBytes,
  sizeBytes,
}: {
  filename: string;
  receivedBytes: number;
  sizeBytes: number;
}) {
  const t = useTexts(backupTexts);
  const formats = useFormats();
  return (
    <div className="min-w-0 flex-1">
      <progress
        aria-label={t.downloading(filename)}
        max={sizeBytes}
        value={receivedBytes}
        className="meter block"
      />
      <p className="mt-1 whitespace-nowrap">
        {receivedBytes >= sizeBytes
          ? t.checking
          : t.received(formats.bytes(receivedBytes), formats.bytes(sizeBytes))}
      </p>
    </div>
  );
}

function Outcome({ backup, download }: { backup: Backup; download: Download }) {
  const t = useTexts(backupTexts);
  const formats = useFormats();
  if (download.phase === 'failed') return <ProblemNote problem={download.problem} />;
  if (download.phase !== 'ended') return null;
  const { received } = download;
  switch (received.outcome) {
    case 'matches':
      return (
        <p role="status" className="text-up">
          {t.matches}
        </p>
      );
    case 'unchecked':
      return (
        <p role="status">
          {t.unchecked} <code className="font-mono text-xs select-all">sha256sum {backup.filename}</code>
        </p>
      );
    case 'broke off': {
      const words = t.brokeOff(formats.bytes(received.receivedBytes), formats.bytes(backup.sizeBytes));
      return <Failure message={words} hint={t.brokeOffHint} />;
    }
    case 'other file':
      return <Failure message={t.otherFile} hint={t.otherFileHint} />;
  }
}

function Failure({ message, hint }: { message: string; hint: string }) {
  return (
    <div role="alert">
      <ProblemWords code={null} message={message} hint={hint} />
    </div>
  );
}
