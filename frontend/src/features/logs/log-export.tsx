// Copies or downloads the displayed log lines.
import { useState } from 'react';
import { useTexts } from '../../i18n/use-texts.ts';
import { Button } from '../../ui/button.tsx';
import { saveFile } from '../../ui/save-file.ts';
import { type LogEntry, logAsText } from './log-lines.ts';
import { logsTexts } from './texts.ts';

export function LogExport({ entries, serverName }: { entries: readonly LogEntry[]; serverName: string }) {
  const t = useTexts(logsTexts);
  const [said, setSaid] = useState('');
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(logAsText(entries));
      setSaid(t.copied);
    } catch {
      // Pages opened by plain http have no clipboard.
      setSaid(t.noClipboard);
    }
  };
  const save = () => {
    const day = new Date().toISOString().slice(0, 19).replaceAll(':', '-');
    const place = serverName.replace(/[^\p{L}\p{N}._-]+/gu, '-');
    saveFile(new Blob([logAsText(entries)], { type: 'text/plain' }), `${place}-openclaw-${day}Z.log`);
  };
  return (
    <>
      <Button disabled={entries.length === 0} onClick={() => void copy()}>
        {t.copy}
      </Button>
      <Button disabled={entries.length === 0} onClick={save}>
        {t.download}
      </Button>
      <span role="status" className="text-sm text-muted">
        {said}
      </span>
    </>
  );
}
