// A document for xterm that keeps to the content security policy: xterm styles itself by <style> elements and style attributes, which
// the policy forbids. Here the same rules go in through the CSSOM, which it allows.
import type { Terminal } from '@xterm/xterm';

export type StyledDocument = {
  /** For xterm's option `documentOverride`. */
  document: Document;
  /** Opens the terminal, also with those of its parts that do not ask for the option. */
  open(terminal: Terminal, host: HTMLElement): void;
  /** Takes the rules out again. */
  dispose(): void;
};

/** Of xterm 6.0: what makes the letters takes the page's own document. Nothing but their colours is lost where this is not so. */
type Internals = {
  _core?: { _renderService?: { _renderer?: { value?: { _rowFactory?: { _document: Document } } } } };
};

export function createStyledDocument(real: Document): StyledDocument {
  const sheets = new Set<CSSStyleSheet>();
  const adopt = (wanted: readonly CSSStyleSheet[]): void => {
    real.adoptedStyleSheets = [...wanted];
  };
  const remove = (sheet: CSSStyleSheet): void => {
    sheets.delete(sheet);
    adopt(real.adoptedStyleSheets.filter((one) => one !== sheet));
  };
  const createReal = (name: string): HTMLElement => Document.prototype.createElement.call(real, name);

  /** Looks to xterm like a <style> element: it writes the rules as text, and removes it. */
  const createStyle = (): HTMLElement => {
    const sheet = new CSSStyleSheet();
    let text = '';
    sheets.add(sheet);
    adopt([...real.adoptedStyleSheets, sheet]);
    const placeholder = createReal('template');
    Object.defineProperty(placeholder, 'textContent', {
      get: () => text,
      set: (rules: string) => {
        text = rules;
        sheet.replaceSync(rules);
      },
    });
    placeholder.remove = () => {
      remove(sheet);
      Element.prototype.remove.call(placeholder);
    };
    return placeholder;
  };

  const createElement = (name: string): HTMLElement => {
    if (name === 'style') return createStyle();
    const element = createReal(name);
    element.setAttribute = (attribute, value) => {
      if (attribute === 'style') element.style.cssText = value;
      else Element.prototype.setAttribute.call(element, attribute, value);
    };
    return element;
  };

  const styled = new Proxy(real, {
    get(target, key) {
      if (key === 'createElement') return createElement;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });

  return {
    document: styled,
    open(terminal, host) {
      // The scrollbar's style is made by the page's own document, while the terminal opens.
      real.createElement = createElement as typeof real.createElement;
      try {
        terminal.open(host);
      } finally {
        Reflect.deleteProperty(real, 'createElement');
      }
      const rows = (terminal as Internals)._core?._renderService?._renderer?.value?._rowFactory;
      if (rows !== undefined) rows._document = styled;
    },
    dispose() {
      for (const sheet of sheets) remove(sheet);
    },
  };
}
