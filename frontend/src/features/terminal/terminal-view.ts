// xterm itself, fetched only where a terminal is opened.
import '@xterm/xterm/css/xterm.css';
import { FitAddon } from '@xterm/addon-fit';
import { Terminal } from '@xterm/xterm';
import { codeOf, controlled, type ScreenKey } from './key-codes.ts';
import type { TerminalSize } from './terminal-connection.ts';
import { createStyledDocument } from './terminal-document.ts';
import { themeOf, watchTheme } from './terminal-theme.ts';

/** Lines that can be scrolled back to. */
const SCROLLBACK = 5_000;
/** WCAG 2.2 AA for text: programs choose their colours for other grounds than ours. */
const MIN_CONTRAST = 4.5;
const FONT_PX = 14;
/** On a narrow screen, for some more columns. */
const SMALL_FONT_PX = 13;
const NARROW_PX = 480;

export type ViewSettings = {
  /** What a screen reader calls the place to type. */
  label: string;
  onInput: (text: string) => void;
  onResize: (size: TerminalSize) => void;
  /** Ctrl of the screen's keys is used up by what was typed. */
  onControlUsed: () => void;
  /** The person leaves by keyboard. */
  onLeave: () => void;
};

export type TerminalView = {
  size(): TerminalSize;
  write(bytes: Uint8Array | string, onShown?: () => void): void;
  /** As if that key was pressed. */
  press(key: ScreenKey): void;
  /** The next character is typed with Ctrl. */
  holdControl(isHeld: boolean): void;
  paste(text: string): void;
  /** The selected text, or what can be seen where nothing is selected. */
  text(): string;
  setScreenReader(isOn: boolean): void;
  focus(): void;
  dispose(): void;
};

/** @param host an element with a size, empty */
export function mountTerminalView(host: HTMLElement, settings: ViewSettings): TerminalView {
  const styled = createStyledDocument(document);
  const fit = new FitAddon();
  Terminal.strings.promptLabel = settings.label;
  const terminal = new Terminal({
    documentOverride: styled.document,
    theme: themeOf(host),
    minimumContrastRatio: MIN_CONTRAST,
    fontFamily: getComputedStyle(host).fontFamily,
    fontSize: host.clientWidth < NARROW_PX ? SMALL_FONT_PX : FONT_PX,
    scrollback: SCROLLBACK,
    cursorBlink: !window.matchMedia('(prefers-reduced-motion: reduce)').matches,
    macOptionIsMeta: true,
  });
  let isControlHeld = false;

  terminal.loadAddon(fit);
  styled.open(terminal, host);
  fit.fit();
  terminal.onData((data) => {
    const isTyped = isControlHeld && data !== '' && !data.startsWith('\x1b');
    settings.onInput(isTyped ? controlled(data) : data);
    if (isTyped) {
      isControlHeld = false;
      settings.onControlUsed();
    }
  });
  terminal.onResize(({ cols, rows }) => settings.onResize({ columns: cols, rows }));
  terminal.attachCustomKeyEventHandler((event) => {
    const isPressed = event.type === 'keydown';
    if (event.key === 'Escape' && event.shiftKey) {
      if (isPressed) settings.onLeave();
      return false;
    }
    // Ctrl-C is for the shell.
    if (event.code === 'KeyC' && event.ctrlKey && event.shiftKey && terminal.hasSelection()) {
      event.preventDefault();
      if (isPressed) void navigator.clipboard?.writeText(terminal.getSelection());
      return false;
    }
    return true;
  });
  const sized = new ResizeObserver(() => fit.fit());
  sized.observe(host);
  const unwatch = watchTheme(() => {
    terminal.options.theme = themeOf(host);
  });

  return {
    size: () => ({ columns: terminal.cols, rows: terminal.rows }),
    write: (bytes, onShown) => terminal.write(bytes, onShown),
    press(key) {
      terminal.input(codeOf(key, terminal.modes.applicationCursorKeysMode, isControlHeld));
      if (!isControlHeld) return;
      isControlHeld = false;
      settings.onControlUsed();
    },
    holdControl(isHeld) {
      isControlHeld = isHeld;
    },
    paste: (text) => terminal.paste(text),
    text() {
      if (terminal.hasSelection()) return terminal.getSelection();
      const { active } = terminal.buffer;
      const lines = Array.from({ length: terminal.rows }, (_, row) =>
        active.getLine(active.viewportY + row)?.translateToString(true),
      );
      return lines.join('\n').trimEnd();
    },
    setScreenReader(isOn) {
      terminal.options.screenReaderMode = isOn;
    },
    focus: () => terminal.focus(),
    dispose() {
      sized.disconnect();
      unwatch();
      terminal.dispose();
      styled.dispose();
    },
  };
}
