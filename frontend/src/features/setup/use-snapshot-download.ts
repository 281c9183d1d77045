// Downloads one sealed snapshot with the session token, and hands the whole file to the browser.
import { useEffect, useRef, useState } from 'react';
import { useServices } from '../../services.ts';
import { saveFile } from '../../ui/save-file.ts';

type SnapshotDownload =
  | { phase: 'none' }
  | { phase: 'receiving'; receivedBytes: number }
  | { phase: 'saved' }
  | { phase: 'failed'; problem: Error };

/** It ends with the component that shows it. A file that breaks off is not saved. */
export function useSnapshotDownload(
  serverId: string,
  snapshotId: string,
): { download: SnapshotDownload; start(): void; cancel(): void } {
  const { api } = useServices();
  const [download, setDownload] = useState<SnapshotDownload>({ phase: 'none' });
  const cancel = useRef<AbortController>(null);
  useEffect(() => () => cancel.current?.abort(), []);

  const run = async ({ signal }: AbortController) => {
    setDownload({ phase: 'receiving', receivedBytes: 0 });
    try {
      const path = `/servers/${encodeURIComponent(serverId)}/setup/snapshots/${encodeURIComponent(snapshotId)}/download`;
      const stream = await api.openStream(path, { lastEventId: null, signal });
      let receivedBytes = 0;
      const counted = stream.pipeThrough(
        new TransformStream<Uint8Array, Uint8Array>({
          transform(bytes, controller) {
            receivedBytes += bytes.length;
            setDownload({ phase: 'receiving', receivedBytes });
            controller.enqueue(bytes);
          },
        }),
      );
      // The browser keeps a large one on its disk.
      const file = await new Response(counted).blob();
      signal.throwIfAborted();
      saveFile(file, `${snapshotId}.tar.gz.sealed`);
      setDownload({ phase: 'saved' });
    } catch (error) {
      setDownload(
        signal.aborted
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
