// An editor for files and JSON. A plain text field works while it loads, and stays if it fails to load.
import { type RefObject, useEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { useTexts } from '../i18n/use-texts.ts';
import { useServices } from '../services.ts';
import { codeEditorPhrases } from './code-editor-texts.ts';
import type { EditorLanguage, MountedEditor, mountEditor, Selected } from './code-editor-view.ts';
import { controlClass } from './field.tsx';

type Mount = typeof mountEditor;

type CodeEditorProps = {
  /** What a screen reader calls it. */
  label: string;
  language: EditorLanguage;
  /** With `\n` between lines; the editor knows no other end of a line. */
  value: string;
  /** Absent: it is only read. */
  onChange?: ((value: string) => void) | undefined;
  /** Another version of the text: shows what is different, and takes either side of each difference. */
  compareWith?: string;
};

export function CodeEditor(props: CodeEditorProps) {
  const { label, value, onChange } = props;
  const plain = useRef<HTMLTextAreaElement>(null);
  const [loaded, setLoaded] = useState<{ mount: Mount; selected: Selected | null } | null>(null);
  const { telegram } = useServices();
  // Scrolling in an editor must not close the app.
  useEffect(() => telegram?.withoutSwipes(), [telegram]);
  useEffect(() => {
    let isThere = true;
    import('./code-editor-view.ts').then(
      ({ mountEditor: mount }) => {
        if (!isThere) return;
        const { current: field } = plain;
        const selected =
          field !== null && document.activeElement === field
            ? { from: field.selectionStart, to: field.selectionEnd }
            : null;
        // Immediately: input between this check and the mount of the editor would be lost with the field.
        flushSync(() => setLoaded({ mount, selected }));
      },
      () => undefined,
    );
    return () => {
      isThere = false;
    };
  }, []);
  if (loaded !== null) return <Mounted {...props} mount={loaded.mount} selected={loaded.selected} />;
  return (
    <textarea
      ref={plain}
      aria-label={label}
      className={`${controlClass} min-h-96 font-mono text-sm`}
      readOnly={onChange === undefined}
      value={value}
      onChange={(event) => onChange?.(event.target.value)}
    />
  );
}

function Mounted({
  mount,
  selected,
  label,
  language,
  value,
  onChange,
  compareWith,
}: CodeEditorProps & { mount: Mount; selected: Selected | null }) {
  const phrases = useTexts(codeEditorPhrases);
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<MountedEditor>(null);
  const latest = useLatest({ value, onChange, selected });
  const isReadOnly = onChange === undefined;
  useEffect(() => {
    if (host.current === null) return;
    const mounted = mount(host.current, {
      text: latest.current.value,
      language,
      label,
      isReadOnly,
      compareWith: compareWith ?? null,
      phrases,
      onChange: (text) => latest.current.onChange?.(text),
    });
    editor.current = mounted;
    if (latest.current.selected !== null) mounted.focus(latest.current.selected);
    return () => mounted.destroy();
  }, [mount, latest, label, language, isReadOnly, compareWith, phrases]);
  useEffect(() => editor.current?.setText(value), [value]);
  return <div ref={host} className="min-h-96" />;
}

/** A box with what the last rendering was given, for what is called later. */
function useLatest<T>(value: T): RefObject<T> {
  const box = useRef(value);
  box.current = value;
  return box;
}
