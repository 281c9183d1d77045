// Exports the filtered audit log: fetched with the session token, handed to the browser's downloads.
import { useMutation } from '@tanstack/react-query';
import { useTexts } from '../../i18n/use-texts.ts';
import { useServices } from '../../services.ts';
import { Button } from '../../ui/button.tsx';
import { ProblemNote } from '../../ui/problem-note.tsx';
import { saveFile } from '../../ui/save-file.ts';
import type { AuditFilter } from './admin-queries.ts';
import { adminTexts } from './texts.ts';

export function AuditExport({ filter }: { filter: AuditFilter }) {
  const { api, telegram } = useServices();
  const t = useTexts(adminTexts);
  const fetchLog = useMutation({
    mutationFn: async () => {
      const path = `/admin/audit/export?${new URLSearchParams(filter)}`;
      const stream = await api.openStream(path, {
        lastEventId: null,
        signal: new AbortController().signal,
      });
      // The browser's message for a broken stream explains nothing.
      const file = await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
        .blob()
        .catch(() => Promise.reject(new Error(t.exportBroke)));
      saveFile(file, 'buoy-audit.jsonl');
    },
  });
  if (telegram !== null) return <p className="text-sm text-muted">{t.notInTelegram}</p>;
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-1">
        <Button disabled={fetchLog.isPending} onClick={() => fetchLog.mutate()}>
          {fetchLog.isPending ? t.exporting : t.exportLog}
        </Button>
        <p role="status" className="text-sm text-muted">
          {fetchLog.isSuccess && t.exported}
        </p>
      </div>
      {fetchLog.error !== null && <ProblemNote problem={fetchLog.error} />}
    </>
  );
}
