// Reads what people have at hand: "user@host:port", an ssh:// address, or a whole ssh command line.

export type SshAddress = {
  host: string;
  /** null: not said, so 22. */
  port: number | null;
  /** null: not said. */
  username: string | null;
  /** What was in the text and was not taken over. */
  notes: SshNote[];
};

/** `value`: the part of the text that it is about. The words are in form-texts.ts. */
export type SshNote = {
  kind: 'command' | 'settingsFile' | 'hostName' | 'keyFile' | 'jump';
  value: string;
};
export type SshProblem = {
  kind: 'long' | 'quote' | 'empty' | 'option' | 'value' | 'noHost' | 'host' | 'port';
  value: string;
};

export type SshCommand = { ok: true; address: SshAddress } | { ok: false; problem: SshProblem };

/** ssh(1), OpenSSH 10: the options that take a value. */
const WITH_VALUE = 'BbcDEeFIiJLlmOoPpQRSWw';
/** Longer is no command that a person pastes. */
const MAX_LENGTH = 4096;

type Draft = { host: string | null; port: string | null; username: string | null; notes: SshNote[] };

/** Never throws: what it cannot read, it says in `problem`. As in ssh, the first value of an option counts. */
export function parseSshCommand(text: string): SshCommand {
  if (text.length > MAX_LENGTH) return no('long');
  const words = splitWords(text.trim().replace(/^[$#>]\s+/, ''));
  if (words === null) return no('quote');
  if (words[0] === 'ssh' || words[0]?.endsWith('/ssh')) words.shift();
  if (words.length === 0) return no('empty');

  const draft: Draft = { host: null, port: null, username: null, notes: [] };
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '--') continue;
    if (word.length > 1 && word.startsWith('-')) {
      const problem = readOptions(word.slice(1), words, draft);
      if (problem !== null) return { ok: false, problem };
    } else if (draft.host === null) {
      readDestination(word, draft);
    } else {
      note(draft, 'command', word);
      break;
    }
  }
  return finish(draft);
}

/** One word of options, such as "v", "p2222" or "vp" with its value in the next word. */
function readOptions(letters: string, words: string[], draft: Draft): SshProblem | null {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (!/[A-Za-z0-9]/.test(letter)) return { kind: 'option', value: `-${letters}` };
    if (!WITH_VALUE.includes(letter)) continue;
    const value = at + 1 < letters.length ? letters.slice(at + 1) : words.shift();
    if (value === undefined) return { kind: 'value', value: `-${letter}` };
    readOption(letter, value, draft);
    return null;
  }
  return null;
}

function readOption(letter: string, value: string, draft: Draft): void {
  if (letter === 'p') draft.port ??= value;
  else if (letter === 'l') draft.username ??= value;
  else if (letter === 'i') note(draft, 'keyFile', value);
  else if (letter === 'J') note(draft, 'jump', value);
  else if (letter === 'o') readSetting(value, draft);
  else if (letter === 'F') note(draft, 'settingsFile', value);
}

/** `-o Name=value`, as in ssh_config(5). */
function readSetting(setting: string, draft: Draft): void {
  const [, name = '', value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*)$/.exec(setting) ?? [];
  switch (name.toLowerCase()) {
    case 'port':
      draft.port ??= value;
      break;
    case 'user':
      draft.username ??= value;
      break;
    case 'hostname':
      note(draft, 'hostName', value);
      break;
    case 'identityfile':
      note(draft, 'keyFile', value);
      break;
    case 'proxyjump':
      note(draft, 'jump', value);
      break;
  }
}

function note({ notes }: Draft, kind: SshNote['kind'], value: string): void {
  if (!notes.some((known) => known.kind === kind && known.value === value)) notes.push({ kind, value });
}

/** "user@host", "host:port", "[v6]:port", a bare IPv6 address, or "ssh://user@host:port". */
function readDestination(word: string, draft: Draft): void {
  const rest = word.replace(/^ssh:\/\//i, '').replace(/\/$/, '');
  if (rest.includes('/')) {
    draft.host = rest;
    return;
  }
  const at = rest.lastIndexOf('@');
  if (at > 0) draft.username ??= rest.slice(0, at);
  const address = rest.slice(at + 1);
  const [, bracketed, bracketPort] = /^\[([^\]]*)\](?::(.*))?$/.exec(address) ?? [];
  if (bracketed !== undefined) {
    draft.host = bracketed;
    if (bracketPort !== undefined) draft.port ??= bracketPort;
    return;
  }
  const colon = address.indexOf(':');
  const hasPort = colon !== -1 && colon === address.lastIndexOf(':');
  draft.host = hasPort ? address.slice(0, colon) : address;
  if (hasPort) draft.port ??= address.slice(colon + 1);
}

function finish({ host, port, username, notes }: Draft): SshCommand {
  if (host === null || host === '') return no('noHost');
  if (/[\s/\\@[\]]/.test(host) || host.startsWith('-')) return no('host', host);
  if (port !== null && !isPort(port)) return no('port', port);
  return {
    ok: true,
    address: { host, port: port === null ? null : Number(port), username, notes },
  };
}

function isPort(text: string): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535;
}

/** Words as a shell splits them: quotes, and backslashes before any character; null when a quote stays open. */
function splitWords(text: string): string[] | null {
  const words: string[] = [];
  let word = '';
  let isInWord = false;
  let quote = '';
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    const next = text.charAt(at + 1);
    if (character === quote) {
      quote = '';
    } else if (character === '\\' && quote !== "'" && next !== '') {
      // A backslash at the end of a line continues the command on the next one.
      if (next !== '\n') {
        word += next;
        isInWord = true;
      }
      at += 1;
    } else if (quote === '' && (character === '"' || character === "'")) {
      quote = character;
      isInWord = true;
    } else if (quote === '' && /\s/.test(character)) {
      if (isInWord) words.push(word);
      word = '';
      isInWord = false;
    } else {
      word += character;
      isInWord = true;
    }
  }
  if (quote !== '') return null;
  if (isInWord) words.push(word);
  return words;
}

function no(kind: SshProblem['kind'], value = ''): SshCommand {
  return { ok: false, problem: { kind, value } };
}
