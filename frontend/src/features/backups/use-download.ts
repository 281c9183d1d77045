// Downloads one backup with the session token, reports progress, and verifies the file before saving it.
import type { Backup } from '@buoy/contract';
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { saveFile } from '../../ui/save-file.ts';
import { type ReceiveResult, receiveBackup } from './receive-backup.ts';

export type Download =
  | { phase: 'none' }
  | { phase: 'receiving'; receivedBytes: number }
  | { phase: 'ended'; received: ReceiveResult }
  | { phase: 'failed'; problem: Error };

/** Missing on pages opened by plain http. */
const subtle = globalThis.crypto.subtle as SubtleCrypto | undefined;

/** It ends with the component that shows it. */
export function useDownload(backup: Backup): { download: Download; start(): void; cancel(): void } {
  const { api } = useServices();
  const [download, setDownload] = useState<Download>({ phase: 'none' });
  const cancel = useRef<AbortController>(null);
  useEffect(() => () => cancel.current?.abort(), []);

  const run = async (abort: AbortController) => {
    setDownload({ phase: 'receiving', receivedBytes: 0 });
    try {
      const path = `/admin/backups/download/${encodeURIComponent(backup.filename)}`;
      const received = await receiveBackup(
        backup,
        (signal) => api.openStream(path, { lastEventId: null, signal }),
        {
          digest: subtle === undefined ? null : (data) => subtle.digest('SHA-256', data),
          onProgress: (receivedBytes) => setDownload({ phase: 'receiving', receivedBytes }),
          signal: abort.signal,
        },
      );
      abort.signal.throwIfAborted();
      if ('file' in received) saveFile(received.file, backup.filename);
      setDownload({ phase: 'ended', received });
    } catch (error) {
      setDownload(
        abort.signal.aborted
          ? { phase: 'none' }
          : { phase: 'failed', problem: error instanceof Error ? error : new Error(String(error)) },
      );
    }
  };
  return {
    download,
    start() {
      cancel.current = new AbortController();
      void run(cancel.current);
    },
    cancel: () => cancel.current?.abort(),
  };
}
