// One backup: when, how large, whether it was found whole, its fingerprint, and the way to take it away.
import type { Backup } from '@buoy/contract';
import { useServices } from '../../services.ts';
import { formatAge, formatMoment } from '../../ui/age.ts';
import { Button } from '../../ui/button.tsx';
import { formatBytes } from '../../ui/bytes.ts';
import { Copyable } from '../../ui/copyable.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { type Download, useDownload } from './use-download.ts';

export function BackupRow({ backup, now }: { backup: Backup; now: number }) {
  const { telegram } = useServices();
  const { download, start, cancel } = useDownload(backup);
  const { filename, createdAt, sizeBytes, sha256, verified } = backup;
  return (
    <li className="grid grid-cols-[minmax(0,1fr)_auto] items-center gap-x-4 gap-y-1 border-b border-line px-4 py-3 last:border-b-0 @3xl:grid-cols-[minmax(0,1fr)_8rem_15rem_8rem]">
      <div className="min-w-0">
        <p className="font-medium">{formatMoment(createdAt)}</p>
        <p className="text-xs text-muted">
          {formatAge(createdAt, now)} · {formatBytes(sizeBytes)}
        </p>
      </div>
      <p className={`justify-self-end text-sm @3xl:justify-self-start ${verified ? 'text-up' : 'text-down'}`}>
        {verified ? '✓ Verified' : '✗ Not verified'}
      </p>
      <div className="flex min-h-11 min-w-0 items-center gap-x-2 text-xs text-muted">
        {download.phase === 'receiving' ? (
          <Progress filename={filename} receivedBytes={download.receivedBytes} sizeBytes={sizeBytes} />
        ) : (
          <>
            <span>SHA-256</span>
            <Copyable
              value={sha256}
              label="Copy"
              name={`Copy the SHA-256 of ${filename}`}
              codeClass="inline-block max-w-[10ch] truncate"
            />
          </>
        )}
      </div>
      {/* Telegram's window has nowhere to save a file to. */}
      {telegram === null && (
        <div className="justify-self-end">
          {download.phase === 'receiving' ? (
            <Button onClick={cancel}>Cancel</Button>
          ) : (
            <Button aria-label={`Download ${filename}`} onClick={start}>
              Download
            </Button>
          )}
        </div>
      )}
      <div className="col-span-full text-sm empty:hidden @3xl:justify-self-end">
        <Outcome filename={filename} download={download} />
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
  return (
    <div className="min-w-0 flex-1">
      <progress
        aria-label={`Downloading ${filename}`}
        max={sizeBytes}
        value={receivedBytes}
        className="meter block"
      />
      <p className="mt-1 whitespace-nowrap">
        {receivedBytes >= sizeBytes
          ? 'Checking…'
          : `${formatBytes(receivedBytes)} of ${formatBytes(sizeBytes)}`}
      </p>
    </div>
  );
}

function Outcome({ filename, download }: { filename: string; download: Download }) {
  if (download.phase === 'failed') return <ProblemNote problem={download.problem} />;
  if (download.phase !== 'saved') return null;
  if (download.check === 'matches')
    return (
      <p role="status" className="text-up">
        Downloaded; its SHA-256 matches.
      </p>
    );
  return (
    <p role="status">
      Downloaded, but not checked here. Compare the SHA-256 with that of{' '}
      <code className="font-mono text-xs select-all">sha256sum {filename}</code>
    </p>
  );
}
