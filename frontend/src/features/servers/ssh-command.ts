// Reads what people have at hand: "user@host:port", an ssh:// address, or a whole ssh command line.

export type SshAddress = {
  host: string;
  /** null: not said, so 22. */
  port: number | null;
  /** null: not said. */
  username: string | null;
  /** Sentences about what was in the text and was not taken over. */
  notes: string[];
};

export type SshCommand = { ok: true; address: SshAddress } | { ok: false; problem: string };

/** ssh(1), OpenSSH 10: the options that take a value. */
const WITH_VALUE = 'BbcDEeFIiJLlmOoPpQRSWw';
/** Longer is no command that a person pastes. */
const MAX_LENGTH = 4096;

type Draft = { host: string | null; port: string | null; username: string | null; notes: Set<string> };

/** Never throws: what it cannot read, it says in `problem`. As in ssh, the first value of an option counts. */
export function parseSshCommand(text: string): SshCommand {
  if (text.length > MAX_LENGTH) return no('This is too long for an ssh command.');
  const words = splitWords(text.trim().replace(/^[$#>]\s+/, ''));
  if (words === null) return no('A quotation mark is not closed.');
  if (words[0] === 'ssh' || words[0]?.endsWith('/ssh')) words.shift();
  if (words.length === 0) return no('Paste an address such as deploy@203.0.113.7 or an ssh command.');

  const draft: Draft = { host: null, port: null, username: null, notes: new Set() };
  while (words.length > 0) {
    const word = words.shift() ?? '';
    if (word === '--') continue;
    if (word.length > 1 && word.startsWith('-')) {
      const problem = readOptions(word.slice(1), words, draft);
      if (problem !== null) return no(problem);
    } else if (draft.host === null) {
      readDestination(word, draft);
    } else {
      draft.notes.add('The command after the address is left out: Buoy only needs the way in.');
      break;
    }
  }
  return finish(draft);
}

/** One word of options, such as "v", "p2222" or "vp" with its value in the next word. */
function readOptions(letters: string, words: string[], draft: Draft): string | null {
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    if (!/[A-Za-z0-9]/.test(letter)) return `"-${letters}" is not an option of ssh.`;
    if (!WITH_VALUE.includes(letter)) continue;
    const value = at + 1 < letters.length ? letters.slice(at + 1) : words.shift();
    if (value === undefined) return `The option -${letter} needs a value.`;
    readOption(letter, value, draft);
    return null;
  }
  return null;
}

function readOption(letter: string, value: string, draft: Draft): void {
  if (letter === 'p') draft.port ??= value;
  else if (letter === 'l') draft.username ??= value;
  else if (letter === 'i') noteKeyFile(value, draft);
  else if (letter === 'J') noteJump(value, draft);
  else if (letter === 'o') readSetting(value, draft);
  else if (letter === 'F')
    draft.notes.add(`The file ${value} is on your computer: Buoy cannot read settings from it.`);
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
      draft.notes.add(`The address is really ${value} (HostName): put that in as the host.`);
      break;
    case 'identityfile':
      noteKeyFile(value, draft);
      break;
    case 'proxyjump':
      noteJump(value, draft);
      break;
  }
}

function noteKeyFile(file: string, draft: Draft): void {
  draft.notes.add(`The key file ${file} is on your computer: paste what is in it below as the private key.`);
}

function noteJump(jump: string, draft: Draft): void {
  draft.notes.add(`This goes through the jump host ${jump}: add that server first, then choose it below.`);
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
  if (host === null || host === '') return no('There is no address in this.');
  if (/[\s/\\@[\]]/.test(host) || host.startsWith('-'))
    return no(`"${host}" is not a host name or an IP address.`);
  if (port !== null && !isPort(port))
    return no(`"${port}" is not a port: ports are numbers from 1 to 65535.`);
  return {
    ok: true,
    address: { host, port: port === null ? null : Number(port), username, notes: [...notes] },
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

function no(problem: string): SshCommand {
  return { ok: false, problem };
}
