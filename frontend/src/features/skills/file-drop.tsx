// A drop zone with a file button; rejects files that cannot be a skill.
import { type DragEvent, useState } from 'react';
import { useFormats } from '../../i18n/use-formats.ts';
import { useTexts } from '../../i18n/use-texts.ts';
import { buttonClass } from '../../ui/button.tsx';
import { skillsTexts } from './texts.ts';
import { MAX_UPLOAD_BYTES, uploadProblem } from './upload-file.ts';

export function FileDrop({ onChoose }: { onChoose: (file: File) => void }) {
  const t = useTexts(skillsTexts);
  const formats = useFormats();
  const [isOver, setOver] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const take = (files: FileList | null) => {
    const [file, ...more] = files ?? [];
    if (file === undefined) return;
    const found = more.length > 0 ? 'many' : uploadProblem(file);
    if (found === null) onChoose(file);
    else setProblem(t[`file_${found}`](formats.bytes(MAX_UPLOAD_BYTES)));
  };
  const over = (isThere: boolean) => (event: DragEvent) => {
    event.preventDefault();
    setOver(isThere);
  };
  return (
    <section
      aria-label={t.dropHere}
      onDragEnter={over(true)}
      onDragOver={over(true)}
      onDragLeave={over(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        take(event.dataTransfer.files);
      }}
      className={`rounded-lg border-2 border-dashed px-4 py-8 text-center ${isOver ? 'border-accent bg-accent/8' : 'border-edge'}`}
    >
      <p className="font-medium">{t.dropHere}</p>
      <p className="mx-auto mt-1 max-w-prose text-sm text-muted">
        {t.dropHint(formats.bytes(MAX_UPLOAD_BYTES))}
      </p>
      <label
        className={`${buttonClass('primary')} mt-4 cursor-pointer has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent`}
      >
        <input
          type="file"
          accept=".zip,.md,.markdown,application/zip,text/markdown"
          onChange={({ target }) => {
            take(target.files);
            // The same file may be chosen again after it was mended.
            target.value = '';
          }}
          className="sr-only"
        />
        {t.chooseFile}
      </label>
      <p role="alert" className="mt-3 text-sm text-down empty:hidden">
        {problem}
      </p>
    </section>
  );
}
